import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decompress } from '../../../shared/xml/decompress.ts';
import { DEFAULT_LIMITS } from '../../../shared/xml/limits.ts';
import { passingChunksOf } from './documents.ts';

const HELLO = Buffer.from('<a>hello</a>');
const WORLD = Buffer.from('<b>world</b>');
const BOTH = `${HELLO}${WORLD}`;
const CHECKSUM = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };
const skippable = (first: number, bytes: number): Buffer =>
  Buffer.from([first, 0x2a, 0x4d, 0x18, bytes, 0, 0, 0, ...Array.from({ length: bytes }, () => 0x3c)]);

const unpack = async (packed: Uint8Array, chunk?: number): Promise<string> => {
  const parts: Uint8Array[] = [];
  for await (const part of decompress(passingChunksOf(packed, chunk), 'doc')) parts.push(part);
  return Buffer.concat(parts).toString();
};

const errorOf = (packed: Uint8Array, chunk?: number): Promise<string> =>
  unpack(packed, chunk).then(
    () => 'read',
    (error: unknown) => String(error),
  );

describe('a compressed document', () => {
  test.each([
    ['of several gzip members', Buffer.concat([gzipSync(HELLO), gzipSync(WORLD)])],
    ['of several zstd frames', Buffer.concat([zstdCompressSync(HELLO), zstdCompressSync(WORLD)])],
    ['with checksums', Buffer.concat([HELLO, WORLD].map((part) => zstdCompressSync(part, CHECKSUM)))],
    [
      'with frames that are empty or to be skipped',
      Buffer.concat([
        skippable(0x50, 0),
        skippable(0x5f, 9),
        zstdCompressSync(HELLO),
        zstdCompressSync(Buffer.alloc(0)),
        skippable(0x53, 3),
        zstdCompressSync(WORLD),
        skippable(0x50, 1),
      ]),
    ],
  ])('%s is read whole wherever it is cut', async (_, packed) => {
    for (let chunk = 1; chunk <= packed.length; chunk += 1) expect(await unpack(packed, chunk)).toBe(BOTH);
  });

  test('of several blocks a frame is read whole', async () => {
    const random = Buffer.from(Array.from({ length: 300_000 }, (_, n) => (n * n * 2_654_435_761) >>> 13));
    const zeros = Buffer.alloc(300_000);
    const packed = Buffer.concat([random, zeros, HELLO].map((part) => zstdCompressSync(part, CHECKSUM)));
    for (const chunk of [1000, 65_536, packed.length]) {
      expect(await unpack(packed, chunk)).toBe(Buffer.concat([random, zeros, HELLO]).toString());
    }
  });

  test('whose zstd frames are cut short is truncated, at every byte but between frames', async () => {
    const first = Buffer.concat([skippable(0x50, 2), zstdCompressSync(HELLO, CHECKSUM)]);
    const packed = Buffer.concat([first, skippable(0x51, 2), zstdCompressSync(WORLD)]);
    const between = [first.length, first.length + 10];
    for (let end = 4; end < packed.length; end += 1) {
      for (const chunk of [1, end]) {
        const expected = between.includes(end) ? 'read' : 'SourceTruncated: doc: the zstd stream ends early';
        expect(await errorOf(packed.subarray(0, end), chunk), `cut at ${end}`).toBe(expected);
      }
    }
  });

  test('with anything else after a zstd frame is refused, when what stands before it has been read', async () => {
    for (const [tail, told] of [
      ['\n', '0x0a'],
      ['<c/>', '0x3c 0x63 0x2f 0x3e'],
      ['\x28\x62', '0x28 0x62'],
    ] as const) {
      const packed = Buffer.concat([zstdCompressSync(HELLO), Buffer.from(tail)]);
      for (const chunk of [1, packed.length]) {
        let read = '';
        const reading = async (): Promise<void> => {
          for await (const part of decompress(passingChunksOf(packed, chunk), 'doc')) read += String(part);
        };
        await expect(reading()).rejects.toThrow(
          `doc: ${told} after a zstd frame, allowed another zstd frame`,
        );
        expect(read).toBe(String(HELLO));
      }
    }
  });

  test('is read no further than its reader wants, and its source is closed with it', async () => {
    const frame = zstdCompressSync(Buffer.alloc(1024 * 1024));
    let given = 0;
    let isClosed: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => {
      isClosed = resolve;
    });
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          given += 1;
          yield frame;
        }
      } finally {
        isClosed();
      }
    }
    for await (const _ of decompress(endless(), 'doc')) break;
    await closed;
    expect(given * frame.length).toBeLessThan(256 * 1024);
  });
});

test('what becomes more than its compressed size allows is refused, once it is large', async () => {
  const blank = Buffer.alloc(1024 * 1024, ' ');
  const limits = { ...DEFAULT_LIMITS, compressionFree: 1024 * 1024 - 1 };
  for (const packed of [gzipSync(blank), zstdCompressSync(blank)]) {
    const read = async (of: typeof limits): Promise<number> => {
      let bytes = 0;
      for await (const part of decompress(passingChunksOf(packed), 'doc', of)) bytes += part.length;
      return bytes;
    };
    expect(await read(DEFAULT_LIMITS)).toBe(blank.length);
    await expect(read(limits)).rejects.toThrow(
      /over compressionRatio, 200 times, and compressionFree, 1048575 bytes/,
    );
  }
});
