import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CsvFileOptions, openCsvFile } from '../../../shared/csv/csv-file.ts';
import { readCsv } from './read-csv.ts';
import { type CsvRow, toLine } from './to-line.ts';

const toCsv = (rows: readonly CsvRow[], nullText: string): string =>
  rows.map((row) => toLine(row, nullText)).join('');

const options = (more: Partial<CsvFileOptions> = {}): CsvFileOptions => ({
  nullText: '\\N',
  compression: 'none',
  ...more,
});

/** Any text that XML 1.0 can hold, with what CSV finds special more often than not. */
const value = fc.oneof(
  fc.constant(null),
  fc.constantFrom(
    '',
    '\\N',
    '"',
    ',',
    '\n',
    '\r',
    '\r\n',
    '\t',
    ' ',
    '""',
    "'",
    'a"b,c\nd',
    '😀',
    'false',
    '0',
  ),
  // Around the length from which on texts are written otherwise.
  fc
    .tuple(fc.integer({ min: 155, max: 165 }), fc.constantFrom('', '"', ',', 'é', '\n'))
    .map(([length, odd]) => `${'x'.repeat(length - odd.length)}${odd}`),
  fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/(?![\t\n\r])\p{Cc}/gu, '')),
);
const rowsOf = (columns: number) =>
  fc.array(fc.array(value, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 20 });

describe('CSV text', () => {
  test('reads back as the same values, null, empty and the marker apart', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }).chain(rowsOf),
        fc.constantFrom('\\N', '\u0001'),
        (rows, nullText) => {
          expect(readCsv(toCsv(rows, nullText), nullText)).toEqual(rows);
        },
      ),
    );
  });

  test('is what csv-stringify makes of whole rows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }).chain(rowsOf),
        fc.constantFrom('\\N', '\u0001'),
        (rows, nullText) => {
          const expected = stringify(rows as string[][], {
            record_delimiter: '\n',
            quote_record_delimiter: true,
            quoted_empty: rows[0]?.length === 1,
            cast: {
              string: (value) => (value === nullText ? { value, quoted: true } : value),
              null: () => nullText,
            },
          });
          expect(toCsv(rows, nullText)).toBe(expected);
        },
      ),
    );
  });

  test('quotes data that equals the marker of null, and a lone carriage return', () => {
    expect(toLine(['\\N', null, '', 'a\rb'], '\\N')).toBe('"\\N",\\N,,"a\rb"\n');
  });
});

describe('a CSV file', () => {
  const rows: CsvRow[] = Array.from({ length: 9000 }, (_, n) => [String(n), n % 3 ? `a "${n}"` : null, '']);
  const write = async (more: Partial<CsvFileOptions>) => {
    const file = openCsvFile(options(more));
    const bytes = buffer(file.body);
    for (const row of rows) {
      file.write(row);
      await file.ready();
    }
    file.end();
    return { file, bytes: await bytes };
  };

  test('holds all rows in order, with a header if asked', async () => {
    const { file, bytes } = await write({ header: ['c0', 'c1', 'c2'] });
    expect(bytes.toString()).toBe(`c0,c1,c2\n${toCsv(rows, '\\N')}`);
    expect([file.rows, file.bytes]).toEqual([9000, bytes.length]);
  });

  test('is compressed as zstd', async () => {
    const { file, bytes } = await write({ compression: 'zstd', nullText: '\u0001' });
    expect(zstdDecompressSync(bytes).toString()).toBe(toCsv(rows, '\u0001'));
    expect(file.bytes).toBe(bytes.length);
  });

  test('is empty without rows', async () => {
    const file = openCsvFile(options());
    file.end();
    expect((await buffer(file.body)).length).toBe(0);
  });

  test('makes the writer wait until it is read', async () => {
    const file = openCsvFile(options());
    let written = 0;
    while (file.ready() === undefined) {
      file.write(['x'.repeat(100_000)]);
      written += 1;
    }
    expect(written).toBeLessThan(50);
    const waiting = file.ready();
    const bytes = buffer(file.body);
    await waiting;
    file.end();
    expect((await bytes).length).toBe(written * 100_001);
  });

  test('an abort fails whoever reads it and whoever writes it, with the cause', async () => {
    const cause = new Error('source cut');
    for (const compression of ['none', 'zstd'] as const) {
      const file = openCsvFile(options({ compression }));
      const read = buffer(file.body).then(
        () => undefined,
        (error: unknown) => error,
      );
      file.write(['x']);
      file.abort(cause);
      expect(await read).toBe(cause);
      await expect(file.ready()).rejects.toBe(cause);
    }
  });

  test('an abort that nobody listens to ends nothing else', async () => {
    const file = openCsvFile(options());
    file.write(['x']);
    file.abort(new Error('source cut'));
    await setImmediate();
    await expect(file.ready()).rejects.toThrow('source cut');
  });

  test('a reader that gives up fails the writer', async () => {
    const file = openCsvFile(options());
    file.body.on('error', () => undefined);
    file.body.once('data', () => file.body.destroy(new Error('upload failed')));
    const writeAll = async (): Promise<void> => {
      for (let n = 0; n < 200; n += 1) {
        file.write(['x'.repeat(300_000)]);
        await file.ready();
        await setImmediate();
      }
    };
    await expect(writeAll()).rejects.toThrow();
  });
});
