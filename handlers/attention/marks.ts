import type { Mark } from '../../shared/attention/facts.ts';
import { markRecord } from '../../shared/state/attention-records.ts';
import { toKey } from '../../shared/state/keys.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { putRecord, readRecord } from '../records.ts';

/** Marks say that something was seen of a feed on a day. What was not seen for a day is over. */

/** Kinds of marks that have a day. */
export type DayMark = 'rejects' | 'lost';

const DAY_MS = 86_400_000;

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10).replaceAll('-', '');

/** Puts the day's mark, unless it stands. */
export const putDayMark = async (
  feed: string,
  kind: DayMark,
  seen: { readonly batch?: string | undefined; readonly message: string },
  deps: { readonly records: RecordStore; readonly clock: Clock; readonly invocation: string },
): Promise<void> => {
  const now = deps.clock.now();
  const key = toKey({ kind: 'mark', feed, mark: `${kind}-${dayOf(now)}` });
  const { batch, message } = seen;
  const at = new Date(now).toISOString();
  const record = { invocation: deps.invocation, at, ...(batch === undefined ? {} : { batch }), message };
  await putRecord(deps.records, key, record, markRecord);
};

/** The newest mark of a kind, of today or yesterday in UTC. */
export const readDayMark = async (
  feed: string,
  kind: DayMark,
  marks: readonly string[],
  { records, clock }: { readonly records: RecordStore; readonly clock: Clock },
): Promise<Mark | undefined> => {
  const yesterday = `${kind}-${dayOf(clock.now() - DAY_MS)}`;
  const mark = marks.findLast((name) => name.startsWith(`${kind}-`) && name >= yesterday);
  return mark === undefined ? undefined : readMark(feed, mark, records);
};

export const readMark = async (
  feed: string,
  mark: string,
  records: RecordStore,
): Promise<Mark | undefined> => {
  const record = await readRecord(records, toKey({ kind: 'mark', feed, mark }), markRecord);
  return record && { atMs: Date.parse(record.at), batch: record.batch, message: record.message };
};

/** Marks of days that say nothing any more. */
export const removeOldMarks = async (
  feed: string,
  marks: readonly string[],
  { records, clock }: { readonly records: RecordStore; readonly clock: Clock },
): Promise<void> => {
  const yesterday = dayOf(clock.now() - DAY_MS);
  const old = marks.filter((mark) => {
    const day = /^(?:rejects|lost)-(\d{8})$/.exec(mark)?.[1];
    return day !== undefined && day < yesterday;
  });
  for (const mark of old) await records.remove(toKey({ kind: 'mark', feed, mark }));
};
