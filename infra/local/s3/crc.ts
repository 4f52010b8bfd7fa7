import { crc32 as zlibCrc32 } from 'node:zlib';

/** The three CRCs of S3, all reflected with all-ones start and end, in streaming form, and how to join them. */

export type CrcName = 'crc32' | 'crc32c' | 'crc64nvme';

/** A running CRC; `digest` gives it big-endian, as the checksum headers hold it before base64. */
export interface Crc {
  update(bytes: Uint8Array): void;
  digest(): Buffer;
}

const POLYNOMIAL: Readonly<Record<CrcName, bigint>> = {
  crc32: 0xedb88320n,
  crc32c: 0x82f63b78n,
  crc64nvme: 0x9a6c9329ac4bc9b5n,
};
const BITS: Readonly<Record<CrcName, number>> = { crc32: 32, crc32c: 32, crc64nvme: 64 };

/** Starts a CRC of a stream. */
export const createCrc = (name: CrcName): Crc => {
  if (name === 'crc32') return crc32();
  return name === 'crc32c' ? crc32c() : crc64nvme();
};

const crc32 = (): Crc => {
  let value = 0;
  return {
    update: (bytes) => {
      value = zlibCrc32(bytes, value);
    },
    digest: () => bigEndian(BigInt(value), 32),
  };
};

const crc32c = (): Crc => {
  const { low: table } = tables('crc32c');
  let value = -1;
  return {
    update: (bytes) => {
      let v = value;
      for (let i = 0; i < bytes.length; i++) v = (table[(v ^ at(bytes, i)) & 255] ?? 0) ^ (v >>> 8);
      value = v;
    },
    digest: () => bigEndian(BigInt(~value >>> 0), 32),
  };
};

// Two 32-bit halves: BigInt would be twenty times slower.
const crc64nvme = (): Crc => {
  const { low: lows, high: highs } = tables('crc64nvme');
  let low = -1;
  let high = -1;
  return {
    update: (bytes) => {
      for (let i = 0; i < bytes.length; i++) {
        const index = (low ^ at(bytes, i)) & 255;
        low = ((low >>> 8) | (high << 24)) ^ (lows[index] ?? 0);
        high = (high >>> 8) ^ (highs[index] ?? 0);
      }
    },
    digest: () => bigEndian((BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0), 64),
  };
};

const at = (bytes: Uint8Array, i: number): number => bytes[i] ?? 0;

interface Tables {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

const made = new Map<CrcName, Tables>();

const tables = (name: CrcName): Tables => {
  const existing = made.get(name);
  if (existing !== undefined) return existing;
  const table = { low: new Int32Array(256), high: new Int32Array(256) };
  for (let byte = 0; byte < 256; byte++) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ POLYNOMIAL[name] : value >> 1n;
    table.low[byte] = Number(BigInt.asIntN(32, value));
    table.high[byte] = Number(BigInt.asIntN(32, value >> 32n));
  }
  made.set(name, table);
  return table;
};

const bigEndian = (value: bigint, bits: number): Buffer =>
  Buffer.from(value.toString(16).padStart(bits / 4, '0'), 'hex');

/** The CRC of two stretches joined, from the CRC of each and the second one's length. */
export const joinCrcs = (name: CrcName, first: Buffer, second: Buffer, secondBytes: number): Buffer => {
  const shifted = multiply(name, powerOfX(name, 8n * BigInt(secondBytes)), fromBytes(first));
  return bigEndian(shifted ^ fromBytes(second), BITS[name]);
};

const fromBytes = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);

/** The product of two reflected polynomials modulo the CRC's. */
const multiply = (name: CrcName, a: bigint, b: bigint): bigint => {
  let product = 0n;
  let shifted = b;
  for (let mask = 1n << BigInt(BITS[name] - 1); mask > 0n; mask >>= 1n) {
    if (a & mask) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ POLYNOMIAL[name] : shifted >> 1n;
  }
  return product;
};

/** x to the power of n, by squaring. */
const powerOfX = (name: CrcName, n: bigint): bigint => {
  let result = 1n << BigInt(BITS[name] - 1);
  let square = 1n << BigInt(BITS[name] - 2);
  for (let rest = n; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = multiply(name, square, result);
    square = multiply(name, square, square);
  }
  return result;
};
