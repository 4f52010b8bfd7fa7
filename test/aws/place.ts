import { randomBytes, randomUUID } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { DescribeStatementCommand, type RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Row, StatementState, Warehouse } from '../../handlers/ports/warehouse.ts';

/** A bucket and a warehouse, and what the tests do with either. Each name that they make there is random. */
export interface Place {
  readonly s3: S3Client;
  /** Versioned. */
  readonly bucket: string;
  /** All objects of the tests are below it. */
  readonly prefix: string;
  readonly data: RedshiftDataClient;
  readonly warehouse: Warehouse;
  /** What COPY reads the bucket with. */
  readonly copyRole: string;
  /** The tables of the tests; the schema is there. */
  readonly schema: string;
  /** Stands for the schema `millrace`, which may be a deployment's. */
  readonly ownSchema: string;
  /** Another role that may use the warehouse; undefined where there is none. */
  readonly other: Other | undefined;
  /** How many events a batch's end has; undefined where nobody can take them. */
  readonly countEvents: ((submit: () => Promise<string>) => Promise<number>) | undefined;
  /** Ends what was opened, with all that the tests made. */
  close(): Promise<void>;
}

export interface Other {
  readonly data: RedshiftDataClient;
  readonly warehouse: Warehouse;
  /** Its user in the warehouse. */
  user(): Promise<string>;
}

/** Names that no other run has. */
export const randomNames = (): Pick<Place, 'prefix' | 'schema' | 'ownSchema'> => {
  const id = randomBytes(6).toString('hex');
  const schema = `millrace_aws_${id}`;
  return { prefix: `millrace-aws/${id}/`, schema, ownSchema: `${schema}_own` };
};

/** Waits, by long polling, until a statement has ended (https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-considerations-long-polling.html). */
export const waitForEnd = async (data: RedshiftDataClient, id: string): Promise<void> => {
  for (;;) {
    const { Status } = await data.send(new DescribeStatementCommand({ Id: id, WaitTimeSeconds: 20 }));
    if (['FINISHED', 'FAILED', 'ABORTED'].includes(Status ?? '')) return;
  }
};

/** Runs statements as a load does, in one transaction, to their end. */
export const runBatch = async (
  { data, warehouse }: Pick<Place, 'data' | 'warehouse'>,
  statements: readonly string[],
): Promise<StatementState> => {
  const id = await warehouse.submit({ statements, name: 'millrace-aws', token: randomUUID() });
  await waitForEnd(data, id);
  const state = await warehouse.describe(id);
  if (state === undefined) throw new Error(`statement ${id} is not known any more`);
  return state;
};

/** Runs one statement by itself, and answers its rows. */
export const execute = (warehouse: Warehouse, sql: string): Promise<readonly Row[]> =>
  warehouse.execute(sql, new AbortController().signal);

/** Puts a manifest of one part file of this CSV, and answers its URL. */
export const putCsv = async ({ s3, bucket, prefix }: Place, name: string, csv: string): Promise<string> => {
  const [part, manifest] = [`${prefix}${name}.csv.zst`, `${prefix}${name}.manifest`];
  const entries = [{ url: `s3://${bucket}/${part}`, mandatory: true }];
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: part, Body: zstdCompressSync(csv) }));
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: manifest, Body: JSON.stringify({ entries }) }));
  return `s3://${bucket}/${manifest}`;
};

/** Removes each version of each object below a prefix, and each trace of a removal. */
export const removePrefix = async (s3: S3Client, bucket: string, prefix: string): Promise<void> => {
  for (;;) {
    const page: ListObjectVersionsCommandOutput = await s3.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix }),
    );
    const found = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    if (found.length === 0) return;
    for (const { Key, VersionId } of found)
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId }));
  }
};
