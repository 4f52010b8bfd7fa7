import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCsv, unpackStaged } from '../../../shared/csv/read-csv.ts';
import { STAGED_NULL } from '../../../shared/csv/staged.ts';
import { chunksOf } from '../xml/documents.ts';
import { readCsv as readWhole } from './read-csv.ts';
import { toLine } from './to-line.ts';

const gather = async (text: string | Uint8Array, size?: number, nullText = STAGED_NULL) => {
  const rows: (readonly (string | null)[])[] = [];
  for await (const row of readCsv(chunksOf(Buffer.from(text), size), nullText)) rows.push(row);
  return rows;
};

const value = fc.option(
  fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'é', '😀', '\u0001', ' ') }),
  {
    nil: null,
  },
);

describe('CSV as a file has it', () => {
  test('is read as it was written, wherever its bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(value, { minLength: 1, maxLength: 4 })),
        fc.integer({ min: 1, max: 9 }),
        async (rows, size) => {
          const text = rows.map((row) => toLine(row, STAGED_NULL)).join('');
          expect(await gather(text, size)).toEqual(rows);
          expect(readWhole(text, STAGED_NULL)).toEqual(rows);
        },
      ),
    );
  });

  test.each([
    ['a quote that is open at its end', '"a', 'CSV breaks off within a row'],
    ['no line end', 'a,b', 'CSV breaks off within a row'],
    ['text behind a closing quote', '"a"b\n', 'got "b" behind a closing quote in CSV'],
    ['a row without end', `"${'a'.repeat(4 * 1024 * 1024)}`, 'a row of CSV is over 4194304 characters'],
  ])('is refused with %s', async (_, text, message) => {
    await expect(gather(text)).rejects.toThrow(message);
  });

  test('is refused where it is no UTF-8', async () => {
    await expect(gather(new Uint8Array([0x61, 0xff, 0x0a]))).rejects.toThrow();
  });

  test('comes out of a staged file', async () => {
    const bytes = zstdCompressSync(Buffer.from('a,b\nc,d\n'));
    const rows: unknown[] = [];
    for await (const row of readCsv(unpackStaged(chunksOf(bytes, 3)), STAGED_NULL)) rows.push(row);
    expect(rows).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  test('that is cut in its compressed bytes is an error', async () => {
    const bytes = zstdCompressSync(Buffer.from('a,b\n')).subarray(0, -2);
    const read = async () => {
      for await (const _ of readCsv(unpackStaged(chunksOf(bytes)), STAGED_NULL));
    };
    await expect(read()).rejects.toThrow();
  });
});
