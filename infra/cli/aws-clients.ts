import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import {
  DescribeStatementCommand,
  ExecuteStatementCommand,
  type Field,
  GetStatementResultCommand,
  ListStatementsCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  NoSuchKey,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { s3RecordStore } from '../../handlers/adapters/s3-record-store.ts';
import type { RecordStore } from '../../handlers/ports/record-store.ts';
import type { AccessKey } from '../local/iam/access-key.ts';
import { keepLongsExact } from './exact-longs.ts';
import type { Rows, Value } from './rows-format.ts';
import type { StatementTimes } from './wake-ups.ts';

/** The bucket and the warehouse of a running local cloud, over the same APIs as in AWS. */
export interface CloudClients {
  /** All keys below a prefix, ascending. */
  listKeys(prefix: string): Promise<readonly string[]>;
  readText(key: string): Promise<string>;
  /** The bytes under a key; undefined where there is none. */
  open(key: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** The bucket as the functions see it. */
  readonly records: RecordStore;
  /** Epoch milliseconds of the newest version or removal below a prefix, in whole seconds; undefined where there was none. */
  newestPut(prefix: string, bucket?: string): Promise<number | undefined>;
  /** The versions of one key, newest first; times in epoch milliseconds. */
  listVersions(key: string, bucket?: string): Promise<readonly ObjectVersion[]>;
  /** Streams a file to a key. It counts as put at a time, in epoch milliseconds. */
  upload(key: string, path: string, putAt: number, bucket?: string): Promise<void>;
  /** Runs one statement. Rejects with the warehouse's own message. */
  query(sql: string): Promise<Rows>;
  /** The statements that were asked for since a time, by whomever; times in epoch milliseconds. */
  statements(sinceMs: number): Promise<readonly StatementTimes[]>;
  close(): void;
}

export interface ObjectVersion {
  readonly versionId: string;
  readonly lastModifiedMs: number;
}

export interface CloudTarget {
  readonly s3: string;
  readonly redshiftData: string;
  readonly bucket: string;
  readonly workgroup: string;
  readonly database: string;
  readonly region: string;
  readonly credentials: AccessKey;
}

export const openCloudClients = (target: CloudTarget): CloudClients => {
  const { region, bucket, credentials } = target;
  const s3 = new S3Client({ region, endpoint: target.s3, forcePathStyle: true, credentials });
  const data = new RedshiftDataClient({ region, endpoint: target.redshiftData, credentials });
  keepLongsExact(data);
  return {
    listKeys: (prefix) => listKeys(s3, bucket, prefix),
    readText: async (key) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return Body === undefined ? '' : Body.transformToString();
    },
    open: (key) => openObject(s3, bucket, key),
    records: s3RecordStore(s3, bucket),
    newestPut: (prefix, of = bucket) => newestPut(s3, of, prefix),
    listVersions: (key, of = bucket) => listVersions(s3, of, key),
    upload: async (key, path, putAt, of = bucket) => {
      const Metadata = { 'millrace-put-at': String(putAt) };
      const params = { Bucket: of, Key: key, Body: createReadStream(path), Metadata };
      await new Upload({ client: s3, params }).done();
    },
    statements: (sinceMs) => listStatements(data, sinceMs),
    query: (sql) => runStatement(data, target, sql),
    close: () => {
      s3.destroy();
      data.destroy();
    },
  };
};

const openObject = async (
  s3: S3Client,
  bucket: string,
  key: string,
): Promise<AsyncIterable<Uint8Array> | undefined> => {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return Body as Readable; // in Node the SDK's body always is one
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
};

const listKeys = async (s3: S3Client, bucket: string, prefix: string): Promise<readonly string[]> => {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
    );
    for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(Key);
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return keys;
};

const newestPut = async (client: S3Client, bucket: string, prefix: string): Promise<number | undefined> => {
  let newest: number | undefined;
  for await (const { Versions = [], DeleteMarkers = [] } of versionPages(client, bucket, prefix)) {
    for (const { LastModified } of [...Versions, ...DeleteMarkers]) {
      if (LastModified !== undefined) newest = Math.max(newest ?? 0, LastModified.getTime());
    }
  }
  return newest;
};

const listVersions = async (
  client: S3Client,
  bucket: string,
  key: string,
): Promise<readonly ObjectVersion[]> => {
  const versions: ObjectVersion[] = [];
  for await (const { Versions = [] } of versionPages(client, bucket, key)) {
    for (const { Key, VersionId = '', LastModified } of Versions) {
      // A longer key that begins with this one comes behind all of its versions.
      if (Key !== key) return versions;
      versions.push({ versionId: VersionId, lastModifiedMs: LastModified?.getTime() ?? 0 });
    }
  }
  return versions;
};

async function* versionPages(
  client: S3Client,
  Bucket: string,
  Prefix: string,
): AsyncGenerator<ListObjectVersionsCommandOutput> {
  let at: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
  while (at !== undefined) {
    const page: ListObjectVersionsCommandOutput = await client.send(
      new ListObjectVersionsCommand({ Bucket, Prefix, ...at }),
    );
    yield page;
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
    at = page.IsTruncated === true ? { KeyMarker, VersionIdMarker } : undefined;
  }
}

/** They come newest first. */
const listStatements = async (
  client: RedshiftDataClient,
  sinceMs: number,
): Promise<readonly StatementTimes[]> => {
  const statements: StatementTimes[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(new ListStatementsCommand({ Status: 'ALL', NextToken: token }));
    for (const { StatementName, CreatedAt, UpdatedAt } of page.Statements ?? []) {
      const createdMs = CreatedAt?.getTime() ?? 0;
      if (createdMs < sinceMs) return statements;
      statements.push({ name: StatementName, createdMs, updatedMs: UpdatedAt?.getTime() ?? createdMs });
    }
    token = page.NextToken;
  } while (token !== undefined);
  return statements;
};

const POLL_MS = 20;

const runStatement = async (client: RedshiftDataClient, target: CloudTarget, sql: string): Promise<Rows> => {
  const { Id } = await client.send(
    new ExecuteStatementCommand({ WorkgroupName: target.workgroup, Database: target.database, Sql: sql }),
  );
  for (;;) {
    const { Status, Error: message, HasResultSet } = await client.send(new DescribeStatementCommand({ Id }));
    if (Status === 'FINISHED')
      return HasResultSet === true ? readRows(client, Id) : { columns: [], rows: [] };
    if (Status === 'FAILED' || Status === 'ABORTED')
      throw new Error(message ?? `the statement was ${Status}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};

const readRows = async (client: RedshiftDataClient, id: string | undefined): Promise<Rows> => {
  const rows: Value[][] = [];
  let columns: string[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(new GetStatementResultCommand({ Id: id, NextToken: token }));
    columns = (page.ColumnMetadata ?? []).map(({ name }) => name ?? '');
    for (const record of page.Records ?? []) rows.push(record.map(toValue));
    token = page.NextToken;
  } while (token !== undefined);
  return { columns, rows };
};

const toValue = (field: Field): Value =>
  field.stringValue ?? field.longValue ?? field.doubleValue ?? field.booleanValue ?? null;
