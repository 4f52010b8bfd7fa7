import { GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { BUCKET, clientOf, localS3 } from './local-s3.ts';

const put = (Key: string, more: object = {}) =>
  new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x'.repeat(100), ...more });

test('slows down the next requests under a prefix, and only those', async () => {
  const struck: string[] = [];
  const { server, client } = await localS3({ onStruck: (fault) => struck.push(fault) });
  server.faults.set({ kind: 'slowDown', prefix: 'a/', count: 2 });
  await client.send(put('b/1'));
  for (const key of ['a/1', 'a/2']) {
    await expect(client.send(put(key))).rejects.toMatchObject({ name: 'SlowDown' });
  }
  await client.send(put('a/3'));
  expect(struck).toEqual(['slowDown a/', 'slowDown a/']);
});

test('is retried by the SDK after SlowDown', async () => {
  const { server } = await localS3();
  server.faults.set({ kind: 'slowDown', count: 2 });
  await clientOf(server.url, { maxAttempts: 3 }).send(put('k'));
});

test('strikes each key once when it is told to', async () => {
  const { server, client } = await localS3();
  server.faults.set({ kind: 'slowDown', prefix: 'a/', count: 1, isPerKey: true });
  for (const key of ['a/1', 'a/2']) {
    await expect(client.send(put(key))).rejects.toMatchObject({ name: 'SlowDown' });
    await client.send(put(key));
  }
});

test('commits a put whose reply it loses, so that its repetition is answered 412', async () => {
  const { server, client, events } = await localS3();
  server.faults.set({ kind: 'loseReply', count: 1 });
  const retrying = clientOf(server.url, { maxAttempts: 3 });
  await expect(retrying.send(put('k', { IfNoneMatch: '*' }))).rejects.toMatchObject({
    name: 'PreconditionFailed',
  });
  const listed = await client.send(new ListObjectVersionsCommand({ Bucket: BUCKET }));
  expect(listed.Versions).toHaveLength(1);
  expect(events).toHaveLength(1);
});

test('answers 500 after the commit', async () => {
  const { server, client } = await localS3();
  server.faults.set({ kind: 'errorAfterCommit', count: 1 });
  await expect(client.send(put('k'))).rejects.toMatchObject({ name: 'InternalError' });
  await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'k' }));
});

test('answers a conflict to conditional writes only', async () => {
  const { server, client } = await localS3();
  server.faults.set({ kind: 'conflict', count: 1 });
  await client.send(put('k'));
  await expect(client.send(put('l', { IfNoneMatch: '*' }))).rejects.toMatchObject({
    name: 'ConditionalRequestConflict',
    $metadata: { httpStatusCode: 409 },
  });
});

test('cuts a GET in its middle, which its reader sees as an error', async () => {
  const { server, client } = await localS3();
  await client.send(put('k'));
  server.faults.set({ kind: 'truncateGet', count: 1 });
  const read = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'k' }));
  expect(read.ContentLength).toBe(100);
  await expect(read.Body?.transformToByteArray()).rejects.toThrow();
});

test('refuses a fault that it does not know', async () => {
  const { server } = await localS3();
  expect(() => server.faults.set({ kind: 'earthquake', count: 1 })).toThrow('kind');
});
