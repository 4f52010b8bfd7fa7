import { parseKeyIfOurs, toKey } from '../../shared/state/keys.ts';
import { skippedRecord } from '../../shared/state/operate-records.ts';
import { isTurnOf } from '../../shared/state/sweep-turn.ts';
import { readRecord } from '../records.ts';
import { readSealed } from './staged-batches.ts';
import type { SweepDeps } from './sweep-deps.ts';

/** A person may change their mind for so long: redrive takes a skipped batch up again. */
const KEEP_SKIPPED_MS = 30 * 24 * 3_600_000;

/**
 * Removes the staged files of sealed batches that were skipped 30 days ago: no load ever names them, so that nothing else would.
 * One that was never sealed is given up by the sweep of orphans. Its records stay; each feed has one turn a day.
 */
export const removeSkipped = async (feed: string, sweepNumber: number, deps: SweepDeps): Promise<number> => {
  if (!isTurnOf(`skipped ${feed}`, sweepNumber)) return 0;
  const { keys } = await deps.records.list(`skipped/${feed}/`);
  let removed = 0;
  for (const key of keys) {
    const name = parseKeyIfOurs(key);
    if (name?.kind !== 'skipped' || !(await isGone(key, name.batch, feed, deps))) continue;
    const files: string[] = [];
    for await (const item of deps.inventory.list(`staged/${feed}/${name.batch}/`)) files.push(item.key);
    deps.signal.throwIfAborted();
    await deps.inventory.remove(files);
    removed += files.length;
  }
  return removed;
};

/** Whether it was skipped long ago, and nobody has given it back since. */
const isGone = async (
  key: string,
  batch: string,
  feed: string,
  { records, clock }: SweepDeps,
): Promise<boolean> => {
  const skipped = await readRecord(records, key, skippedRecord);
  if (skipped === undefined || clock.now() - Date.parse(skipped.skippedAt) < KEEP_SKIPPED_MS) return false;
  if ((await records.read(toKey({ kind: 'parked', feed, batch }))) === undefined) return false;
  return (await readSealed(feed, batch, records)) !== undefined;
};
