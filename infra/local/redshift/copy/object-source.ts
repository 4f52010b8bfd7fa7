import { Readable } from 'node:stream';
import { GetObjectCommand, NoSuchKey, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { SqlRefused } from '../sql/refusal.ts';

/** Where COPY reads its objects from. */
export interface ObjectSource {
  /**
   * The object's bytes, as a role reads them; undefined when there is none. Throws SqlRefused, in Redshift's words, for any
   * failure of S3 or of the way to it, and for a role that the warehouse may not assume.
   */
  read(bucket: string, key: string, role: string): Promise<Readable | undefined>;
  close(): void;
}

/** Access keys by the ARNs of the roles that COPY may assume; `default` is one of them too. */
export const copyKeys = z.record(
  z.string(),
  z.object({
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
    sessionToken: z.string().exactOptional(),
  }),
);
export type CopyKeys = Readonly<z.infer<typeof copyKeys>>;

/** What an S3 without keys is read with: it takes everyone. */
const ANY_KEY = { accessKeyId: 'local', secretAccessKey: 'local' };

/** The local S3, read with the key of the role that the COPY names; without `keys` that S3 takes everyone. */
export const openObjectSource = (endpoint: string, region: string, keys?: CopyKeys): ObjectSource => {
  const clients = new Map<string, S3Client>();
  const clientOf = (role: string): S3Client => {
    const key = keys === undefined ? ANY_KEY : keys[role];
    if (key === undefined) throw new SqlRefused(`not authorized to assume IAM Role ${role}`);
    const client = clients.get(key.accessKeyId) ?? openClient(endpoint, region, key);
    clients.set(key.accessKeyId, client);
    return client;
  };
  return {
    read: async (bucket, key, role) => {
      const client = clientOf(role);
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        if (!(Body instanceof Readable)) throw new Error(`s3://${bucket}/${key} came without a body`);
        return Readable.from(readBody(Body), { objectMode: false });
      } catch (cause) {
        if (cause instanceof NoSuchKey) return undefined;
        throw toRedshiftError(cause);
      }
    },
    close: () => {
      for (const client of clients.values()) client.destroy();
    },
  };
};

/** The host is an IP address, so the client puts the bucket into the path. */
const openClient = (endpoint: string, region: string, credentials: CopyKeys[string]): S3Client =>
  new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials,
  });

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
