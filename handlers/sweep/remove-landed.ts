import type { Feed } from '../../shared/model/feed.ts';
import { landingOf } from '../../shared/model/landing.ts';
import { landedBatch, toDateFolder } from '../../shared/state/keys.ts';
import { isTurnOf } from '../../shared/state/sweep-turn.ts';
import type { InventoryVersion } from '../ports/object-inventory.ts';
import { readRebuild } from '../rebuild/standing.ts';
import { sealedBatches } from './sealed-batches.ts';
import { waitingBatches } from './staged-batches.ts';
import type { SweepDeps } from './sweep-deps.ts';

/** Versions that one sweep remembers, some 300 bytes each of the function's 512 MB; a day later come the others. */
const MAX_REMOVED = 100_000;

/**
 * Removes landed objects of a feed with `keep`, so long after they landed, once they are loaded: their batch is sealed, and waits neither
 * for a load nor for a person. By version, so that one that lands meanwhile under the same key stays. Each feed has one turn a day.
 */
export const removeLanded = async (
  { feed, source }: Feed,
  sweepNumber: number,
  { inventory, records, clock, signal }: SweepDeps,
): Promise<number> => {
  if (source.kind !== 's3' || source.keepMs === undefined) return 0;
  if (!isTurnOf(`landed objects of ${feed}`, sweepNumber)) return 0;
  // What a person asked for again reads them once more.
  if ((await records.list(`backfills/${feed}/`)).keys.length > 0) return 0;
  if ((await readRebuild(feed, records)) !== undefined) return 0;
  const isWaiting = await waitingBatches(feed, records);
  const isSealed = sealedBatches(feed, records);
  const before = clock.now() - source.keepMs;
  const loaded: InventoryVersion[] = [];
  for await (const version of inventory.listVersions(landingOf(feed, source).prefix)) {
    signal.throwIfAborted();
    if (version.lastModifiedMs > before) continue;
    const batch = landedBatch(version.key, version.versionId);
    if (isWaiting(batch) || !(await isSealed(toDateFolder(version.lastModifiedMs), batch))) continue;
    loaded.push(version);
    if (loaded.length === MAX_REMOVED) break;
  }
  await inventory.removeVersions(loaded);
  return loaded.length;
};
