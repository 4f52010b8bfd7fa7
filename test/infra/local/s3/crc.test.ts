import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CrcName, createCrc, joinCrcs } from '../../../../infra/local/s3/crc.ts';

const NAMES: readonly CrcName[] = ['crc32', 'crc32c', 'crc64nvme'];

const crcOf = (name: CrcName, ...pieces: Uint8Array[]): Buffer => {
  const crc = createCrc(name);
  for (const piece of pieces) crc.update(piece);
  return crc.digest();
};

// The check values of the catalogue of parametrised CRC algorithms, for '123456789'.
test.each([
  ['crc32', 'cbf43926'],
  ['crc32c', 'e3069283'],
  ['crc64nvme', 'ae8b14860a799888'],
] as const)('computes the check value of %s', (name, check) => {
  expect(crcOf(name, Buffer.from('123456789')).toString('hex')).toBe(check);
});

test('does not depend on how a stream is cut, and joins stretches as if they were one', () => {
  const bytes = fc.uint8Array({ maxLength: 100 });
  fc.assert(
    fc.property(fc.constantFrom(...NAMES), bytes, bytes, (name, a, b) => {
      const whole = crcOf(name, Buffer.concat([a, b]));
      expect(crcOf(name, a, b)).toEqual(whole);
      expect(joinCrcs(name, crcOf(name, a), crcOf(name, b), b.length)).toEqual(whole);
    }),
  );
});

test('agrees with zlib', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(crcOf('crc32', bytes).readUInt32BE()).toBe(zlibCrc32(bytes));
    }),
  );
});
