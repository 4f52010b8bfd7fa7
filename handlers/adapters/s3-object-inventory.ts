import {
  DeleteObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { InventoryItem, InventoryVersion, ObjectInventory } from '../ports/object-inventory.ts';
import { toServiceError } from './aws-errors.ts';

/** A day's files of a busy feed are some 10,000, at 20 ms each; S3 takes 3,500 a second and prefix, sockets are 50. */
const REMOVE_AT_ONCE = 16;

/** An inventory by LIST, which alone tells ages; removal key by key, so that each failure has its key. */
export const s3ObjectInventory = (s3: S3Client, bucket: string): ObjectInventory => {
  const at = (verb: string, key: string) => `${verb} of s3://${bucket}/${key}`;

  async function* list(prefix: string): AsyncGenerator<InventoryItem> {
    let next: string | undefined;
    do {
      const command = new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        ...(next === undefined ? {} : { ContinuationToken: next }),
      });
      const page = await s3.send(command).catch((error: unknown) => {
        throw toServiceError(at('list', prefix), error);
      });
      for (const { Key, LastModified } of page.Contents ?? []) {
        if (Key !== undefined && LastModified !== undefined) {
          yield { key: Key, lastModifiedMs: LastModified.getTime() };
        }
      }
      next = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (next !== undefined);
  }

  async function* listVersions(prefix: string, of = bucket, after = ''): AsyncGenerator<InventoryVersion> {
    let last: ListObjectVersionsCommandOutput | undefined;
    let removals: Removals = new Map();
    do {
      const command = new ListObjectVersionsCommand({
        Bucket: of,
        Prefix: prefix,
        KeyMarker: last?.NextKeyMarker ?? (after === '' ? undefined : after),
        VersionIdMarker: last?.NextVersionIdMarker,
      });
      const page: ListObjectVersionsCommandOutput = await s3.send(command).catch((error: unknown) => {
        throw toServiceError(`list of versions of s3://${of}/${prefix}`, error);
      });
      removals = newestRemovals(page, removals, last?.NextKeyMarker);
      // Whether a marker's own key is listed is not said: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html.
      for (const version of versionsOf(page, removals)) if (version.key !== after) yield version;
      last = page;
    } while (last.IsTruncated === true);
  }

  const removeOne = ({ key, versionId }: Removed) =>
    s3
      .send(new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }))
      .catch((error: unknown) => {
        throw toServiceError(at('removal', key), error);
      });

  const removeVersions = async (removed: readonly Removed[]): Promise<void> => {
    for (let i = 0; i < removed.length; i += REMOVE_AT_ONCE) {
      await Promise.all(removed.slice(i, i + REMOVE_AT_ONCE).map(removeOne));
    }
  };

  const remove = (keys: readonly string[]) => removeVersions(keys.map((key) => ({ key })));

  return { list, listVersions, remove, removeVersions };
};

/** A version of a key, or without one the key. */
interface Removed {
  readonly key: string;
  readonly versionId?: string;
}

/** When each key was last removed: epoch milliseconds. */
type Removals = ReadonlyMap<string, number>;

/** Of the keys of a page; the key that the page before ended in had its newest versions there. */
const newestRemovals = (page: ListObjectVersionsCommandOutput, before: Removals, split = ''): Removals => {
  const newest = new Map([...before].filter(([key]) => key === split));
  for (const { Key, LastModified } of page.DeleteMarkers ?? []) {
    if (Key !== undefined && LastModified !== undefined && !newest.has(Key)) {
      newest.set(Key, LastModified.getTime());
    }
  }
  return newest;
};

/** A listing has versions and delete markers apart, each with its time in whole seconds: of one second, the version went first. */
const versionsOf = (page: ListObjectVersionsCommandOutput, removals: Removals): readonly InventoryVersion[] =>
  (page.Versions ?? []).flatMap(({ Key: key, VersionId: versionId, LastModified, IsLatest }) => {
    if (key === undefined || versionId === undefined || LastModified === undefined) return [];
    const lastModifiedMs = LastModified.getTime();
    const isRemoved = IsLatest !== true && lastModifiedMs <= (removals.get(key) ?? 0);
    return isRemoved ? [] : [{ key, versionId, lastModifiedMs }];
  });
