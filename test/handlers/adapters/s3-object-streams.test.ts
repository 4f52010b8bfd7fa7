import { Readable } from 'node:stream';
import { HeadObjectCommand, ListMultipartUploadsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { s3ObjectStreams } from '../../../handlers/adapters/s3-object-streams.ts';
import { OutOfTime, ServiceUnavailable, SourceTruncated } from '../../../shared/errors.ts';
import { BUCKET, localS3 } from '../../infra/local/s3/local-s3.ts';

const MIB = 2 ** 20;
const never = new AbortController().signal;

const setUp = async () => {
  const { client, server } = await localS3();
  const streams = s3ObjectStreams(client, BUCKET);
  const put = async (key: string, body: Buffer) => {
    const { VersionId = '' } = await client.send(
      new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }),
    );
    return { bucket: BUCKET, key, versionId: VersionId };
  };
  const openUploads = async () =>
    (await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))).Uploads ?? [];
  const exists = (key: string) =>
    client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: key })).then(
      () => true,
      () => false,
    );
  return { client, server, streams, put, openUploads, exists };
};

const read = async (body: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** A body of whole MiB that runs a step before each. */
const bodyOf = (mebibytes: number, before: (n: number) => void | Promise<void> = () => {}): Readable =>
  Readable.from(
    (async function* () {
      for (let n = 0; n < mebibytes; n++) {
        await before(n);
        yield Buffer.alloc(MIB, n);
      }
    })(),
    { objectMode: false },
  );

describe('object streams on S3', () => {
  it('tell what a version is, and that there is none', async () => {
    const { streams, put } = await setUp();
    const object = await put('landing/a b+c.xml', Buffer.from('<a/>'));
    expect(await streams.head(object)).toMatchObject({ bytes: 4, etag: expect.stringMatching(/^".+"$/) });
    expect(await streams.head({ ...object, key: 'landing/none.xml' })).toBeUndefined();
  });

  it('read the version asked for, not the newest', async () => {
    const { streams, put } = await setUp();
    const first = await put('a.xml', Buffer.from('<first/>'));
    await put('a.xml', Buffer.from('<second/>'));
    expect((await read(await streams.open(first, never))).toString()).toBe('<first/>');
  });

  it('fail to read, as transient, when the connection is cut', async () => {
    const { streams, put, server } = await setUp();
    const object = await put('a.xml', Buffer.alloc(MIB));
    server.faults.set({ kind: 'truncateGet', count: 1 });
    await expect(streams.open(object, never).then(read)).rejects.toThrow(ServiceUnavailable);
  });

  it("fail to read with the signal's reason", async () => {
    const { streams, put } = await setUp();
    const object = await put('a.xml', Buffer.alloc(4 * MIB));
    const controller = new AbortController();
    const body = await streams.open(object, controller.signal);
    const outOfTime = new OutOfTime('time is up');
    controller.abort(outOfTime);
    await expect(read(body)).rejects.toBe(outOfTime);
  });

  it.each([0, 1, 20])('upload %i MiB of unknown length', async (mebibytes) => {
    const { client, streams, openUploads } = await setUp();
    await streams.upload('staged/x', bodyOf(mebibytes), never);
    const head = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'staged/x' }));
    expect(head.ContentLength).toBe(mebibytes * MIB);
    expect(await openUploads()).toEqual([]);
  });
});

describe('an upload that cannot be finished leaves nothing behind', () => {
  it.each([2, 20])("when its body fails after %i MiB, and keeps the body's error", async (mebibytes) => {
    const { streams, openUploads, exists } = await setUp();
    const truncated = new SourceTruncated('cut');
    const body = bodyOf(mebibytes + 1, (n) => {
      if (n === mebibytes) throw truncated;
    });
    await expect(streams.upload('staged/x', body, never)).rejects.toBe(truncated);
    expect([await openUploads(), await exists('staged/x')]).toEqual([[], false]);
  });

  it.each([2, 20])('when the signal fires after %i MiB, and keeps its reason', async (mebibytes) => {
    const { streams, openUploads, exists } = await setUp();
    const controller = new AbortController();
    const outOfTime = new OutOfTime('time is up');
    const body = bodyOf(mebibytes + 10, (n) => {
      if (n === mebibytes) controller.abort(outOfTime);
    });
    await expect(streams.upload('staged/x', body, controller.signal)).rejects.toBe(outOfTime);
    expect(body.destroyed).toBe(true);
    expect([await openUploads(), await exists('staged/x')]).toEqual([[], false]);
  });

  it('when the signal has fired before', async () => {
    const { streams, exists } = await setUp();
    const outOfTime = new OutOfTime('time is up');
    await expect(streams.upload('staged/x', bodyOf(1), AbortSignal.abort(outOfTime))).rejects.toBe(outOfTime);
    expect(await exists('staged/x')).toBe(false);
  });

  it('when S3 refuses a part, and destroys the body', async () => {
    const { streams, server, openUploads, exists } = await setUp();
    const body = bodyOf(40, (n) => {
      if (n === 10) server.faults.set({ kind: 'slowDown', prefix: 'staged/x', count: 1 });
    });
    const uploading = streams.upload('staged/x', body, never);
    await expect(uploading).rejects.toThrow(ServiceUnavailable);
    await expect(uploading).rejects.toThrow('upload of s3://bucket/staged/x failed with 503 SlowDown');
    expect(body.destroyed).toBe(true);
    expect([await openUploads(), await exists('staged/x')]).toEqual([[], false]);
  });
});
