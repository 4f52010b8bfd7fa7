import { Readable } from 'node:stream';
import { GetObjectCommand, NoSuchKey, S3Client } from '@aws-sdk/client-s3';

/** Where COPY reads its objects from. */
export interface ObjectSource {
  /** The object's bytes; undefined when there is none. Throws for anything else that goes wrong. */
  read(bucket: string, key: string): Promise<Readable | undefined>;
  close(): void;
}

/** The local S3. Its host is an IP address, so the client puts the bucket into the path. */
export const openObjectSource = (endpoint: string, region: string): ObjectSource => {
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId: 'warehouse', secretAccessKey: 'warehouse' },
  });
  return {
    read: async (bucket, key) => {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        if (!(Body instanceof Readable)) throw new Error(`s3://${bucket}/${key} came without a body`);
        return Body;
      } catch (cause) {
        if (cause instanceof NoSuchKey) return undefined;
        throw cause;
      }
    },
    close: () => client.destroy(),
  };
};
