import { Readable } from 'node:stream';
import { GetObjectCommand, NoSuchKey, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { SqlRefused } from '../sql/refusal.ts';

/** Where COPY reads its objects from. */
export interface ObjectSource {
  /** The object's bytes; undefined when there is none. Throws SqlRefused, in Redshift's words, for any failure of S3 or of the way to it. */
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
        return Readable.from(readBody(Body), { objectMode: false });
      } catch (cause) {
        if (cause instanceof NoSuchKey) return undefined;
        throw toRedshiftError(cause);
      }
    },
    close: () => client.destroy(),
  };
};

async function* readBody(body: Readable): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (cause) {
    throw toRedshiftError(cause);
  }
}

const toRedshiftError = (cause: unknown): SqlRefused =>
  cause instanceof S3ServiceException
    ? new SqlRefused(
        `S3ServiceException:${cause.message},Status ${cause.$metadata.httpStatusCode},Error ${cause.name}`,
        { cause },
      )
    : new SqlRefused(`S3CurlException: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
