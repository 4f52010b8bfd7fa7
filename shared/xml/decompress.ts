import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { SourceTruncated, XmlMalformed } from '../errors.ts';
import { type CompressionRatio, newCompressionRatio } from './compression-ratio.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { isZstd, newZstdFrames } from './zstd-frames.ts';

/** Compression is told by content, not by names or headers: the magic numbers of gzip and zstd begin no XML. */

const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b;

/** Whether a document is compressed, by its first four bytes. */
export const isCompressed = (head: Uint8Array): boolean => isGzip(head) || isZstd(head);

/** Longest window that zstd may ask memory for: 2^27 is 128 MiB, zstd's own limit without --long. */
const MOST_WINDOW_LOG = 27;

/**
 * The XML's bytes. A chunk may be in the memory of the one before it. Throws SourceTruncated when the compressed stream ends early, XmlMalformed when it is damaged, XmlLimitExceeded when
 * it becomes more than its size allows.
 */
export async function* decompress(
  chunks: AsyncIterable<Uint8Array>,
  place: string,
  limits: Limits = DEFAULT_LIMITS,
): AsyncGenerator<Uint8Array> {
  const ratio = newCompressionRatio(place, limits);
  const iterator = chunks[Symbol.asyncIterator]();
  const head = await readHead(iterator);
  const all = rest(head, iterator, ratio);
  if (isGzip(head)) yield* limitRatio(through(copies(all), createGunzip(), place, 'gzip'), ratio);
  else if (isZstd(head)) yield* limitRatio(throughZstd(copies(all), place), ratio);
  else yield* all;
}

/** Chunks that another thread may read as late as it likes. */
async function* copies(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}

async function* limitRatio(
  unpacked: AsyncIterable<Uint8Array>,
  ratio: CompressionRatio,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of unpacked) {
    ratio.give(chunk.length);
    yield chunk;
  }
}

async function* throughZstd(chunks: AsyncIterable<Uint8Array>, place: string): AsyncGenerator<Uint8Array> {
  const frames = newZstdFrames(place);
  const unpack = createZstdDecompress({ params: { [WINDOW_LOG_MAX]: MOST_WINDOW_LOG } });
  yield* through(frames.cut(chunks), unpack, place, 'zstd');
  frames.check();
}

/** ZSTD_d_windowLogMax. */
const WINDOW_LOG_MAX = 100;

const readHead = async (iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array> => {
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < 4) {
    const next = await iterator.next();
    if (next.done === true) break;
    const isWhole = head.length === 0 && next.value.length >= 4;
    head = isWhole ? next.value : Buffer.concat([head, next.value]);
  }
  return head;
};

async function* rest(
  head: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
  ratio: CompressionRatio,
): AsyncGenerator<Uint8Array> {
  let isDone = false;
  try {
    ratio.take(head.length);
    if (head.length > 0) yield head;
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) {
        isDone = true;
        return;
      }
      ratio.take(next.value.length);
      yield next.value;
    }
  } finally {
    if (!isDone) await iterator.return?.();
  }
}

async function* through(
  chunks: AsyncIterable<Uint8Array>,
  unpack: ReturnType<typeof createGunzip> | ReturnType<typeof createZstdDecompress>,
  place: string,
  kind: string,
): AsyncGenerator<Uint8Array> {
  const done = pipeline(Readable.from(chunks, { objectMode: false }), unpack);
  // The loop below gives the same error; this promise has to be observed all the same.
  done.catch(() => undefined);
  try {
    for await (const chunk of unpack) yield chunk;
  } catch (error) {
    throw translate(error, place, kind);
  } finally {
    unpack.destroy();
  }
}

/** zlib's errors have codes; those of the source itself pass through. */
const translate = (error: unknown, place: string, kind: string): unknown => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'Z_BUF_ERROR')
    return new SourceTruncated(`${place}: the ${kind} stream ends early`, { cause: error });
  if (code.startsWith('Z_') || code.startsWith('ZSTD_')) {
    return new XmlMalformed(`${place}: the ${kind} stream is damaged: ${code}`, { cause: error });
  }
  return error;
};
