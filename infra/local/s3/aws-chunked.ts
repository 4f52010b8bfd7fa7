import type { ChunkSignatures } from './chunk-signatures.ts';
import { S3Error } from './s3-error.ts';

/**
 * The aws-chunked content encoding: `<hex size>[;chunk-signature=…]\r\n<bytes>\r\n` … `0…\r\n` trailers `\r\n`
 * (docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html).
 */

/** Longest size line or trailer line; a signature takes some 90 bytes. */
const MAX_LINE_BYTES = 4096;
const MAX_TRAILERS = 16;

/**
 * Hands out the decoded bytes as they come, a chunk's before its signature is checked: nothing may be kept of a body that ends in an
 * error. Each trailer goes to `onTrailer`, its name in lower case. Throws S3Error.
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  signatures: ChunkSignatures,
  onTrailer: (name: string, value: string) => void,
): AsyncGenerator<Buffer> {
  const reader = byteReader(source);
  for (;;) {
    const { size, signature } = parseChunkLine(await reader.line());
    for (let left = size; left > 0; ) {
      const piece = await reader.upTo(left);
      left -= piece.length;
      signatures.update(piece);
      yield piece;
    }
    signatures.endChunk(signature);
    if (size === 0) break;
    if ((await reader.line()) !== '') throw incomplete('a chunk is longer than its size says');
  }
  const trailers = await readTrailers(reader);
  const signed = trailers.filter(([name]) => name !== TRAILER_SIGNATURE);
  if (trailers.length > 0) {
    const lines = signed.map(([name, value]) => `${name}:${value}`);
    signatures.endTrailer(lines, trailers.find(([name]) => name === TRAILER_SIGNATURE)?.[1]);
  }
  for (const [name, value] of signed) onTrailer(name, value);
}

const TRAILER_SIGNATURE = 'x-amz-trailer-signature';

const readTrailers = async (reader: ByteReader): Promise<(readonly [name: string, value: string])[]> => {
  const trailers: (readonly [string, string])[] = [];
  for (;;) {
    const line = await reader.line({ mayEnd: true });
    if (line === '') return trailers;
    if (trailers.length === MAX_TRAILERS)
      throw new S3Error('MalformedTrailerError', `over ${MAX_TRAILERS} trailers`);
    const colon = line.indexOf(':');
    if (colon < 1) throw new S3Error('MalformedTrailerError', `trailer ${JSON.stringify(line)} has no colon`);
    trailers.push([line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]);
  }
};

const parseChunkLine = (line: string): { size: number; signature: string | undefined } => {
  const match = /^([0-9a-fA-F]{1,12})(?:;(?:chunk-signature=([0-9a-f]{64})|.*))?$/.exec(line);
  if (match?.[1] === undefined) throw incomplete(`chunk size ${JSON.stringify(line)} is not hexadecimal`);
  return { size: Number.parseInt(match[1], 16), signature: match[2] };
};

const incomplete = (message: string): S3Error => new S3Error('IncompleteBody', message);

type ByteReader = ReturnType<typeof byteReader>;

/** Takes lines and stretches of bytes off a stream of buffers. */
const byteReader = (source: AsyncIterable<Buffer>) => {
  const chunks = source[Symbol.asyncIterator]();
  let buffered: Buffer = Buffer.alloc(0);
  const refill = async (): Promise<boolean> => {
    const next = await chunks.next();
    if (next.done === true) return false;
    buffered = buffered.length === 0 ? next.value : Buffer.concat([buffered, next.value]);
    return true;
  };
  return {
    line: async ({ mayEnd = false } = {}): Promise<string> => {
      for (;;) {
        const end = buffered.indexOf('\r\n');
        if (end !== -1) {
          const line = buffered.toString('latin1', 0, end);
          buffered = buffered.subarray(end + 2);
          return line;
        }
        if (buffered.length > MAX_LINE_BYTES) throw incomplete(`a line is over ${MAX_LINE_BYTES} bytes`);
        if (!(await refill())) {
          if (mayEnd && buffered.length === 0) return '';
          throw incomplete('the body ends in a chunk');
        }
      }
    },
    upTo: async (limit: number): Promise<Buffer> => {
      while (buffered.length === 0) if (!(await refill())) throw incomplete('the body ends in a chunk');
      const piece = buffered.subarray(0, limit);
      buffered = buffered.subarray(piece.length);
      return piece;
    },
  };
};
