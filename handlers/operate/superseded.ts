import type { Feed, S3Source } from '../../shared/model/feed.ts';
import { landingOf } from '../../shared/model/landing.ts';
import { isComparison, landedBatch, parseKeyIfOurs } from '../../shared/state/keys.ts';
import { planRecord } from '../../shared/state/records.ts';
import type { ObjectInventory } from '../ports/object-inventory.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readEach } from '../read-each.ts';
import { readKnownRecord } from '../records.ts';

/** Where records and landed objects are looked for. */
export interface Objects {
  readonly records: RecordStore;
  readonly inventory: Pick<ObjectInventory, 'listVersions'>;
}

/** A parked version of a landed object, or a comparison of keys, that a newer one, which is loaded, has taken the place of. */
export interface Superseded {
  /** What is loaded in its place, for people. */
  readonly what: string;
  /** The seal of the first that was: so that a run that loads yet another one says nothing new. */
  readonly by: string;
}

/** What is loaded in the place of a superseded batch, for people who look at that. */
export const supersederOf = (batch: string): string =>
  isComparison(batch) ? 'a later comparison' : 'a newer version of its file';

/** Whether a parked batch may be superseded: a window's rows are in no other batch. */
export const mayBeSuperseded = (batch: string): boolean => batch.startsWith('f-') || isComparison(batch);

/** Finds which of a feed's parked batches are superseded. */
export const findSuperseded = async (
  objects: Objects,
  { feed, source }: Feed,
  parked: readonly string[],
): Promise<ReadonlyMap<string, Superseded>> => {
  const some = parked.filter(mayBeSuperseded);
  if (some.length === 0) return new Map();
  const loaded = await readLoaded(objects, feed);
  const look = (batch: string) =>
    source.kind === 's3' ? lookFor(objects, { feed, source, batch }, loaded) : findLater(batch, loaded);
  const found = await readEach(some, async (batch) => [batch, await look(batch)] as const);
  return new Map(found.flatMap(([batch, by]) => (by === undefined ? [] : [[batch, by] as const])));
};

/** The same batches, those parked ones that are superseded told as that. `feed` is as it is deployed; without it nothing is known to be superseded. */
export const tellSuperseded = async <T extends { readonly batch: string; readonly state: string }>(
  batches: readonly T[],
  feed: Feed | undefined,
  objects: Objects,
): Promise<readonly T[]> => {
  if (feed === undefined) return batches;
  const parked = batches.filter(({ state }) => state === 'parked').map(({ batch }) => batch);
  const superseded = await findSuperseded(objects, feed, parked);
  return batches.map((one) => (superseded.has(one.batch) ? { ...one, state: 'superseded' } : one));
};

/** The seals of a feed's batches that are neither pending nor parked, by batch. */
const readLoaded = async (objects: Objects, feed: string): Promise<ReadonlyMap<string, string>> => {
  const [sealed, ...others] = await Promise.all(
    ['batches', 'pending', 'parked'].map(
      async (folder) => (await objects.records.list(`${folder}/${feed}/`)).keys,
    ),
  );
  const open = new Set(others.flat().map(batchOf));
  return new Map(
    (sealed ?? []).map((key) => [batchOf(key), key] as const).filter(([batch]) => !open.has(batch)),
  );
};

const batchOf = (text: string): string => {
  const key = parseKeyIfOurs(text);
  return key !== undefined && 'batch' in key ? key.batch : '';
};

/** A later comparison has deleted what this one was to delete, and is gone still. Names sort as their times. */
const findLater = (batch: string, loaded: ReadonlyMap<string, string>): Superseded | undefined => {
  const [, by] = [...loaded].find(([other]) => isComparison(other) && other > batch) ?? [];
  return by === undefined ? undefined : { what: supersederOf(batch), by };
};

interface Parked {
  readonly feed: string;
  readonly source: S3Source;
  readonly batch: string;
}

const lookFor = async (
  { records, inventory }: Objects,
  { feed, source, batch }: Parked,
  loaded: ReadonlyMap<string, string>,
): Promise<Superseded | undefined> => {
  const [planKey] = (await records.list(`plans/${feed}/${batch}/`)).keys;
  if (planKey === undefined) return undefined;
  const { object } = await readKnownRecord(records, planKey, planRecord);
  if (object === undefined) return undefined;
  const { bucket } = landingOf(feed, source);
  const parkedAt = Date.parse(object.lastModified);
  let by: string | undefined;
  // Newest first, so that all that are newer stand before it; where it has gone from the bucket, their times say so.
  for await (const { key, versionId, lastModifiedMs } of inventory.listVersions(object.key, bucket)) {
    // A longer key that begins with this one comes behind all of its versions.
    if (key !== object.key || versionId === object.versionId || lastModifiedMs < parkedAt) break;
    by = loaded.get(landedBatch(object.key, versionId, bucket)) ?? by;
  }
  return by === undefined ? undefined : { what: `a newer version of ${object.key}`, by };
};
