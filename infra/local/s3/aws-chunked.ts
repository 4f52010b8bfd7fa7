import { S3Error } from './s3-error.ts';

/**
 * The aws-chunked content encoding: `<hex size>[;chunk-signature=…]\r\n<bytes>\r\n` … `0…\r\n` trailers `\r\n`
 * (docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html). Signatures of chunks are read over, not
 * verified, as no request's signature is.
 */

/** Longest size line or trailer line; a signature takes some 90 bytes. */
const MAX_LINE_BYTES = 4096;
const MAX_TRAILERS = 16;

/** Hands out the decoded bytes; each trailer goes to `onTrailer`, its name in lower case. Throws S3Error. */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  onTrailer: (name: string, value: string) => void,
): AsyncGenerator<Buffer> {
  const reader = byteReader(source);
  for (;;) {
    let left = parseSize(await reader.line());
    if (left === 0) break;
    while (left > 0) {
      const piece = await reader.upTo(left);
      left -= piece.length;
      yield piece;
    }
    if ((await reader.line()) !== '') throw incomplete('a chunk is longer than its size says');
  }
  for (let count = 0; ; count++) {
    const line = await reader.line({ mayEnd: true });
    if (line === '') break;
    if (count === MAX_TRAILERS) throw new S3Error('MalformedTrailerError', `over ${MAX_TRAILERS} trailers`);
    const colon = line.indexOf(':');
    if (colon < 1) throw new S3Error('MalformedTrailerError', `trailer ${JSON.stringify(line)} has no colon`);
    onTrailer(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
}

const parseSize = (line: string): number => {
  const match = /^([0-9a-fA-F]{1,12})(?:;.*)?$/.exec(line);
  if (match?.[1] === undefined) throw incomplete(`chunk size ${JSON.stringify(line)} is not hexadecimal`);
  return Number.parseInt(match[1], 16);
};

const incomplete = (message: string): S3Error => new S3Error('IncompleteBody', message);

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
