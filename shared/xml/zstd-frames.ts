import { SourceTruncated, XmlMalformed } from '../errors.ts';

/**
 * A zstd file may be several frames one after another: pzstd cuts its input into them, and files may be joined (RFC 8878, 3.1). Node's
 * decompressor drops, without a word, what stands behind a frame's end in the same chunk; when a chunk ends there it goes on with the
 * next frame. So chunks are cut at the frames' ends, which the headers of their blocks tell.
 */

const MAGIC: readonly number[] = [0x28, 0xb5, 0x2f, 0xfd];
/** A frame that is to be skipped: its first byte is any of 0x50 to 0x5f. */
const SKIPPABLE: readonly number[] = [0x50, 0x2a, 0x4d, 0x18];

/** Whether the bytes, up to the number of a magic number's, are its first. */
const areOf = (magic: readonly number[], bytes: readonly number[]): boolean =>
  bytes.every((byte, at) => (magic === SKIPPABLE && at === 0 ? byte & 0xf0 : byte) === magic[at]);

const isMagic = (bytes: readonly number[]): boolean => areOf(MAGIC, bytes) || areOf(SKIPPABLE, bytes);

/** Whether the first bytes of a file are zstd's. */
export const isZstd = (head: Uint8Array): boolean => head.length >= 4 && isMagic([...head.subarray(0, 4)]);

/** What stands next in the stream: so many bytes. Those of a frame of data are for the decompressor. */
interface Part {
  readonly of: 'magic' | 'data' | 'skipped';
  readonly bytes: number;
}

/** The bytes of parts that are no longer than this say something. */
const MOST_READ = 4;

const littleEndian = (bytes: readonly number[]): number =>
  bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);

const refuse = (place: string, bytes: readonly number[]): never => {
  const found = bytes.map((byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ');
  throw new XmlMalformed(`${place}: ${found} after a zstd frame, allowed another zstd frame`);
};

/** Bytes of a frame's header after its descriptor: window, dictionary, content's size. */
const headerBytes = (descriptor: number): number => {
  const hasWindow = (descriptor & 0x20) === 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const size = [hasWindow ? 0 : 1, 2, 4, 8][descriptor >> 6] ?? 0;
  return (hasWindow ? 1 : 0) + dictionary + size;
};

/** Asks for part after part, and is given the bytes of the short ones. Throws XmlMalformed where no frame begins. */
function* walkFrames(place: string): Generator<Part, never, readonly number[]> {
  for (;;) {
    const magic = yield { of: 'magic', bytes: 4 };
    if (!isMagic(magic)) refuse(place, magic);
    if (areOf(MAGIC, magic)) yield* walkData();
    else yield { of: 'skipped', bytes: littleEndian(yield { of: 'skipped', bytes: 4 }) };
  }
}

/** The type of a block that is one byte, repeated. */
const REPEATED = 1;

function* walkData(): Generator<Part, void, readonly number[]> {
  const [descriptor = 0] = yield { of: 'data', bytes: 1 };
  yield { of: 'data', bytes: headerBytes(descriptor) };
  for (let isLast = false; !isLast; ) {
    const header = littleEndian(yield { of: 'data', bytes: 3 });
    isLast = (header & 1) === 1;
    yield { of: 'data', bytes: ((header >> 1) & 3) === REPEATED ? 1 : header >> 3 };
  }
  const hasChecksum = (descriptor & 4) !== 0;
  if (hasChecksum) yield { of: 'data', bytes: 4 };
}

export interface ZstdFrames {
  /** The chunks' frames of data, no chunk over a frame's end. Ends where something is wrong, so that what stands before is read first. */
  cut(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
  /** Throws SourceTruncated when the chunks ended within a frame, XmlMalformed when something else followed one. */
  check(): void;
}

export const newZstdFrames = (place: string): ZstdFrames => {
  const walk = walkFrames(place);
  let part: Part = walk.next([]).value;
  let left = part.bytes;
  let read: number[] = [];

  /** Takes what the chunk has of the part, then the next part if that is all. Gives where the chunk goes on. */
  const take = (chunk: Uint8Array, at: number): number => {
    const taken = chunk.subarray(at, at + left);
    left -= taken.length;
    if (part.bytes <= MOST_READ) read.push(...taken);
    while (left === 0) {
      part = walk.next(read).value;
      left = part.bytes;
      read = [];
    }
    return at + taken.length;
  };

  /** The chunk's pieces of data: a magic number may be cut, so that it is passed on when it is known, in a piece of its own. */
  function* pieces(chunk: Uint8Array): Generator<Uint8Array> {
    let from = 0;
    for (let at = 0; at < chunk.length; ) {
      const before = part.of;
      const next = take(chunk, at);
      if (before === 'data' && part.of !== 'data') yield chunk.subarray(from, next);
      if (before !== 'data' && part.of === 'data') {
        yield Uint8Array.from(MAGIC);
        from = next;
      }
      at = next;
    }
    if (part.of === 'data' && from < chunk.length) yield chunk.subarray(from);
  }

  let wrong: unknown;
  return {
    cut: async function* (chunks) {
      for await (const chunk of chunks) {
        try {
          yield* pieces(chunk);
        } catch (error) {
          wrong = error;
          return;
        }
      }
    },
    check: () => {
      if (wrong !== undefined) throw wrong;
      if (part.of === 'magic' && left === part.bytes) return;
      if (part.of === 'magic' && !isMagic(read)) refuse(place, read);
      throw new SourceTruncated(`${place}: the zstd stream ends early`);
    },
  };
};
