import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { BusEvent } from '../../../../infra/local/ipc.ts';
import type { LifecycleRule } from '../../../../infra/local/s3/lifecycle-rule.ts';
import { startS3 } from '../../../../infra/local/s3/server.ts';
import { BUCKET, clientOf, PLAIN, temporaryFolder } from './local-s3.ts';

const RULES: readonly LifecycleRule[] = [
  { action: 'abortUploads', afterDays: 1 },
  { action: 'removeNoncurrent', afterDays: 30 },
  { action: 'removeLoneMarkers' },
];
const buckets = [
  { name: BUCKET, isVersioned: true, hasEventBridge: true, lifecycle: RULES },
  {
    name: PLAIN,
    isVersioned: false,
    hasEventBridge: false,
    lifecycle: [{ action: 'remove', afterDays: 90 } as const],
  },
];

/** Time stands still but for what a test sets. */
const clock = { ms: 0 };
const at = (time: string): void => {
  clock.ms = Date.parse(time);
};

/** Has S3 on a folder for a work. */
const onS3 = async <T>(
  dir: string,
  work: (client: S3Client, events: BusEvent[]) => Promise<T>,
): Promise<T> => {
  const events: BusEvent[] = [];
  const server = await startS3({
    dir,
    buckets,
    account: '111122223333',
    region: 'eu-west-1',
    now: () => clock.ms,
    onEvent: ({ event }) => events.push(event),
  });
  return work(clientOf(server.url), events).finally(server.close);
};

const put = (client: S3Client, Key: string, Bucket = BUCKET) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));

/** Keys of versions, with a star the current ones, with a cross delete markers. */
const versionsOf = async (client: S3Client, Bucket = BUCKET): Promise<string[]> => {
  const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
  return [
    ...Versions.map(({ Key, IsLatest }) => `${Key}${IsLatest === true ? '*' : ''}`),
    ...DeleteMarkers.map(({ Key }) => `${Key}†`),
  ].sort();
};

afterEach(() => {
  vi.useRealTimers();
});

describe('the lifecycle of a bucket', () => {
  test('removes a version 30 days after it was hidden, at the next midnight, and tells so', async () => {
    const dir = temporaryFolder();
    at('2026-01-01T10:00:00Z');
    await onS3(dir, async (client) => {
      await put(client, 'a');
      at('2026-03-01T10:00:00Z');
      await put(client, 'a');
    });
    at('2026-03-31T23:59:59Z');
    expect(await onS3(dir, (client) => versionsOf(client))).toEqual(['a', 'a*']);
    at('2026-04-01T00:00:00Z');
    const [left, events] = await onS3(dir, async (client, told) => [await versionsOf(client), told] as const);
    expect(left).toEqual(['a*']);
    expect(events.at(-1)).toMatchObject({
      'detail-type': 'Object Deleted',
      detail: {
        object: { key: 'a' },
        requester: 's3.amazonaws.com',
        reason: 'Lifecycle Expiration',
        'deletion-type': 'Permanently Deleted',
      },
    });
    expect(events.at(-1)?.detail).not.toHaveProperty('source-ip-address');
  });

  test('removes a delete marker with the last version that it hid, and no sooner', async () => {
    const dir = temporaryFolder();
    at('2026-01-01T10:00:00Z');
    await onS3(dir, async (client) => {
      await put(client, 'a');
      await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'a' }));
    });
    expect(await onS3(dir, (client) => versionsOf(client))).toEqual(['a', 'a†']);
    at('2026-02-01T00:00:00Z');
    expect(await onS3(dir, (client) => versionsOf(client))).toEqual([]);
  });

  test('aborts an upload a day after it was begun', async () => {
    const dir = temporaryFolder();
    at('2026-01-01T10:00:00Z');
    await onS3(dir, async (client) => {
      await client.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key: 'old' }));
      at('2026-01-02T10:00:00Z');
      await client.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key: 'new' }));
    });
    at('2026-01-03T00:00:00Z');
    const { Uploads } = await onS3(dir, (client) =>
      client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET })),
    );
    expect(Uploads?.map(({ Key }) => Key)).toEqual(['new']);
  });

  test('removes the objects of a bucket without versions, however many are due', async () => {
    const dir = temporaryFolder();
    at('2026-01-01T10:00:00Z');
    await onS3(dir, async (client) => {
      await Promise.all(Array.from({ length: 1100 }, (_, n) => put(client, `old${n}`, PLAIN)));
      at('2026-01-02T10:00:00Z');
      await put(client, 'new', PLAIN);
    });
    at('2026-04-02T00:00:00Z');
    expect(await onS3(dir, (client) => versionsOf(client, PLAIN))).toEqual(['new*']);
  });

  test('goes on every hour', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    at('2026-01-01T10:00:00Z');
    await onS3(temporaryFolder(), async (client) => {
      await put(client, 'a', PLAIN);
      at('2027-01-01T10:00:00Z');
      expect(await versionsOf(client, PLAIN)).toEqual(['a*']);
      vi.advanceTimersByTime(3_600_000);
      expect(await versionsOf(client, PLAIN)).toEqual([]);
    });
  });
});
