import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { s3ObjectInventory } from '../../../handlers/adapters/s3-object-inventory.ts';
import { s3RecordStore } from '../../../handlers/adapters/s3-record-store.ts';
import { readAssembly } from '../../local/assembly/assembly.ts';
import { ACCOUNT, REGION } from '../../local/assembly/names.ts';
import { verifySignatures } from '../../local/iam/authenticate.ts';
import { issueKeys } from '../../local/iam/issue-keys.ts';
import { readAccess } from '../../local/iam/read-access.ts';
import { startS3 } from '../../local/s3/server.ts';
import { newStarted } from '../../local/started.ts';
import { lockFolder } from '../../local/take-lock.ts';
import { readAssemblyFeeds } from './assembly-feeds.ts';
import type { Markable } from './deployment.ts';
import { nothingWasRun } from './nothing-was-run.ts';
import { findStateBucket, type LocalOptions } from './running-cloud.ts';

/** Serves the buckets of a data folder on which no cloud runs. Events of what is changed wait in it for the next run. */
export const serveBucket = async (data: string, { clock, options = '' }: LocalOptions): Promise<Markable> => {
  const [dir, folder] = [join(data, 's3'), join(data, 'cdk.out')];
  if (!existsSync(dir) || !existsSync(folder)) throw nothingWasRun(dir, options);
  await using opened = newStarted();
  opened.adopt(lockFolder(data), (lock) => lock.release());
  const assembly = await readAssembly(folder);
  const keys = issueKeys(assembly);
  const table = { ...readAccess(assembly), keys: keys.table };
  const buckets = assembly.buckets.map(({ name, isVersioned, hasEventBridge }) => ({
    ...{ name, isVersioned, hasEventBridge },
  }));
  const authenticate = verifySignatures({ table, region: REGION, service: 's3' });
  const onEvent = (): void => {};
  const of = { dir, buckets, account: ACCOUNT, region: REGION, authenticate, onEvent };
  const server = opened.adopt(await startS3(of), (started) => started.close());
  const client = { region: REGION, endpoint: server.url, forcePathStyle: true, credentials: keys.operator };
  const s3 = opened.adopt(new S3Client(client), (one) => one.destroy());
  const serving = opened.move();
  const state = findStateBucket(buckets.map(({ name }) => name)) ?? '';
  return {
    options,
    clock,
    records: s3RecordStore(s3, state),
    inventory: s3ObjectInventory(s3, state),
    readFeeds: () => readAssemblyFeeds(folder),
    close: () => serving.stop(),
  };
};
