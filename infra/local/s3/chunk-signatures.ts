import { createHash } from 'node:crypto';
import type { Authentic } from '../iam/authenticate.ts';
import { isSameSignature, sha256Hex } from '../iam/signing-key.ts';
import { S3Error } from './s3-error.ts';

/** Checks the signatures of a body's chunks, as they come; nothing is held back until one is complete. */
export interface ChunkSignatures {
  /** Bytes of the chunk under way. */
  update(bytes: Uint8Array): void;
  /** The chunk under way, which may be empty, is over. Throws S3Error SignatureDoesNotMatch. */
  endChunk(signature: string | undefined): void;
  /** Lines `name:value` of the trailer, in order. Throws S3Error SignatureDoesNotMatch. */
  endTrailer(lines: readonly string[], signature: string | undefined): void;
}

const EMPTY_HASH = sha256Hex('');

/**
 * Each signature covers the one before, the first one the request's own: …/AmazonS3/latest/API/sigv4-streaming.html, and with a trailer
 * …/sigv4-streaming-trailers.html.
 */
export const openChunkSignatures = ({
  signature,
  signer,
}: NonNullable<Authentic['seed']>): ChunkSignatures => {
  let last = signature;
  let hash = createHash('sha256');
  const check = (computed: string, sent: string | undefined, of: string): void => {
    if (sent === undefined || !isSameSignature(sent, computed)) {
      throw new S3Error('SignatureDoesNotMatch', `the signature of ${of} is not the one we calculated`);
    }
    last = computed;
  };
  return {
    update: (bytes) => void hash.update(bytes),
    endChunk: (sent) => {
      check(signer.sign('-PAYLOAD', last, EMPTY_HASH, hash.digest('hex')), sent, 'a chunk');
      hash = createHash('sha256');
    },
    endTrailer: (lines, sent) => {
      const text = lines.map((line) => `${line}\n`).join('');
      check(signer.sign('-TRAILER', last, sha256Hex(text)), sent, 'the trailer');
    },
  };
};

/** Where no signatures come, or nobody's are verified. */
export const NO_CHUNK_SIGNATURES: ChunkSignatures = {
  update: () => {},
  endChunk: () => {},
  endTrailer: () => {},
};
