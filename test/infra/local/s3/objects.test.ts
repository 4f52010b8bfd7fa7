import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { BUCKET, localS3, PLAIN } from './local-s3.ts';

const put = (Key: string, Body: string, more: object = {}) =>
  new PutObjectCommand({ Bucket: BUCKET, Key, Body, ...more });
const get = (Key: string, more: object = {}) => new GetObjectCommand({ Bucket: BUCKET, Key, ...more });

test('gives back the bytes, the headers and the metadata of a put', async () => {
  const { client } = await localS3();
  const written = await client.send(
    put('a/b c+d&ä€𝄞.txt', 'hello', {
      ContentType: 'text/plain',
      Metadata: { colour: 'red' },
      CacheControl: 'no-store',
    }),
  );
  const read = await client.send(get('a/b c+d&ä€𝄞.txt'));
  expect(await read.Body?.transformToString()).toBe('hello');
  expect(read).toMatchObject({
    ContentType: 'text/plain',
    Metadata: { colour: 'red' },
    CacheControl: 'no-store',
    ContentLength: 5,
    ETag: '"5d41402abc4b2a76b9719d911017c592"',
    VersionId: written.VersionId,
  });
});

test('refuses a second put if none match, with 412, and keeps the first', async () => {
  const { client } = await localS3();
  await client.send(put('k', 'first', { IfNoneMatch: '*' }));
  await expect(client.send(put('k', 'second', { IfNoneMatch: '*' }))).rejects.toMatchObject({
    name: 'PreconditionFailed',
    $metadata: { httpStatusCode: 412 },
  });
  expect(await (await client.send(get('k'))).Body?.transformToString()).toBe('first');
});

test('lets exactly one of 20 conditional puts at once win', async () => {
  const { client } = await localS3();
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, i) => client.send(put('race', `${i}`, { IfNoneMatch: '*' }))),
  );
  const won = outcomes.flatMap((o, i) => (o.status === 'fulfilled' ? [i] : []));
  expect(won).toHaveLength(1);
  expect(await (await client.send(get('race'))).Body?.transformToString()).toBe(String(won[0]));
});

test('counts a delete marker as absent for a conditional put', async () => {
  const { client } = await localS3();
  await client.send(put('k', 'first'));
  await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'k' }));
  await client.send(put('k', 'second', { IfNoneMatch: '*' }));
  expect(await (await client.send(get('k'))).Body?.transformToString()).toBe('second');
});

test('replaces by if match only what is still there', async () => {
  const { client } = await localS3();
  await expect(client.send(put('k', 'x', { IfMatch: '"e"' }))).rejects.toMatchObject({ name: 'NoSuchKey' });
  const { ETag } = await client.send(put('k', 'first'));
  await client.send(put('k', 'second', { IfMatch: ETag }));
  await expect(client.send(put('k', 'third', { IfMatch: ETag }))).rejects.toMatchObject({
    name: 'PreconditionFailed',
  });
});

test.each([
  ['bytes=0-3', '0123', 'bytes 0-3/10'],
  ['bytes=8-', '89', 'bytes 8-9/10'],
  ['bytes=-3', '789', 'bytes 7-9/10'],
  ['bytes=5-100', '56789', 'bytes 5-9/10'],
])('reads the range %s', async (Range, bytes, ContentRange) => {
  const { client } = await localS3();
  await client.send(put('k', '0123456789'));
  const read = await client.send(get('k', { Range }));
  expect(await read.Body?.transformToString()).toBe(bytes);
  expect(read).toMatchObject({ ContentRange, $metadata: { httpStatusCode: 206 } });
});

test('answers 416 for a range behind the end', async () => {
  const { client } = await localS3();
  await client.send(put('k', '0123456789'));
  await expect(client.send(get('k', { Range: 'bytes=10-' }))).rejects.toMatchObject({ name: 'InvalidRange' });
});

test('reads only what the conditions allow', async () => {
  const { client } = await localS3();
  const { ETag } = await client.send(put('k', 'x'));
  await client.send(get('k', { IfMatch: ETag }));
  await expect(client.send(get('k', { IfMatch: '"other"' }))).rejects.toMatchObject({
    name: 'PreconditionFailed',
  });
  await expect(client.send(get('k', { IfNoneMatch: ETag }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 304 },
  });
});

