import { Readable } from 'node:stream';
import { GetObjectCommand, NoSuchKey, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { OPERATOR_KEY } from '../../iam/access.ts';
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

/** Access key ids by the ARNs of the roles that COPY may assume; `default` is one of them too. */
export type CopyKeys = Readonly<Record<string, string>>;

/** The local S3, read with the key of the role that the COPY names; without `keys` every role reads as the operator. */
export const openObjectSource = (endpoint: string, region: string, keys?: CopyKeys): ObjectSource => {
  const clients = new Map<string, S3Client>();
  const clientOf = (role: string): S3Client => {
    const accessKeyId = keys === undefined ? OPERATOR_KEY : keys[role];
    if (accessKeyId === undefined) throw new SqlRefused(`not authorized to assume IAM Role ${role}`);
    const client = clients.get(accessKeyId) ?? openClient(endpoint, region, accessKeyId);
    clients.set(accessKeyId, client);
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
const openClient = (endpoint: string, region: string, accessKeyId: string): S3Client =>
  new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey: 'local' },
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
