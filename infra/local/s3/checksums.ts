import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type CrcName, createCrc, joinCrcs } from './crc.ts';
import { S3Error } from './s3-error.ts';

/** Checksums of objects (docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html). */

export const ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

export interface Checksum {
  readonly algorithm: Algorithm;
  readonly type: ChecksumType;
  /** base64; that of a composite one ends with `-<number of parts>`. */
  readonly value: string;
}

/** A running digest. */
export interface Digest {
  update(bytes: Uint8Array): unknown;
  digest(): Buffer;
}

const CRCS: Readonly<Partial<Record<Algorithm, CrcName>>> = {
  CRC32: 'crc32',
  CRC32C: 'crc32c',
  CRC64NVME: 'crc64nvme',
};

/** Starts the digest of an algorithm. */
export const createDigest = (algorithm: Algorithm): Digest => {
  const crc = CRCS[algorithm];
  return crc === undefined ? createHash(algorithm.toLowerCase()) : createCrc(crc);
};

/** The header, and the trailer, that carries an algorithm's value. */
export const checksumHeader = (algorithm: Algorithm): string => `x-amz-checksum-${algorithm.toLowerCase()}`;

/** The element of an algorithm in XML bodies. */
export const checksumElement = (algorithm: Algorithm): `Checksum${Algorithm}` => `Checksum${algorithm}`;

/** Reads the name of an algorithm. Throws S3Error InvalidRequest. */
export const parseAlgorithm = (text: string): Algorithm => {
  const algorithm = ALGORITHMS.find((name) => name === text.toUpperCase());
  if (algorithm === undefined) {
    throw new S3Error('InvalidRequest', `checksum algorithm ${text} is none of ${ALGORITHMS.join(', ')}`);
  }
  return algorithm;
};

export interface ExpectedChecksum {
  readonly algorithm: Algorithm;
  /** undefined when the value follows in a trailer. */
  readonly value: string | undefined;
}

/** What checksum the headers announce, by value or as a trailer. Throws S3Error InvalidRequest for several, or none where one is promised. */
export const expectedChecksum = (headers: IncomingHttpHeaders): ExpectedChecksum | undefined => {
  const trailer = headers['x-amz-trailer'];
  const found = ALGORITHMS.flatMap((algorithm): ExpectedChecksum[] => {
    const name = checksumHeader(algorithm);
    const value = headers[name];
    if (typeof value === 'string') return [{ algorithm, value }];
    return trailer === name ? [{ algorithm, value: undefined }] : [];
  });
  if (found.length > 1) throw new S3Error('InvalidRequest', 'expecting a single x-amz-checksum- header');
  if (found.length === 0 && typeof trailer === 'string') {
    throw new S3Error('InvalidRequest', `the trailer ${trailer} is no checksum`);
  }
  const announced = headers['x-amz-sdk-checksum-algorithm'];
  if (typeof announced === 'string' && found[0]?.algorithm !== parseAlgorithm(announced)) {
    throw new S3Error('InvalidRequest', `no x-amz-checksum- header or trailer for ${announced} was found`);
  }
  return found[0];
};

/** Compares a computed checksum with the one sent. Throws S3Error BadDigest. */
export const verifyChecksum = (algorithm: Algorithm, sent: string, computed: string): void => {
  if (sent === computed) return;
  throw new S3Error(
    'BadDigest',
    `the ${algorithm} you specified did not match: ${sent}, computed ${computed}`,
  );
};

/** Compares a body's MD5 with the Content-MD5 header. Throws S3Error InvalidDigest, BadDigest. */
export const verifyMd5 = (sent: string | undefined, md5: Buffer): void => {
  if (sent === undefined) return;
  const expected = Buffer.from(sent, 'base64');
  if (expected.length !== 16) throw new S3Error('InvalidDigest', `Content-MD5 ${sent} is not a base64 MD5`);
  if (!expected.equals(md5)) throw new S3Error('BadDigest', `the Content-MD5 you specified did not match`);
};

/** Which type an upload's checksum has (CRC64NVME only FULL_OBJECT, SHA only COMPOSITE). Throws S3Error InvalidRequest. */
export const checksumType = (algorithm: Algorithm, asked: string | undefined): ChecksumType => {
  const isAllowed = (type: ChecksumType): boolean =>
    type === 'FULL_OBJECT' ? CRCS[algorithm] !== undefined : algorithm !== 'CRC64NVME';
  const type = asked ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  if ((type === 'FULL_OBJECT' || type === 'COMPOSITE') && isAllowed(type)) return type;
  throw new S3Error('InvalidRequest', `the ${type} checksum type cannot be used with ${algorithm}`);
};

/** The checksum of a completed upload, from those of its parts. */
export const joinChecksums = (
  algorithm: Algorithm,
  type: ChecksumType,
  parts: readonly { readonly checksum: string; readonly size: number }[],
): Checksum => {
  const values = parts.map((part) => Buffer.from(part.checksum, 'base64'));
  const crc = CRCS[algorithm];
  if (type === 'FULL_OBJECT' && crc !== undefined) {
    const value = values.reduce<Buffer>(
      (joined, next, i) => joinCrcs(crc, joined, next, parts[i]?.size ?? 0),
      Buffer.alloc(1),
    );
    return { algorithm, type, value: value.toString('base64') };
  }
  const digest = createDigest(algorithm);
  for (const value of values) digest.update(value);
  return { algorithm, type, value: `${digest.digest().toString('base64')}-${parts.length}` };
};