test('keeps every version, hides a deleted key and shows it again when its delete marker is removed', async () => {
  const { client } = await localS3();
  const first = await client.send(put('k', 'first'));
  const second = await client.send(put('k', 'second'));
  const marker = await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'k' }));
  expect(marker.DeleteMarker).toBe(true);
  await expect(client.send(get('k'))).rejects.toMatchObject({ name: 'NoSuchKey' });
  await expect(client.send(get('k', { VersionId: marker.VersionId }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 405 },
  });
  const old = await client.send(get('k', { VersionId: first.VersionId }));
  expect(await old.Body?.transformToString()).toBe('first');

  const listed = await client.send(new ListObjectVersionsCommand({ Bucket: BUCKET }));
  expect(listed.Versions?.map((v) => [v.VersionId, v.IsLatest])).toEqual([
    [second.VersionId, false],
    [first.VersionId, false],
  ]);
  expect(listed.DeleteMarkers?.map((v) => [v.VersionId, v.IsLatest])).toEqual([[marker.VersionId, true]]);

  await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'k', VersionId: marker.VersionId }));
  expect(await (await client.send(get('k'))).Body?.transformToString()).toBe('second');
});

test('keeps one version in a bucket without versioning', async () => {
  const { client } = await localS3();
  for (const Body of ['first', 'second']) {
    const written = await client.send(new PutObjectCommand({ Bucket: PLAIN, Key: 'k', Body }));
    expect(written.VersionId).toBeUndefined();
  }
  const listed = await client.send(new ListObjectVersionsCommand({ Bucket: PLAIN }));
  expect(listed.Versions?.map((v) => v.VersionId)).toEqual(['null']);
  await client.send(new DeleteObjectCommand({ Bucket: PLAIN, Key: 'k' }));
  expect((await client.send(new ListObjectsV2Command({ Bucket: PLAIN }))).KeyCount).toBe(0);
});

test('deletes many keys in one request, with keys that XML has to escape', async () => {
  const { client } = await localS3();
  const keys = ['a&b', '<c>', ' spaces ', '"q"', 'plain'];
  for (const key of keys) await client.send(put(key, 'x'));
  const Objects = keys.slice(0, 4).map((Key) => ({ Key }));
  const done = await client.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } }));
  expect(done.Deleted?.map((d) => d.Key)).toEqual(keys.slice(0, 4));
  const left = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  expect(left.Contents?.map((c) => c.Key)).toEqual(['plain']);
});

test('copies an object, whose bytes stay when the source is removed', async () => {
  const { client } = await localS3();
  const Body = 'x'.repeat(100_000);
  const source = await client.send(put('from', Body));
  await client.send(new CopyObjectCommand({ Bucket: BUCKET, Key: 'to', CopySource: `${BUCKET}/from` }));
  await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'from', VersionId: source.VersionId }));
  const read = await client.send(get('to'));
  expect(await read.Body?.transformToString()).toBe(Body);
});

test('reads a version to its end although it is removed meanwhile', async () => {
  const { client } = await localS3();
  const Body = 'x'.repeat(20_000_000);
  const { VersionId } = await client.send(put('k', Body));
  const read = await client.send(get('k'));
  await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'k', VersionId }));
  expect((await read.Body?.transformToByteArray())?.length).toBe(Body.length);
});

test('says what is missing by its name', async () => {
  const { client } = await localS3();
  await expect(client.send(get('absent'))).rejects.toMatchObject({ name: 'NoSuchKey' });
  await expect(client.send(get('absent', { VersionId: 'v' }))).rejects.toMatchObject({
    name: 'NoSuchVersion',
  });
  await expect(client.send(get('k', { Bucket: 'nobody' }))).rejects.toMatchObject({ name: 'NoSuchBucket' });
  await expect(client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'absent' }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 404 },
  });
  await expect(client.send(put('k'.repeat(1025), 'x'))).rejects.toMatchObject({ name: 'KeyTooLongError' });
  await client.send(put('ä'.repeat(512), 'x'));
});
