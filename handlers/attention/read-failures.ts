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

/** An execution that failed may be as long in writing it down: until then one that is older may still come. */
const LATE_MS = 300_000;

const LOADING = 'Load';

export interface FailureDeps {
  readonly records: RecordStore;
  readonly nowMs: number;
  /** When the newest batch of the feed's schedule was sealed. */
  readonly sealedMs: number | undefined;
  /** Batches that wait for a load. */
  readonly pending: ReadonlySet<string>;
  readonly parked: ReadonlySet<string>;
  /** Batches that a person skips; none of them is in `parked`. */
  readonly skipped: ReadonlySet<string>;
  readonly hasSchedule: boolean;
  /** The time of the newest failure that was over for good when the sweep looked last, and all before it. */
  readonly overMs: number | undefined;
}

export interface Failures {
  readonly failures: readonly Trouble[];
  readonly loadFailures: readonly Trouble[];
  /** What overMs may say from now on; undefined where that is what it says. */
  readonly newlyOverMs: number | undefined;
}

/** Reads them, the newest last: of extractions and of loads. What is over for good is read by nobody again. */
export const readFailures = async (feed: string, deps: FailureDeps): Promise<Failures> => {
  const { nowMs } = deps;
  const keys = await keysOf(feed, deps);
  const read = await readEach(keys, (key) => readKnownRecord(deps.records, key, failureRecord));
  const fateOf = await toFates(feed, read, deps);
  const open = read.filter((one) => fateOf(one) === 'open');
  const kept = read.findIndex((one) => fateOf(one) !== 'over' || Date.parse(one.failedAt) > nowMs - LATE_MS);
  const over = read.slice(0, kept < 0 ? read.length : kept).at(-1);
  return {
    failures: open.filter(({ state }) => state !== LOADING).map(toTrouble),
    loadFailures: open.filter(({ state }) => state === LOADING).map(toTrouble),
    newlyOverMs: over && Date.parse(over.failedAt),
  };
};

const keysOf = async (
  feed: string,
  { records, nowMs, overMs = 0 }: FailureDeps,
): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const key of newestKeys(records, `failures/${feed}/`)) {
    const name = parseKeyIfOurs(key);
    if (name?.kind !== 'failure') continue;
    const failedMs = parseStamp(name.stamp);
    if (failedMs < nowMs - LOOK_BACK_MS || failedMs <= overMs || keys.length === MOST) break;
    keys.push(key);
  }
  return keys.toReversed();
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

/** `untold`: nothing is to be said of it now; it may be open again. */
type Fate = 'open' | 'untold' | 'over';

const toFates = async (
  feed: string,
  failures: readonly FailureRecord[],
  deps: FailureDeps,
): Promise<(failure: FailureRecord) => Fate> => {
  const named = failures.flatMap(({ state, batch }) =>
    state === LOADING || batch === undefined || isOfSchedule(batch) ? [] : [batch],
  );
  const some = [...new Set(named.toReversed())].slice(0, MOST_BATCHES);
  const done = new Set<string>();
  for (const batch of some) {
    const isDone = isComparison(batch) ? hasLaterComparison : isSealedOrCancelled;
    if (!deps.parked.has(batch) && (await isDone(feed, batch, deps))) done.add(batch);
  }
  const ofNamed = (batch: string): Fate => {
    if (done.has(batch)) return 'over';
    return deps.parked.has(batch) || !some.includes(batch) ? 'untold' : 'open';
  };
  return ({ state, batch, failedAt }) => {
    if (state === LOADING) return fateOfLoad(batch, deps);
    return batch !== undefined && !isOfSchedule(batch)
      ? ofNamed(batch)
      : fateOfSchedule(batch, Date.parse(failedAt), deps);
  };
};

/** What waits for a load is in one again; what a person has to look at may be given back. */
const fateOfLoad = (batch: string | undefined, { pending, parked, skipped }: FailureDeps): Fate => {
  if (batch === undefined) return 'over';
  if (pending.has(batch)) return 'open';
  return parked.has(batch) || skipped.has(batch) ? 'untold' : 'over';
};

const fateOfSchedule = (
  batch: string | undefined,
  failedMs: number,
  { sealedMs, nowMs, hasSchedule, parked }: FailureDeps,
): Fate => {
  // S3 tells when a seal was put in whole seconds.
  if (sealedMs !== undefined && sealedMs >= Math.floor(failedMs / 1000) * 1000) return 'over';
  if (!hasSchedule) return nowMs - failedMs > NAMELESS_MS ? 'over' : 'open';
  return parked.has(batch ?? '') ? 'untold' : 'open';
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
