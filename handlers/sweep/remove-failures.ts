import { isTurnOf } from '../../shared/state/sweep-turn.ts';
import type { SweepDeps } from './sweep-deps.ts';

/** What failed so long ago tells nobody anything. */
const KEEP_MS = 30 * 24 * 3_600_000;

/** Keys that are removed at once. */
const AT_ONCE = 1_000;

/** Removes the records of failures that are a month old, once a day. */
export const removeFailures = async (
  sweepNumber: number,
  { inventory, clock, signal }: SweepDeps,
): Promise<void> => {
  if (!isTurnOf('failures', sweepNumber)) return;
  let old: string[] = [];
  for await (const { key, lastModifiedMs } of inventory.list('failures/')) {
    signal.throwIfAborted();
    if (clock.now() - lastModifiedMs > KEEP_MS) old.push(key);
    if (old.length < AT_ONCE) continue;
    await inventory.remove(old);
    old = [];
  }
  await inventory.remove(old);
};
