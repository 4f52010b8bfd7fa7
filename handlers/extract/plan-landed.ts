import { InvalidInput, SourceRefused } from '../../shared/errors.ts';
import type { Feed, S3Source } from '../../shared/model/feed.ts';
import { landingOf } from '../../shared/model/landing.ts';
import { type Backfill, repeatedBatch } from '../../shared/state/backfill.ts';
import { landedBatch, toDateFolder, toKey } from '../../shared/state/keys.ts';
import type { LandedObject } from '../../shared/state/records.ts';
import type { ObjectStreams, ObjectVersion } from '../ports/object-streams.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { type BatchOutline, type Idle, idle } from './outline.ts';
import { planRanges } from './plan-ranges.ts';

interface LandedDeps {
  readonly records: RecordStore;
  readonly streams: ObjectStreams;
  readonly signal: AbortSignal;
}

/** Outlines the batch of one version of a landed object: the same name for every event of it. */
export const outlineLanded = async (
  feed: Feed,
  source: S3Source,
  event: ObjectVersion,
  backfill: Backfill | undefined,
  deps: LandedDeps,
): Promise<BatchOutline | Idle> => {
  const { bucket, prefix } = landingOf(feed.feed, source);
  if (bucket !== undefined && (event.bucket !== bucket || !event.key.startsWith(prefix))) {
    return idle(feed.feed, `s3://${event.bucket}/${event.key} is not below s3://${bucket}/${prefix}`);
  }
  const hasSuffix = (key: string) => source.suffixes.some((suffix) => key.endsWith(suffix));
  if (!hasSuffix(event.key) && !hasSuffix(decodeKey(event.key))) {
    return idle(feed.feed, `${event.key} ends in none of ${source.suffixes.join(' ')}`);
  }
  const object = await findLanded(event, deps.streams);
  const first = landedBatch(object.key, object.versionId, bucket);
  const batch = backfill === undefined ? first : repeatedBatch(first, backfill);
  const date = toDateFolder(Date.parse(object.lastModified));
  const sealKey = toKey({ kind: 'batch', feed: feed.feed, date, batch });
  if ((await deps.records.read(sealKey)) !== undefined) return idle(feed.feed, `${batch} is sealed already`);
  const [partition] = feed.partitions;
  if (partition === undefined) throw new InvalidInput(`feed ${feed.feed} has no partition, allowed 1`);
  const ranges = await planRanges(feed, source.splitBytes, { batch, object, partition }, deps);
  return { batch, date, object, ...ranges };
};

/** Finds the version under the event's key as it stands, else under its URL-decoded form: sources of events differ. */
const findLanded = async (event: ObjectVersion, streams: ObjectStreams): Promise<LandedObject> => {
  for (const key of new Set([event.key, decodeKey(event.key)])) {
    const head = await streams.head({ ...event, key });
    if (head === undefined) continue;
    const { etag, bytes, lastModifiedMs } = head;
    return { ...event, key, etag, bytes, lastModified: new Date(lastModifiedMs).toISOString() };
  }
  throw new SourceRefused(
    `s3://${event.bucket}/${event.key} has no version ${event.versionId}, under the key as it stands or decoded`,
  );
};

const decodeKey = (key: string): string => {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key; // a lone % is a name of its own
  }
};
