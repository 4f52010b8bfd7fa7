import type { S3Source } from '../../shared/model/feed.ts';
import { landingOf, NO_VERSION } from '../../shared/model/landing.ts';
import { landedBatch, toDateFolder, toKey } from '../../shared/state/keys.ts';
import type { InventoryVersion, ObjectInventory } from '../ports/object-inventory.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { sealedBatches } from './sealed-batches.ts';

/** Versions of landed objects that are neither sealed nor parked. */

export interface Lost {
  readonly batch: string;
  readonly version: InventoryVersion;
}

export interface LostDeps {
  readonly records: RecordStore;
  readonly inventory: Pick<ObjectInventory, 'listVersions'>;
  readonly signal: AbortSignal;
}

export interface LostSearch {
  /** Those alone that are asked for are compared with what is sealed. */
  readonly isAsked: (version: InventoryVersion) => boolean;
  /** Names the batch that is looked for by the object's first one. @default - that one */
  readonly toBatch?: (first: string) => string;
  /** The key behind which it begins. @default - the first */
  readonly after?: string | undefined;
  /** It ends behind the key by which so many are lost or were looked at. */
  readonly most: { readonly lost: number; readonly versions: number };
}

export interface FoundLost {
  readonly lost: readonly Lost[];
  /** The last key that was looked at, where others may follow. */
  readonly next?: string;
}

/** It only lists. The versions of one key are looked at together. */
export const findLostLanded = async (
  feed: string,
  source: S3Source,
  { isAsked, toBatch = (first) => first, after, most }: LostSearch,
  { inventory, records, signal }: LostDeps,
): Promise<FoundLost> => {
  const { bucket, prefix } = landingOf(feed, source);
  const hasEnded = await endedBatches(feed, records);
  const lost: Lost[] = [];
  let [looked, last]: [number, string | undefined] = [0, undefined];
  for await (const version of inventory.listVersions(prefix, bucket, after)) {
    signal.throwIfAborted();
    const isFull = lost.length >= most.lost || looked >= most.versions;
    if (isFull && last !== undefined && version.key !== last) return { lost, next: last };
    [looked, last] = [looked + 1, version.key];
    if (!isReadable(version, source) || !isAsked(version)) continue;
    const batch = toBatch(landedBatch(version.key, version.versionId, bucket));
    if (!(await hasEnded(toDateFolder(version.lastModifiedMs), batch))) lost.push({ batch, version });
  }
  return { lost };
};

/** What was put before its bucket had versions is refused by its event, too. */
const isReadable = ({ key, versionId }: InventoryVersion, { suffixes }: S3Source): boolean =>
  suffixes.some((suffix) => key.endsWith(suffix)) && versionId !== NO_VERSION;

/** Tells which batches are parked or sealed. */
const endedBatches = async (feed: string, records: RecordStore) => {
  const parked = new Set((await records.list(`parked/${feed}/`)).keys);
  const isSealed = sealedBatches(feed, records);
  return async (date: string, batch: string): Promise<boolean> =>
    parked.has(toKey({ kind: 'parked', feed, batch })) || isSealed(date, batch);
};
