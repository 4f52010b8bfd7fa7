import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { ObjectStreams, ObjectVersion } from '../../handlers/ports/object-streams.ts';

export interface OpenedStreams {
  readonly streams: ObjectStreams;
  /** Puts a version as another would land it. */
  land(key: string, bytes: Buffer): Promise<ObjectVersion>;
  /** What an upload left under a key; undefined where there is nothing. */
  uploaded(key: string): Promise<Buffer | undefined>;
}

const never = new AbortController().signal;

const readAll = async (body: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** Gives a chunk, then what `then` does. */
const bodyOf = (then: () => void): Readable =>
  Readable.from(
    (async function* () {
      yield Buffer.from('first');
      then();
      yield Buffer.from('second');
    })(),
    { objectMode: false },
  );

/** The words of the ObjectStreams port, as tests. */
export const objectStreamsContract = (name: string, open: () => Promise<OpenedStreams>) => {
  describe(`ObjectStreams, ${name}`, () => {
    it('tells what a version is, and that there is none', async () => {
      const { streams, land } = await open();
      const object = await land('landing/f/a b+c.xml', Buffer.from('<a/>'));
      const head = await streams.head(object);
      expect(head).toMatchObject({ bytes: 4, etag: expect.stringMatching(/^".+"$/) });
      expect(head?.lastModifiedMs).toBeGreaterThan(0);
      expect(await streams.head({ ...object, key: 'landing/f/none.xml' })).toBeUndefined();
    });

    it('reads each version as it was put, byte by byte', async () => {
      const { streams, land } = await open();
      const texts = [Buffer.alloc(0), Buffer.from([0, 255, 13, 10]), Buffer.alloc(300_000, 'x')];
      const versions = [];
      for (const bytes of texts) versions.push(await land('landing/f/a.xml', bytes));
      for (const [n, version] of versions.entries()) {
        const bytes = await readAll(await streams.open(version, never));
        expect(bytes.equals(texts[n] ?? Buffer.alloc(1))).toBe(true);
      }
    });

    it('reads a range of a version, which ends with it', async () => {
      const { streams, land } = await open();
      const object = await land('landing/f/a.xml', Buffer.from('0123456789'));
      const read = async (range: { from: number; to?: number }) =>
        (await readAll(await streams.open(object, never, range))).toString();
      expect(await read({ from: 0, to: 4 })).toBe('0123');
      expect(await read({ from: 3, to: 100 })).toBe('3456789');
      expect(await read({ from: 9 })).toBe('9');
    });

    it('uploads a whole body, and names the version that can be read', async () => {
      const { streams, uploaded } = await open();
      const object = await streams.upload(
        'staged/a',
        bodyOf(() => {}),
        never,
      );
      expect((await uploaded('staged/a'))?.toString()).toBe('firstsecond');
      expect(object).toMatchObject({ key: 'staged/a', etag: expect.stringMatching(/^".+"$/) });
      expect((await readAll(await streams.open(object, never, { from: 3 }))).toString()).toBe('stsecond');
    });

    it('leaves nothing of a body that fails, and throws its error as it is', async () => {
      const { streams, uploaded } = await open();
      const error = new Error('the source broke');
      const body = bodyOf(() => {
        throw error;
      });
      await expect(streams.upload('staged/a', body, never)).rejects.toBe(error);
      expect(body.destroyed).toBe(true);
      expect(await uploaded('staged/a')).toBeUndefined();
    });

    it('leaves nothing of a body when the signal fires, and throws its reason', async () => {
      const { streams, uploaded } = await open();
      const controller = new AbortController();
      const reason = new Error('no time left');
      const body = bodyOf(() => controller.abort(reason));
      await expect(streams.upload('staged/a', body, controller.signal)).rejects.toBe(reason);
      expect(body.destroyed).toBe(true);
      expect(await uploaded('staged/a')).toBeUndefined();
    });
  });
};
