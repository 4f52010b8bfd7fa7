import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { ServiceUnavailable } from '../../shared/errors.ts';
import type { RecordListing, RecordStore } from '../ports/record-store.ts';
import { toAwsFailure, toServiceError } from './aws-errors.ts';

/** How often a put starts over when the key vanishes under it (a 412, then nothing there) or S3 answers 409. */
const PUT_ATTEMPTS = 5;

/** Records as objects of one bucket: one conditional PutObject each. */
export const s3RecordStore = (s3: S3Client, bucket: string): RecordStore => {
  const at = (verb: string, key: string) => `${verb} of s3://${bucket}/${key}`;

  const read = async (key: string): Promise<string | undefined> => {
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return (await Body?.transformToString()) ?? '';
    } catch (error) {
      if (toAwsFailure(error).name === 'NoSuchKey') return undefined;
      throw toServiceError(at('read', key), error);
    }
  };

  /** Whether the put was made; false where the key exists or another request was at it. */
  const tryPut = async (key: string, text: string): Promise<boolean> => {
    try {
      await s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: Buffer.from(text), // of an empty string the SDK would warn that its length is unknown
          ContentType: 'application/json',
          IfNoneMatch: '*',
        }),
      );
      return true;
    } catch (error) {
      const { status } = toAwsFailure(error);
      if (status === 412 || status === 409) return false;
      throw toServiceError(at('put', key), error);
    }
  };

  const putIfAbsent = async (key: string, text: string): Promise<string | undefined> => {
    for (let attempt = 0; attempt < PUT_ATTEMPTS; attempt++) {
      if (await tryPut(key, text)) return undefined;
      const existing = await read(key);
      if (existing !== undefined) return existing;
    }
    throw new ServiceUnavailable(
      `${at('put', key)} met a key that comes and goes, ${PUT_ATTEMPTS} times in a row`,
    );
  };

  const remove = async (key: string): Promise<void> => {
    try {
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    } catch (error) {
      throw toServiceError(at('removal', key), error);
    }
  };

  const list = async (prefix: string, delimiter?: '/'): Promise<RecordListing> => {
    const keys: string[] = [];
    const folders: string[] = [];
    let next: string | undefined;
    do {
      const command = new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
        ...(next === undefined ? {} : { ContinuationToken: next }),
      });
      const page = await s3.send(command).catch((error: unknown) => {
        throw toServiceError(at('list', prefix), error);
      });
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(Key);
      for (const { Prefix } of page.CommonPrefixes ?? []) if (Prefix !== undefined) folders.push(Prefix);
      next = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (next !== undefined);
    return { keys, folders };
  };

  return { read, putIfAbsent, remove, list };
};
