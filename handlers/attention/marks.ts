import type { Mark } from '../../shared/attention/facts.ts';
import { markRecord } from '../../shared/state/attention-records.ts';
import { parseStamp, toKey, toStamp } from '../../shared/state/keys.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { putRecord, readRecord } from '../records.ts';

/** Marks say that something was seen of a feed on a day. What was not seen for a day is over. */

/** Kinds of marks that have a day. */
export type DayMark = 'rejects' | 'lost';

const DAY_MS = 86_400_000;

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10).replaceAll('-', '');

interface MarkDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  /** This invocation, named in records. */
  readonly invocation: string;
}

/** What was seen, and of which batch or table. */
interface Seen {
  readonly batch?: string | undefined;
  readonly table?: string | undefined;
  readonly message: string;
}

/** Puts the day's mark, unless it stands. */
export const putDayMark = async (feed: string, kind: DayMark, seen: Seen, deps: MarkDeps): Promise<void> =>
  putMark(feed, `${kind}-${dayOf(deps.clock.now())}`, seen, deps);

/** Puts a mark, unless it stands. */
export const putMark = async (
  feed: string,
  mark: string,
  { batch, table, message }: Seen,
  deps: MarkDeps,
): Promise<void> => {
  const key = toKey({ kind: 'mark', feed, mark });
  const at = new Date(deps.clock.now()).toISOString();
  const record = {
    invocation: deps.invocation,
    at,
    ...(batch === undefined ? {} : { batch }),
    ...(table === undefined ? {} : { table }),
    message,
  };
  await putRecord(deps.records, key, record, markRecord);
};

interface LookDeps {
  readonly records: RecordStore;
  readonly clock: Pick<Clock, 'now'>;
}

/** The marks of a kind that say something, of today or yesterday in UTC, the newest last. */
export const readDayMarks = async (
  feed: string,
  kind: DayMark,
  marks: readonly string[],
  { records, clock }: LookDeps,
): Promise<readonly Mark[]> => {
  const yesterday = `${kind}-${dayOf(clock.now() - DAY_MS)}`;
  const names = marks.filter((name) => name.startsWith(`${kind}-`) && name >= yesterday);
  const read = await Promise.all(names.map((name) => readMark(feed, name, records)));
  return read.filter((mark) => mark !== undefined);
};

/** The newest of them. */
export const readDayMark = async (...of: Parameters<typeof readDayMarks>): Promise<Mark | undefined> =>
  (await readDayMarks(...of)).at(-1);

export const readMark = async (
  feed: string,
  mark: string,
  records: RecordStore,
): Promise<Mark | undefined> => {
  const record = await readRecord(records, toKey({ kind: 'mark', feed, mark }), markRecord);
  if (record === undefined) return undefined;
  const { at, batch, table, message } = record;
  return { atMs: Date.parse(at), batch, ...(table === undefined ? {} : { table }), message };
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

const OVER = 'over-';

/** Until when all failures of the feed are over for good, in epoch milliseconds; undefined where nothing says so. */
export const readOverMs = (marks: readonly string[]): number | undefined => {
  const newest = marks.filter((mark) => mark.startsWith(OVER)).at(-1);
  return newest === undefined ? undefined : parseStamp(newest.slice(OVER.length));
};

/** Says until when they are. The new mark comes first: dying between the two, the newest counts. */
export const putOver = async (
  feed: string,
  overMs: number,
  marks: readonly string[],
  deps: MarkDeps,
): Promise<void> => {
  const mark = `${OVER}${toStamp(overMs)}`;
  await putMark(feed, mark, { message: 'all that failed until then is over' }, deps);
  for (const old of marks.filter((one) => one.startsWith(OVER) && one < mark))
    await deps.records.remove(toKey({ kind: 'mark', feed, mark: old }));
};

/**
 * Landed files were refused, or waited, for the rules that the feed's tables are kept by: nothing but a pass over all landed files finds them. It
 * stands beside the marks of such passes.
 */
export const UNREAD = 'landed-unread';

export const noteUnread = (feed: string, deps: MarkDeps): Promise<void> =>
  putMark(feed, UNREAD, { message: 'landed files wait for the tables of the feed to be made anew' }, deps);

const SEEN = 'seen';

/** When a sweep first saw the feed. */
export const readSeen = async (feed: string, records: RecordStore): Promise<number | undefined> =>
  (await readMark(feed, SEEN, records))?.atMs;

/** Says that a sweep saw the feed, unless that is known. */
export const see = async (feed: string, marks: readonly string[], deps: MarkDeps): Promise<void> => {
  if (!marks.includes(SEEN)) await putMark(feed, SEEN, { message: 'a sweep saw the feed' }, deps);
};
