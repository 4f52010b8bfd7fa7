import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import type { BusEvent } from '../../../../infra/local/ipc.ts';
import type { S3Arguments } from '../../../../infra/local/s3/process.ts';
import { type SupervisedChild, superviseChild } from '../../../../infra/local/supervise-child.ts';
import { BUCKET, clientOf, temporaryFolder } from './local-s3.ts';

const MIB = 1024 * 1024;
const entry = join(import.meta.dirname, '../../../../infra/local/s3/process.ts');

interface Running {
  readonly child: SupervisedChild;
  readonly client: S3Client;
}

const start = async (dir: string, onEvent: (event: BusEvent) => Promise<void>): Promise<Running> => {
  const args: S3Arguments = {
    dir,
    buckets: [{ name: BUCKET, isVersioned: true, hasEventBridge: true }],
    account: '111122223333',
    region: 'eu-west-1',
  };
  const child = await superviseChild({
    entry,
    args,
    onEvent,
    onFailure: (cause) => expect.fail(cause.message),
  });
  onTestFinished(() => child.kill());
  return { child, client: clientOf(child.url) };
};

const keyOf = (event: BusEvent): unknown => (event.detail.object as { key?: unknown }).key;

const blobFiles = (dir: string): string[] =>
  readdirSync(join(dir, 'blobs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);

const listKeys = async (client: S3Client): Promise<string[]> =>
  ((await client.send(new ListObjectsV2Command({ Bucket: BUCKET }))).Contents ?? []).map((c) => c.Key ?? '');

test('keeps each object that it answered, and no other, when it is killed during puts', async () => {
  const dir = temporaryFolder();
  const events: BusEvent[] = [];
  const onEvent = async (event: BusEvent) => void events.push(event);
  const answered = new Set<string>();
  const sent = new Set<string>();
  for (let round = 0; round < 4; round++) {
    const { child, client } = await start(dir, onEvent);
    const worker = async (name: string): Promise<void> => {
      for (let n = 0; ; n++) {
        const Key = `${round}-${name}-${n}`;
        sent.add(Key);
        const Body = Key.padEnd(n % 2 === 0 ? 100 : 200_000, '.');
        const isAnswered = await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body })).then(
          () => true,
          () => false,
        );
        if (!isAnswered) return;
        answered.add(Key);
      }
    };
    const workers = Promise.all(['a', 'b', 'c', 'd'].map(worker));
    const before = answered.size;
    await expect.poll(() => answered.size, { interval: 5 }).toBeGreaterThan(before + 5 * round);
    await child.kill();
    await workers;
  }
  const { child, client } = await start(dir, onEvent);
  await expect.poll(() => child.flush()).toBe(0);
  const kept = await listKeys(client);
  expect(kept.filter((key) => !sent.has(key))).toEqual([]);
  expect([...answered].filter((key) => !kept.includes(key))).toEqual([]);
  for (const Key of kept) {
    const read = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    expect((await read.Body?.transformToString())?.replaceAll('.', '')).toBe(Key);
  }
  expect(new Set(events.map(keyOf))).toEqual(new Set(kept));
  expect(blobFiles(dir)).toHaveLength(kept.filter((key) => Number(key.split('-')[2]) % 2 === 1).length);
});

test('goes on with an upload over a kill, from the parts that it answered', async () => {
  const dir = temporaryFolder();
  const events: BusEvent[] = [];
  const onEvent = async (event: BusEvent) => void events.push(event);
  const first = await start(dir, onEvent);
  const at = { Bucket: BUCKET, Key: 'big' };
  const { UploadId } = await first.client.send(new CreateMultipartUploadCommand(at));
  const part = (PartNumber: number) => ({
    ...at,
    UploadId,
    PartNumber,
    Body: Buffer.alloc(5 * MIB, PartNumber),
  });
  const one = await first.client.send(new UploadPartCommand(part(1)));
  const cut = first.client.send(new UploadPartCommand(part(2)));
  const outcome = cut.then(
    () => 'answered',
    () => 'cut',
  );
  await first.child.kill();
  await outcome;

  const second = await start(dir, onEvent);
  const two = await second.client.send(new UploadPartCommand(part(2)));
  const Parts = [
    { PartNumber: 1, ETag: one.ETag },
    { PartNumber: 2, ETag: two.ETag },
  ];
  await second.client.send(
    new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }),
  );
  const read = await second.client.send(new GetObjectCommand(at));
  expect(read.ContentLength).toBe(10 * MIB);
  expect(await second.child.flush()).toBe(0);
  expect(events.map(keyOf)).toEqual(['big']);
  expect(blobFiles(dir)).toHaveLength(2);
});

test('sends an event again after a restart until it is taken over', async () => {
  const dir = temporaryFolder();
  const never = new Promise<void>(() => {});
  const seen = Promise.withResolvers<BusEvent>();
  const first = await start(dir, (event) => {
    seen.resolve(event);
    return never;
  });
  await first.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'x' }));
  const event = await seen.promise;
  await first.child.kill();

  const again: BusEvent[] = [];
  const second = await start(dir, async (event) => void again.push(event));
  await expect.poll(() => second.child.flush()).toBe(0);
  expect(again).toEqual([event]);
  await second.child.stop();

  const third = await start(dir, async (event) => void again.push(event));
  expect(await third.child.flush()).toBe(0);
  expect(again).toHaveLength(1);
});

test('tells of an object as EventBridge does', async () => {
  const events: BusEvent[] = [];
  const { child, client } = await start(temporaryFolder(), async (event) => void events.push(event));
  const { VersionId } = await client.send(
    new PutObjectCommand({ Bucket: BUCKET, Key: 'a b', Body: 'hello' }),
  );
  await child.flush();
  expect(events).toEqual([
    expect.objectContaining({
      version: '0',
      'detail-type': 'Object Created',
      source: 'aws.s3',
      account: '111122223333',
      region: 'eu-west-1',
      resources: ['arn:aws:s3:::bucket'],
      detail: expect.objectContaining({
        bucket: { name: BUCKET },
        object: {
          key: 'a b',
          size: 5,
          etag: '5d41402abc4b2a76b9719d911017c592',
          'version-id': VersionId,
          sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
        },
        reason: 'PutObject',
      }),
    }),
  ]);
});

test('strikes with a fault that its parent sends', async () => {
  const { child, client } = await start(temporaryFolder(), async () => {});
  child.fault({ kind: 'slowDown', count: 1 });
  await child.flush();
  const put = () => client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'x' }));
  await expect(put()).rejects.toMatchObject({ name: 'SlowDown' });
  await put();
});

test('says why it could not start', async () => {
  const options = { entry, args: { dir: 7 }, onEvent: async () => {}, onFailure: () => {} };
  await expect(superviseChild(options)).rejects.toThrow(/dir/);
});
