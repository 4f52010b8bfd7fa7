import {
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { InventoryItem, ObjectInventory } from '../ports/object-inventory.ts';
import { toAwsFailure, toServiceError } from './aws-errors.ts';

/** An inventory by LIST, which alone tells ages; removal one by one, so that each failure has its key. */
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

  const currentVersion = async (key: string): Promise<string | undefined> => {
    try {
      return (await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).VersionId;
    } catch (error) {
      if (toAwsFailure(error).status === 404) return undefined;
      throw toServiceError(at('head', key), error);
    }
  };

  const remove = async (keys: readonly string[]): Promise<void> => {
    for (const key of keys) {
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })).catch((error: unknown) => {
        throw toServiceError(at('removal', key), error);
      });
    }
  };

  return { list, currentVersion, remove };
};
