import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import * as z from 'zod';

/** The state bucket of a running cloud, as an operator's S3 client works on it. */
export interface Bucket {
  /** The first thousand keys. */
  list(prefix: string): Promise<readonly string[]>;
  /** Reads an object and removes it. */
  take(key: string): Promise<Uint8Array>;
  put(key: string, body: Uint8Array | string): Promise<void>;
  close(): void;
}

const cloudFile = z.object({
  buckets: z.array(z.string()),
  endpoints: z.object({ s3: z.string() }),
  credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
});

export const openBucket = async (data: string): Promise<Bucket> => {
  const { endpoints, buckets, credentials } = cloudFile.parse(
    JSON.parse(await readFile(join(data, 'cloud.json'), 'utf8')),
  );
  const s3 = new S3Client({ region: 'us-east-1', endpoint: endpoints.s3, forcePathStyle: true, credentials });
  const Bucket = buckets.find((name) => !/accesslogs/i.test(name)) ?? '';
  return {
    list: async (Prefix) => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
      return Contents.map(({ Key }) => Key ?? '');
    },
    take: async (Key) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
      await s3.send(new DeleteObjectCommand({ Bucket, Key }));
      return bytes;
    },
    put: async (Key, Body) => {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    },
    close: () => s3.destroy(),
  };
};
