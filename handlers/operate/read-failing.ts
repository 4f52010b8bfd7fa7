import { toKey } from '../../shared/state/keys.ts';
import { type FailureRecord, failureRecord } from '../../shared/state/operate-records.ts';
import { newestKeys } from '../newest-keys.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readEach } from '../read-each.ts';
import { readRecord } from '../records.ts';
import { readSealed } from '../sweep/staged-batches.ts';
import { type Asking, readAsked, toAsking } from './backfill-request.ts';

/** What fails of a feed, and is tried again by itself. */

export interface Failing extends FailureRecord {
  /** When the first of the failures came that nothing has mended since. */
  readonly since: string;
  /** How often it failed since then. */
  readonly times: number;
  /** There may be more before `since`. */
  readonly isAtLeast: boolean;
  /** Where it is of a range that a person asked for: what asks for it again. */
  readonly asking?: Asking;
}

/** Failures that are looked at: of a feed that fails every 15 minutes, a day's. */
const MOST_LOOKED_AT = 96;

export interface Successes {
  /** When a batch was sealed last, or a document found unchanged: epoch milliseconds, in whole seconds. */
  readonly extractedMs: number;
  readonly pending: ReadonlySet<string>;
}

/** The newest failure that is not over, and since when there are such; undefined where there is none. */
export const readFailing = async (
  feed: string,
  successes: Successes,
  records: RecordStore,
): Promise<Failing | undefined> => {
  const keys: string[] = [];
  for await (const key of newestKeys(records, `failures/${feed}/`)) {
    keys.push(key);
    if (keys.length === MOST_LOOKED_AT) break;
  }
  const read = await readEach(keys, async (key) => {
    const failure = await readRecord(records, key, failureRecord);
    return failure === undefined || (await isOver(failure, successes, records)) ? [] : [failure];
  });
  const open = read.flat();
  const [newest] = open;
  const since = open.at(-1)?.failedAt;
  if (newest === undefined || since === undefined) return undefined;
  const asked = newest.batch === undefined ? undefined : await readAsked(feed, newest.batch, records);
  return {
    ...newest,
    ...{ since, times: open.length, isAtLeast: open.length === MOST_LOOKED_AT },
    ...(asked === undefined ? {} : { asking: toAsking(asked) }),
  };
};

const isOver = async (
  { feed, batch, state, failedAt }: FailureRecord,
  { extractedMs, pending }: Successes,
  records: RecordStore,
): Promise<boolean> => {
  if (state === 'Load') return batch === undefined || !pending.has(batch);
  // S3 tells whole seconds.
  const isBehind = extractedMs >= Math.floor(Date.parse(failedAt) / 1000) * 1000;
  if (batch === undefined) return isBehind;
  if (!/^[fb]-/.test(batch) && isBehind) return true;
  // The schedule reads nothing of a range: what is asked for stays until it is sealed.
  if (batch.startsWith('b-') && (await readAsked(feed, batch, records)) === undefined) return true;
  if ((await records.read(toKey({ kind: 'parked', feed, batch }))) !== undefined) return true;
  return (await readSealed(feed, batch, records)) !== undefined;
};
