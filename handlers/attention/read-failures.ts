import type { Trouble } from '../../shared/attention/facts.ts';
import { isComparison, parseKeyIfOurs, parseStamp, toDateFolder } from '../../shared/state/keys.ts';
import { type FailureRecord, failureRecord } from '../../shared/state/operate-records.ts';
import { newestKeys } from '../newest-keys.ts';
import { isAskedFor, readCancelled } from '../operate/asked-range.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readEach } from '../read-each.ts';
import { readKnownRecord } from '../records.ts';
import { readSealed } from '../sweep/staged-batches.ts';

/** Failures of a feed that no success has followed. */

/** What failed longer ago and not since is over, or its batch is told by other means. */
const LOOK_BACK_MS = 7 * 86_400_000;

/** Failures that are looked at: of a feed that fails every minute those of three hours. */
const MOST = 200;

/** Batches of landed objects that are looked for; where more fail, these tell enough. */
const MOST_BATCHES = 20;

/** What failed without a batch is tried again by every sweep, or by its schedule. */
const NAMELESS_MS = 3_600_000;

const LOADING = 'Load';

export interface FailureDeps {
  readonly records: RecordStore;
  readonly nowMs: number;
  /** When the newest batch of the feed's schedule was sealed. */
  readonly sealedMs: number | undefined;
  /** Batches that wait for a load. */
  readonly pending: ReadonlySet<string>;
  readonly parked: ReadonlySet<string>;
  readonly hasSchedule: boolean;
}

/** Reads them, the newest last: of extractions and of loads. */
export const readFailures = async (
  feed: string,
  deps: FailureDeps,
): Promise<{ readonly failures: readonly Trouble[]; readonly loadFailures: readonly Trouble[] }> => {
  const keys: string[] = [];
  for await (const key of newestKeys(deps.records, `failures/${feed}/`)) {
    const name = parseKeyIfOurs(key);
    if (name?.kind !== 'failure') continue;
    if (parseStamp(name.stamp) < deps.nowMs - LOOK_BACK_MS || keys.length === MOST) break;
    keys.push(key);
  }
  const read = await readEach(keys.toReversed(), (key) => readKnownRecord(deps.records, key, failureRecord));
  const loads = read.filter(({ state, batch }) => state === LOADING && batch && deps.pending.has(batch));
  const others = read.filter(({ state }) => state !== LOADING);
  const isOver = await lookForBatches(feed, others, deps);
  return {
    failures: others.filter((one) => !isOver(one)).map(toTrouble),
    loadFailures: loads.map(toTrouble),
  };
};

const toTrouble = ({ failedAt, batch, asked, state, error, message }: FailureRecord): Trouble => ({
  atMs: Date.parse(failedAt),
  batch,
  asked,
  state,
  error,
  message,
});

/** Windows follow each other, so that any later seal says that one is over; of all else the batch itself has to be there. */
const isOfSchedule = (batch: string | undefined): boolean => batch === undefined || /^[ws]-/.test(batch);

const lookForBatches = async (
  feed: string,
  failures: readonly FailureRecord[],
  deps: FailureDeps,
): Promise<(failure: FailureRecord) => boolean> => {
  const named = failures.flatMap(({ batch }) => (batch === undefined || isOfSchedule(batch) ? [] : [batch]));
  const some = [...new Set(named.toReversed())].slice(0, MOST_BATCHES);
  const over = new Set<string>();
  for (const batch of some) {
    const isDone = isComparison(batch) ? hasLaterComparison : isSealedOrCancelled;
    if (deps.parked.has(batch) || (await isDone(feed, batch, deps))) over.add(batch);
  }
  return ({ batch, failedAt }) => {
    const failedMs = Date.parse(failedAt);
    if (batch !== undefined && !isOfSchedule(batch)) return over.has(batch) || !some.includes(batch);
    // S3 tells when a seal was put in whole seconds.
    const failedSecond = Math.floor(failedMs / 1000) * 1000;
    const isBehind = deps.sealedMs !== undefined && deps.sealedMs >= failedSecond;
    if (!deps.hasSchedule) return isBehind || deps.nowMs - failedMs > NAMELESS_MS;
    return isBehind || deps.parked.has(batch ?? '');
  };
};

/** What was cancelled nobody reads any more. */
const isSealedOrCancelled = async (feed: string, batch: string, { records }: FailureDeps): Promise<boolean> =>
  (await readSealed(feed, batch, records)) !== undefined ||
  (isAskedFor(batch) && (await readCancelled(feed, batch, records)) !== undefined);

/** The next time of its schedule compares all keys anew. Names sort as their times. */
const hasLaterComparison = async (
  feed: string,
  batch: string,
  { records, nowMs }: FailureDeps,
): Promise<boolean> => {
  const from = parseStamp(batch.slice('k-'.length));
  for (let day = from; day < nowMs + 86_400_000; day += 86_400_000) {
    const { keys } = await records.list(`batches/${feed}/${toDateFolder(day)}/k-`);
    const isLater = (key: string): boolean => {
      const name = parseKeyIfOurs(key);
      return name?.kind === 'batch' && name.batch >= batch;
    };
    if (keys.some(isLater)) return true;
  }
  return false;
};
