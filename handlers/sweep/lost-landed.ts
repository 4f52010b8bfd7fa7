import type { S3Source } from '../../shared/model/feed.ts';
import { landingOf, NO_VERSION } from '../../shared/model/landing.ts';
import { landedBatch, toDateFolder, toKey } from '../../shared/state/keys.ts';
import type { InventoryVersion, ObjectInventory } from '../ports/object-inventory.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { sealedBatches } from './sealed-batches.ts';

/** Versions of landed objects that are neither sealed nor parked. */

/** Objects that are remembered, some 300 bytes each of a function's 512 MB. */
const MAX_LOST = 100_000;

export interface Lost {
  readonly batch: string;
  readonly version: InventoryVersion;
}

interface LostDeps {
  readonly records: RecordStore;
  readonly inventory: Pick<ObjectInventory, 'listVersions'>;
  readonly signal: AbortSignal;
}

/** Looks at those alone that are asked for; it only lists. */
export const findLostLanded = async (
  feed: string,
  source: S3Source,
  isAsked: (version: InventoryVersion) => boolean,
  { inventory, records, signal }: LostDeps,
): Promise<readonly Lost[]> => {
  const { bucket, prefix } = landingOf(feed, source);
  const hasEnded = await endedBatches(feed, records);
  const lost: Lost[] = [];
  for await (const version of inventory.listVersions(prefix, bucket)) {
    signal.throwIfAborted();
    if (!source.suffixes.some((suffix) => version.key.endsWith(suffix))) continue;
    if (version.versionId === NO_VERSION) continue; // put before the bucket had versions: refused by its event, too
    if (!isAsked(version)) continue;
    const batch = landedBatch(version.key, version.versionId, bucket);
    if (!(await hasEnded(toDateFolder(version.lastModifiedMs), batch))) lost.push({ batch, version });
    if (lost.length === MAX_LOST) break;
  }
  return lost;
};

/** Tells which batches are parked or sealed. */
const endedBatches = async (feed: string, records: RecordStore) => {
  const parked = new Set((await records.list(`parked/${feed}/`)).keys);
  const isSealed = sealedBatches(feed, records);
  return async (date: string, batch: string): Promise<boolean> =>
    parked.has(toKey({ kind: 'parked', feed, batch })) || isSealed(date, batch);
};
