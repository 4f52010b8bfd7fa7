import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { expect, test } from 'vitest';
import { BUCKET, localS3 } from './local-s3.ts';

const MIB = 1024 * 1024;
const at = (Key: string) => ({ Bucket: BUCKET, Key });

const start = async (client: S3Client, Key: string, more: object = {}): Promise<string> =>
  (await client.send(new CreateMultipartUploadCommand({ ...at(Key), ...more }))).UploadId ?? '';

const part = async (
  client: S3Client,
  Key: string,
  UploadId: string,
  PartNumber: number,
  bytes: number | string,
): Promise<CompletedPart> => {
  const Body = typeof bytes === 'string' ? bytes : Buffer.alloc(bytes, PartNumber);
  const { ETag, ChecksumCRC32 } = await client.send(
    new UploadPartCommand({ ...at(Key), UploadId, PartNumber, Body }),
  );
  return { PartNumber, ETag, ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }) };
};

const complete = (Key: string, UploadId: string, Parts: CompletedPart[], more: object = {}) =>
  new CompleteMultipartUploadCommand({ ...at(Key), UploadId, MultipartUpload: { Parts }, ...more });

const openUploads = async (client: S3Client): Promise<(string | undefined)[]> =>
  ((await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))).Uploads ?? []).map((u) => u.Key);

/** Bytes that differ from chunk to chunk, from a generator: nothing knows their length beforehand. */
async function* unknownLength(bytes: number): AsyncGenerator<Buffer> {
  for (let sent = 0, i = 0; sent < bytes; i++) {
    const chunk = Buffer.alloc(
      Math.min(50_000, bytes - sent),
      createHash('sha512').update(String(i)).digest(),
    );
    sent += chunk.length;
    yield chunk;
  }
}

