import { createReadStream } from 'node:fs';
import {
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';

/** Where files land, of a local cloud: its S3 lets the operator say when an object counts as put. */
export interface Shore {
  /** Epoch milliseconds of the newest version or removal below a prefix, in whole seconds; undefined where there was none. */
  newestPut(prefix: string, bucket?: string): Promise<number | undefined>;
  /** Streams a file to a key. It counts as put at a time, in epoch milliseconds. */
  upload(key: string, path: string, putAt: number, bucket?: string): Promise<void>;
}

export const newShore = (s3: S3Client, own: string): Shore => ({
  newestPut: (prefix, bucket = own) => newestPut(s3, bucket, prefix),
  upload: async (key, path, putAt, bucket = own) => {
    const Metadata = { 'millrace-put-at': String(putAt) };
    const params = { Bucket: bucket, Key: key, Body: createReadStream(path), Metadata };
    await new Upload({ client: s3, params }).done();
  },
});

const newestPut = async (s3: S3Client, bucket: string, prefix: string): Promise<number | undefined> => {
  let newest: number | undefined;
  let last: ListObjectVersionsCommandOutput | undefined;
  do {
    const command = new ListObjectVersionsCommand({
      Bucket: bucket,
      Prefix: prefix,
      KeyMarker: last?.NextKeyMarker,
      VersionIdMarker: last?.NextVersionIdMarker,
    });
    const page: ListObjectVersionsCommandOutput = await s3.send(command);
    for (const { LastModified } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])])
      if (LastModified !== undefined) newest = Math.max(newest ?? 0, LastModified.getTime());
    last = page;
  } while (last.IsTruncated === true);
  return newest;
};
