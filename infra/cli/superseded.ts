import type { Feed, S3Source } from '../../shared/model/feed.ts';
import { landingOf } from '../../shared/model/landing.ts';
import { landedBatch, parseKeyIfOurs } from '../../shared/state/keys.ts';
import { readRecordText } from '../../shared/state/record-text.ts';
import { planRecord } from '../../shared/state/records.ts';
import type { CloudClients } from './aws-clients.ts';

type Objects = Pick<CloudClients, 'listKeys' | 'readText' | 'listVersions'>;

/** A parked version of a landed object that a newer one, which is loaded, has taken the place of. */
export interface Superseded {
  /** The landed object's. */
  readonly key: string;
  /** The seal of the newer version. */
  readonly by: string;
}

/** Finds which of a feed's parked batches are superseded; a batch that is no landed object's never is. */
export const findSuperseded = async (
  objects: Objects,
  { feed, source }: Feed,
  parked: readonly string[],
): Promise<ReadonlyMap<string, Superseded>> => {
  const landed = parked.filter((batch) => batch.startsWith('f-'));
  if (source.kind !== 's3' || landed.length === 0) return new Map();
  const loaded = await readLoaded(objects, feed);
  const found = await Promise.all(
    landed.map(async (batch) => [batch, await lookFor(objects, { feed, source, batch }, loaded)] as const),
  );
  return new Map(found.flatMap(([batch, by]) => (by === undefined ? [] : [[batch, by] as const])));
};

/** The seals of a feed's batches that are neither pending nor parked, by batch. */
const readLoaded = async (objects: Objects, feed: string): Promise<ReadonlyMap<string, string>> => {
  const [sealed, ...others] = await Promise.all(
    ['batches', 'pending', 'parked'].map((folder) => objects.listKeys(`${folder}/${feed}/`)),
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

interface Parked {
  readonly feed: string;
  readonly source: S3Source;
  readonly batch: string;
}

const lookFor = async (
  objects: Objects,
  { feed, source, batch }: Parked,
  loaded: ReadonlyMap<string, string>,
): Promise<Superseded | undefined> => {
  const [planKey] = await objects.listKeys(`plans/${feed}/${batch}/`);
  if (planKey === undefined) return undefined;
  const { object } = readRecordText(planKey, await objects.readText(planKey), planRecord);
  if (object === undefined) return undefined;
  const { bucket } = landingOf(feed, source);
  const parkedAt = Date.parse(object.lastModified);
  // Newest first, so that all that are newer stand before it; where it has gone from the bucket, their times say so.
  for (const { versionId, lastModifiedMs } of await objects.listVersions(object.key, bucket)) {
    if (versionId === object.versionId || lastModifiedMs < parkedAt) return undefined;
    const by = loaded.get(landedBatch(object.key, versionId, bucket));
    if (by !== undefined) return { key: object.key, by };
  }
  return undefined;
};
