import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BucketSettings } from '../../../handlers/ports/bucket-settings.ts';
import type { InventoryVersion, ObjectInventory } from '../../../handlers/ports/object-inventory.ts';
import type { RecordStore } from '../../../handlers/ports/record-store.ts';
import { ServiceRefused } from '../../../shared/errors.ts';
import { checkFolder } from '../../local/check-folder.ts';
import type { FolderReader } from '../../local/s3/read-folder.ts';
import { readAssemblyFeeds } from './assembly-feeds.ts';
import type { Deployment } from './deployment.ts';
import { lazy } from './lazy.ts';
import { nothingWasRun } from './nothing-was-run.ts';
import type { LocalOptions } from './running-cloud.ts';

/** A data folder on which no cloud runs, to be read. Its bucket and its warehouse are opened when they are asked first. */
export const openFolderAtRest = (data: string, { options = '', clock, signal }: LocalOptions): Deployment => {
  const state = lazy(
    () => openState(data, options),
    ({ close }) => close(),
  );
  const warehouse = lazy(
    () => openWarehouse(data, options),
    ({ close }) => close(),
  );
  const query: Deployment['query'] = async (sql) => {
    signal.throwIfAborted();
    const { columns, rows } = await (await warehouse.open()).query(sql);
    return { columns: columns.map(({ name }) => name), rows };
  };
  const folder = async (): Promise<FolderReader> => (await state.open()).folder;
  return {
    options,
    clock,
    records: recordsOf(folder, data),
    inventory: inventoryOf(folder, data),
    buckets: { read: async (bucket) => readSettings(await state.open(), bucket) },
    open: async (key) => (await folder()).open(key),
    query,
    warehouse: { execute: async (sql) => (await query(sql)).rows },
    events: { put: async () => refuseWrites(data) },
    readBucket: async () => (await state.open()).bucket,
    readFeeds: async () => readAssemblyFeeds(placesOf(data, options).assembly),
    close: async () => {
      await warehouse.close();
      await state.close();
    },
  };
};

/** Where a run leaves its bucket and its templates. Throws UsageError where there was none. */
const placesOf = (data: string, options: string) => {
  const [dir, assembly] = [join(data, 's3'), join(data, 'cdk.out')];
  if (!existsSync(dir) || !existsSync(assembly)) throw nothingWasRun(dir, options);
  return { dir, assembly };
};

const openState = async (data: string, options: string) => {
  const { dir, assembly } = placesOf(data, options);
  const { lockFolder } = await import('../../local/take-lock.ts');
  const lock = lockFolder(data);
  try {
    const { readAssembly } = await import('../../local/assembly/assembly.ts');
    const { openS3Folder } = await import('../../local/s3/read-folder.ts');
    const { findStateBucket } = await import('./running-cloud.ts');
    const { buckets } = await readAssembly(assembly);
    const bucket = findStateBucket(buckets.map(({ name }) => name)) ?? '';
    const folder = openS3Folder(dir, bucket);
    return {
      buckets,
      bucket,
      folder,
      close: (): void => {
        folder.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
};

/** As the assembly says: no request changes a bucket of the local cloud. */
const readSettings = (
  { buckets }: Awaited<ReturnType<typeof openState>>,
  bucket: string,
): Awaited<ReturnType<BucketSettings['read']>> => {
  const found = buckets.find(({ name }) => name === bucket);
  if (found === undefined)
    throw new ServiceRefused(
      `bucket ${bucket} is not of this cloud: ${buckets.map(({ name }) => name).join(' ')}`,
    );
  return { hasVersions: found.isVersioned, tellsEventBridge: found.hasEventBridge };
};

const openWarehouse = async (data: string, options: string) => {
  const folder = join(data, 'redshift');
  if (!existsSync(folder)) throw nothingWasRun(folder, options);
  checkFolder(data);
  const { openWarehouse: open } = await import('../../local/redshift/query.ts');
  return open(folder);
};

const refuseWrites = (data: string): never => {
  throw new Error(`no cloud runs on ${data}, and its folder is only read`);
};

const recordsOf = (folder: () => Promise<FolderReader>, data: string): RecordStore => ({
  read: async (key) => toText((await folder()).open(key)),
  list: async (...of) => (await folder()).list(...of),
  putIfAbsent: async () => refuseWrites(data),
  remove: async () => refuseWrites(data),
});

const toText = async (bytes: AsyncIterable<Uint8Array> | undefined): Promise<string | undefined> => {
  if (bytes === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

const inventoryOf = (folder: () => Promise<FolderReader>, data: string): ObjectInventory => ({
  async *list(prefix) {
    for (const { key, modified, is_latest, is_marker } of (await folder()).versions(prefix))
      if (is_latest && !is_marker) yield { key, lastModifiedMs: toWholeSeconds(modified) };
  },
  async *listVersions(prefix, bucket, after = '') {
    for (const version of notRemoved((await folder()).versions(prefix, bucket)))
      if (Buffer.compare(Buffer.from(version.key), Buffer.from(after)) > 0) yield version; // in S3's order
  },
  remove: async () => refuseWrites(data),
  removeVersions: async () => refuseWrites(data),
});

/** As S3 says times. */
const toWholeSeconds = (ms: number): number => Math.floor(ms / 1000) * 1000;

/** The versions of each key down to its newest delete marker. */
function* notRemoved(versions: ReturnType<FolderReader['versions']>): Generator<InventoryVersion> {
  let removed: string | undefined;
  for (const { key, version, modified, is_marker } of versions) {
    if (is_marker) removed = key;
    else if (key !== removed) yield { key, versionId: version, lastModifiedMs: toWholeSeconds(modified) };
  }
}