test('takes a stream of unknown length in parts and gives back the same bytes', async () => {
  const { client } = await localS3();
  const bytes = 12 * MIB + 17;
  const upload = new Upload({
    client,
    params: { ...at('big'), Body: Readable.from(unknownLength(bytes), { objectMode: false }) },
    partSize: 5 * MIB,
    queueSize: 2,
  });
  const written = await upload.done();
  const expected = createHash('sha256');
  for await (const chunk of unknownLength(bytes)) expected.update(chunk);
  const read = await client.send(new GetObjectCommand(at('big')));
  const actual = createHash('sha256').update((await read.Body?.transformToByteArray()) ?? '');
  expect(actual.digest('hex')).toBe(expected.digest('hex'));
  expect(written.ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
  expect(await openUploads(client)).toEqual([]);
});

test('leaves nothing of an upload that is aborted because its source failed', async () => {
  const { client, dir } = await localS3();
  async function* failing(): AsyncGenerator<Buffer> {
    yield* unknownLength(6 * MIB);
    throw new Error('the source is cut');
  }
  const upload = new Upload({
    client,
    params: { ...at('k'), Body: Readable.from(failing(), { objectMode: false }) },
  });
  await expect(upload.done()).rejects.toThrow('the source is cut');
  expect(await openUploads(client)).toEqual([]);
  expect(blobFiles(dir)).toEqual([]);
});

const blobFiles = (dir: string): string[] =>
  readdirSync(join(dir, 'blobs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);

test('reads a range across parts', async () => {
  const { client } = await localS3();
  const id = await start(client, 'k');
  const parts = [await part(client, 'k', id, 1, 5 * MIB), await part(client, 'k', id, 2, 'tail')];
  await client.send(complete('k', id, parts));
  const Range = `bytes=${5 * MIB - 2}-${5 * MIB + 1}`;
  const read = await client.send(new GetObjectCommand({ ...at('k'), Range }));
  expect([...((await read.Body?.transformToByteArray()) ?? [])]).toEqual([1, 1, 116, 97]);
});

test('shows nothing under the key before the upload is completed', async () => {
  const { client, events } = await localS3();
  const id = await start(client, 'k');
  await part(client, 'k', id, 1, 'x');
  await expect(client.send(new HeadObjectCommand(at('k')))).rejects.toMatchObject({ name: 'NotFound' });
  expect(await openUploads(client)).toEqual(['k']);
  expect(events).toEqual([]);
});

test('refuses parts that are too small, unknown, wrong or out of order', async () => {
  const { client } = await localS3();
  const id = await start(client, 'k');
  const one = await part(client, 'k', id, 1, 'small');
  const two = await part(client, 'k', id, 2, 'last');
  const refused = (parts: CompletedPart[]) => expect(client.send(complete('k', id, parts))).rejects;
  await refused([one, two]).toMatchObject({ name: 'EntityTooSmall' });
  await refused([two, one]).toMatchObject({ name: 'InvalidPartOrder' });
  await refused([one, { PartNumber: 3, ETag: '"x"' }]).toMatchObject({ name: 'InvalidPart' });
  await refused([{ PartNumber: 1, ETag: '"wrong"' }]).toMatchObject({ name: 'InvalidPart' });
  await refused([]).toMatchObject({ name: 'MalformedXML' });
  await expect(part(client, 'k', id, 10_001, 'x')).rejects.toMatchObject({ name: 'InvalidArgument' });
  await client.send(complete('k', id, [one], { MpuObjectSize: 5 }));
});

test('refuses a completion whose size is not the one expected', async () => {
  const { client } = await localS3();
  const id = await start(client, 'k');
  const one = await part(client, 'k', id, 1, 'small');
  await expect(client.send(complete('k', id, [one], { MpuObjectSize: 6 }))).rejects.toMatchObject({
    name: 'InvalidRequest',
  });
});

test('lists the parts of an upload in pages', async () => {
  const { client } = await localS3();
  const id = await start(client, 'k');
  for (const n of [3, 1, 2]) await part(client, 'k', id, n, `${n}`);
  const first = await client.send(new ListPartsCommand({ ...at('k'), UploadId: id, MaxParts: 2 }));
  expect(first.Parts?.map((p) => p.PartNumber)).toEqual([1, 2]);
  const PartNumberMarker = first.NextPartNumberMarker;
  const second = await client.send(new ListPartsCommand({ ...at('k'), UploadId: id, PartNumberMarker }));
  expect([second.Parts?.map((p) => p.PartNumber), second.IsTruncated]).toEqual([[3], false]);
});

test('answers the same completion twice with one version and one event', async () => {
  const { client, events } = await localS3();
  const id = await start(client, 'k');
  const parts = [await part(client, 'k', id, 1, 'x')];
  const first = await client.send(complete('k', id, parts));
  const second = await client.send(complete('k', id, parts));
  expect(second.VersionId).toBe(first.VersionId);
  expect(events).toHaveLength(1);
});

test('knows an aborted upload no more', async () => {
  const { client, dir } = await localS3();
  const id = await start(client, 'k');
  const parts = [await part(client, 'k', id, 1, 100_000)];
  await client.send(new AbortMultipartUploadCommand({ ...at('k'), UploadId: id }));
  await expect(client.send(complete('k', id, parts))).rejects.toMatchObject({ name: 'NoSuchUpload' });
  await expect(part(client, 'k', id, 2, 'x')).rejects.toMatchObject({ name: 'NoSuchUpload' });
  expect(blobFiles(dir)).toEqual([]);
});

test('makes current, of two uploads, the one that was started last', async () => {
  const { client } = await localS3();
  const early = await start(client, 'k');
  const late = await start(client, 'k');
  await client.send(complete('k', late, [await part(client, 'k', late, 1, 'late')]));
  await client.send(complete('k', early, [await part(client, 'k', early, 1, 'early')]));
  const read = await client.send(new GetObjectCommand(at('k')));
  expect(await read.Body?.transformToString()).toBe('late');
});

test('lets one of two conditional completions win, and 412 the other', async () => {
  const { client } = await localS3();
  const ids = [await start(client, 'k'), await start(client, 'k')];
  const outcomes = await Promise.allSettled(
    ids.map(async (id) =>
      client.send(complete('k', id, [await part(client, 'k', id, 1, id)], { IfNoneMatch: '*' })),
    ),
  );
  expect(outcomes.map((o) => (o.status === 'rejected' ? o.reason.name : 'won')).sort()).toEqual([
    'PreconditionFailed',
    'won',
  ]);
});

test('answers a conflict to a conditional completion when its key was deleted meanwhile', async () => {
  const { client } = await localS3();
  await client.send(new PutObjectCommand({ ...at('k'), Body: 'x' }));
  const id = await start(client, 'k');
  const parts = [await part(client, 'k', id, 1, 'x')];
  await client.send(new DeleteObjectCommand(at('k')));
  await expect(client.send(complete('k', id, parts, { IfNoneMatch: '*' }))).rejects.toMatchObject({
    name: 'ConditionalRequestConflict',
  });
});

test.each([
  ['CRC32', 'COMPOSITE'],
  ['CRC32', 'FULL_OBJECT'],
  ['CRC32C', 'FULL_OBJECT'],
  ['SHA256', 'COMPOSITE'],
] as const)(
  'verifies the %s %s checksum of an upload and hands it out',
  async (ChecksumAlgorithm, ChecksumType) => {
    const { client } = await localS3();
    const UploadId = await start(client, 'k', { ChecksumAlgorithm, ChecksumType });
    const Parts: CompletedPart[] = [];
    for (const [i, Body] of [Buffer.alloc(5 * MIB, 7), Buffer.from('tail')].entries()) {
      const PartNumber = i + 1;
      const sent = await client.send(
        new UploadPartCommand({ ...at('k'), UploadId, PartNumber, Body, ChecksumAlgorithm }),
      );
      Parts.push({ PartNumber, ...sent });
    }
    const done = await client.send(complete('k', UploadId, Parts, { ChecksumType }));
    const head = await client.send(new HeadObjectCommand({ ...at('k'), ChecksumMode: 'ENABLED' }));
    expect(head.ChecksumType).toBe(ChecksumType);
    expect(head[`Checksum${ChecksumAlgorithm}`]).toBe(done[`Checksum${ChecksumAlgorithm}`]);
    // The client verifies a full object's checksum while it reads.
    const read = await client.send(new GetObjectCommand({ ...at('k'), ChecksumMode: 'ENABLED' }));
    expect((await read.Body?.transformToByteArray())?.length).toBe(5 * MIB + 4);
  },
);
