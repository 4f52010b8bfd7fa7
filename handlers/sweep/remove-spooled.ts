import { parseKeyIfOurs } from '../../shared/state/keys.ts';
import { isTurnOf } from '../../shared/state/sweep-turn.ts';
import { readSealed } from './staged-batches.ts';
import type { SweepDeps } from './sweep-deps.ts';

const DAY_MS = 24 * 3_600_000;

/** Copies are read within the hour; those of a batch that is not sealed by then tell a person what happened. */
const KEEP_UNSEALED_MS = 7 * DAY_MS;

/** Removes what was spooled for batches: a day after it was when they are sealed, a week after it when they are not. Each batch has one turn a day. */
export const removeSpooled = async (
  feed: string,
  sweepNumber: number,
  { inventory, records, clock, signal }: SweepDeps,
): Promise<number> => {
  const old = new Map<string, { readonly key: string; readonly ageMs: number }[]>();
  for await (const { key, lastModifiedMs } of inventory.list(`spool/${feed}/`)) {
    signal.throwIfAborted();
    const name = parseKeyIfOurs(key);
    const isSpool = name?.kind === 'spool' || name?.kind === 'spooled' || name?.kind === 'spoolBody';
    const ageMs = clock.now() - lastModifiedMs;
    if (!isSpool || ageMs <= DAY_MS || !isTurnOf(name.batch, sweepNumber)) continue;
    const files = old.get(name.batch) ?? [];
    files.push({ key, ageMs });
    old.set(name.batch, files);
  }
  let removed = 0;
  for (const [batch, files] of old) {
    const isSealed = (await readSealed(feed, batch, records)) !== undefined;
    const due = files.filter(({ ageMs }) => isSealed || ageMs > KEEP_UNSEALED_MS).map(({ key }) => key);
    await inventory.remove(due);
    removed += due.length;
  }
  return removed;
};
