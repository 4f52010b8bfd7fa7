import { createHash } from 'node:crypto';
import { decodeAwsChunked } from './aws-chunked.ts';
import type { StagedBlob } from './blobs.ts';
import { type Call, header } from './call.ts';
import {
  type Algorithm,
  checksumHeader,
  createDigest,
  type Digest,
  expectedChecksum,
  verifyChecksum,
  verifyMd5,
} from './checksums.ts';
import { NO_CHUNK_SIGNATURES, openChunkSignatures } from './chunk-signatures.ts';
import { S3Error } from './s3-error.ts';

/** Most bytes of one PutObject or UploadPart (docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html). */
const MAX_BODY_BYTES = 5 * 1024 ** 3;

interface Digests {
  /** MD5 in hexadecimal. */
  readonly etag: string;
  readonly checksum: { readonly algorithm: Algorithm; readonly value: string } | undefined;
}

export interface ReceivedBody extends Digests {
  readonly staged: StagedBlob;
}

/**
 * Takes the request's body in and verifies every digest that came with it. A body that is cut, is longer or shorter
 * than announced, or does not match, is thrown away: throws S3Error, or the connection's own error.
 */
export const receiveBody = async (call: Call): Promise<ReceivedBody> => {
  const { blobs } = call.store;
  const { taken, ...digests } = await takeVerified(call, {
    take: (source) => blobs.receive(source),
    drop: (staged) => blobs.abandon(staged),
  });
  return { staged: taken, ...digests };
};

/** Reads a small body whole, such as an XML document; verified as any other. Throws S3Error. */
export const receiveText = async (call: Call, maxBytes: number): Promise<string> => {
  if (announcedLength(call) > maxBytes) {
    throw new S3Error('MalformedXML', `the document is over ${maxBytes} bytes`);
  }
  const { taken } = await takeVerified(call, {
    take: async (source) => {
      const chunks: Buffer[] = [];
      for await (const chunk of source) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    drop: async () => {},
  });
  return taken.toString('utf8');
};

interface Sink<T> {
  take(source: AsyncIterable<Buffer>): Promise<T>;
  drop(taken: T): Promise<void>;
}

const takeVerified = async <T>(call: Call, sink: Sink<T>): Promise<Digests & { readonly taken: T }> => {
  const length = announcedLength(call);
  const expected = expectedChecksum(call.headers);
  const md5 = createHash('md5');
  const checksum = expected && createDigest(expected.algorithm);
  const sha256 = signedHash(call);
  const digests: Digest[] = [md5, ...(checksum ? [checksum] : []), ...(sha256 ? [sha256.digest] : [])];
  const trailers = new Map<string, string>();

  const bytes = isChunked(call)
    ? decodeAwsChunked(call.body(), chunkSignaturesOf(call), (k, v) => trailers.set(k, v))
    : call.body();
  const taken = await sink.take(measured(bytes, length, digests));
  try {
    sha256?.verify();
    const md5Bytes = md5.digest();
    verifyMd5(header(call, 'content-md5'), md5Bytes);
    const etag = md5Bytes.toString('hex');
    if (expected === undefined || checksum === undefined) return { taken, etag, checksum: undefined };
    const value = checksum.digest().toString('base64');
    verifyChecksum(expected.algorithm, expected.value ?? trailerOf(trailers, expected.algorithm), value);
    return { taken, etag, checksum: { algorithm: expected.algorithm, value } };
  } catch (cause) {
    await sink.drop(taken);
    throw cause;
  }
};

const SIGNED_CHUNKS = ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER'];
/** In the place of a hash (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, x-amz-content-sha256). */
const UNHASHED = ['UNSIGNED-PAYLOAD', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', ...SIGNED_CHUNKS];

const chunkSignaturesOf = ({ payloadHash, seed }: Call) =>
  seed !== undefined && SIGNED_CHUNKS.includes(payloadHash) ? openChunkSignatures(seed) : NO_CHUNK_SIGNATURES;

const isChunked = (call: Call): boolean =>
  call.payloadHash.startsWith('STREAMING-') ||
  header(call, 'content-encoding')?.includes('aws-chunked') === true;

const announcedLength = (call: Call): number => {
  const text = header(call, isChunked(call) ? 'x-amz-decoded-content-length' : 'content-length');
  if (text === undefined) throw new S3Error('MissingContentLength', 'the length of the body is not given');
  const length = Number(text);
  if (!Number.isSafeInteger(length) || length < 0) {
    throw new S3Error('InvalidArgument', `body length ${text} is not a number`);
  }
  if (length > MAX_BODY_BYTES) {
    throw new S3Error('EntityTooLarge', `body of ${length} bytes, at most ${MAX_BODY_BYTES} allowed`);
  }
  return length;
};

async function* measured(
  source: AsyncIterable<Buffer>,
  length: number,
  digests: readonly Digest[],
): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > length)
      throw new S3Error('IncompleteBody', `the body is longer than the ${length} bytes announced`);
    for (const digest of digests) digest.update(chunk);
    yield chunk;
  }
  if (size < length) throw new S3Error('IncompleteBody', `the body has ${size} of ${length} bytes announced`);
}

const trailerOf = (trailers: ReadonlyMap<string, string>, algorithm: Algorithm): string => {
  const value = trailers.get(checksumHeader(algorithm));
  if (value === undefined) {
    throw new S3Error('MalformedTrailerError', `the trailer ${checksumHeader(algorithm)} did not come`);
  }
  return value;
};

/** What the signature says of the body. Throws S3Error for a word that stands for no way to sign one here. */
const signedHash = ({ payloadHash: sent }: Call): { digest: Digest; verify: () => void } | undefined => {
  if (UNHASHED.includes(sent)) return undefined;
  if (!/^[0-9a-f]{64}$/.test(sent)) {
    throw new S3Error('NotImplemented', `not part of the local S3: x-amz-content-sha256: ${sent}`);
  }
  const digest = createHash('sha256');
  const verify = (): void => {
    const computed = digest.digest('hex');
    if (computed === sent) return;
    throw new S3Error('XAmzContentSHA256Mismatch', `x-amz-content-sha256 is ${sent}, computed ${computed}`);
  };
  return { digest, verify };
};
