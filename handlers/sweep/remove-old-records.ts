import { parseKeyIfOurs } from '../../shared/state/keys.ts';
import { isTurnOf } from '../../shared/state/sweep-turn.ts';
import { newestKeys } from '../newest-keys.ts';
import { readSealed, waitingBatches } from './staged-batches.ts';
import type { SweepDeps } from './sweep-deps.ts';

/** What led to a batch is kept so long for people who ask; the batch's own record says the rest for ever. */
export const KEEP_RECORDS_MS = 90 * 24 * 3_600_000;

/** What failed so long ago tells nobody anything. */
const KEEP_FAILURES_MS = 30 * 24 * 3_600_000;

/** Keys of one DeleteObjects: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html. */
const MAX_REMOVED = 1_000;

/**
 * Removes a feed's records that nothing asks for any more: those of failures 30 days after they were written, and after 90 days those of
 * loads but for the newest day's, of documents that had not changed, and plans and steps of batches that are sealed, wait for nothing and have no file left. What a plan
 * fixed counts as long as its batch may still be sealed, so that others stay. Each feed has one turn a day.
 */
export const removeOldRecords = async (
  feed: string,
  sweepNumber: number,
  deps: SweepDeps,
): Promise<number> => {
  if (!isTurnOf(`records of ${feed}`, sweepNumber)) return 0;
  return (
    (await removeKeys(oldKeys(`failures/${feed}/`, KEEP_FAILURES_MS, deps), deps)) +
    (await removeKeys(oldKeys(`unchanged/${feed}/`, KEEP_RECORDS_MS, deps), deps)) +
    (await removeKeys(oldLoads(feed, deps), deps)) +
    (await removeKeys(oldPlans(feed, deps), deps))
  );
};

const removeKeys = async (keys: AsyncIterable<string>, { inventory, signal }: SweepDeps): Promise<number> => {
  let [removed, some]: [number, string[]] = [0, []];
  for await (const key of keys) {
    signal.throwIfAborted();
    if (some.push(key) < MAX_REMOVED) continue;
    await inventory.remove(some);
    removed += some.length;
    some = [];
  }
  await inventory.remove(some);
  return removed + some.length;
};

/** Keys of ours that are old; what a person put beside them stays. */
async function* oldKeys(
  prefix: string,
  keepMs: number,
  { inventory, clock }: SweepDeps,
): AsyncGenerator<string> {
  for await (const { key, lastModifiedMs } of inventory.list(prefix)) {
    const isOld = clock.now() - lastModifiedMs > keepMs;
    if (isOld && parseKeyIfOurs(key) !== undefined) yield key;
  }
}

/** The newest day's say whether a load is in flight, however long ago that was. */
async function* oldLoads(feed: string, deps: SweepDeps): AsyncGenerator<string> {
  const prefix = `loads/${feed}/`;
  const newest = await newestKeys(deps.records, prefix).next();
  const day = newest.done === true ? '' : newest.value.slice(0, `${prefix}yyyy/mm/dd/`.length);
  for await (const key of oldKeys(prefix, KEEP_RECORDS_MS, deps)) if (!key.startsWith(day)) yield key;
}

/** Of each batch the steps before the plans: what was removed in part is found again by its plan. */
async function* oldPlans(feed: string, deps: SweepDeps): AsyncGenerator<string> {
  const { records } = deps;
  const isWaiting = await waitingBatches(feed, records);
  for await (const { batch, plans } of batchesOfPlans(feed, deps)) {
    const isInUse =
      isWaiting(batch) ||
      (await records.list(`staged/${feed}/${batch}/`)).keys.length > 0 ||
      (await readSealed(feed, batch, records)) === undefined;
    if (isInUse) continue;
    yield* (await records.list(`slices/${feed}/${batch}/`)).keys;
    yield* plans;
  }
}

/** Batches of which every plan is old: a listing has the plans of one after each other. */
async function* batchesOfPlans(
  feed: string,
  { inventory, clock }: SweepDeps,
): AsyncGenerator<{ readonly batch: string; readonly plans: readonly string[] }> {
  let current = { batch: '', plans: [] as string[], isOld: false };
  for await (const { key, lastModifiedMs } of inventory.list(`plans/${feed}/`)) {
    const name = parseKeyIfOurs(key);
    if (name?.kind !== 'plan') continue;
    if (name.batch !== current.batch) {
      if (current.isOld) yield current;
      current = { batch: name.batch, plans: [], isOld: true };
    }
    current.plans.push(key);
    current.isOld &&= clock.now() - lastModifiedMs > KEEP_RECORDS_MS;
  }
  if (current.isOld) yield current;
}
