import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TargetColumn } from '../../../../infra/local/redshift/copy/field-check.ts';
import { createRecordReader } from '../../../../infra/local/redshift/copy/record-reader.ts';
import { rounds } from '../../../rounds.ts';

const column = (name: string, type: string, more: Partial<TargetColumn> = {}): TargetColumn => ({
  name,
  type,
  length: undefined,
  precision: undefined,
  scale: undefined,
  isNotNull: false,
  ...more,
});
const TEXT = column('s', 'varchar', { length: 40 });
const NULL = '\u0001';

/** Feeds the CSV in pieces that end at the cuts, as a COPY does with the rest of each. */
const readInPieces = (columns: readonly TargetColumn[], csv: Buffer, cuts: readonly number[]) => {
  const reader = createRecordReader(columns, NULL);
  const out: Buffer[] = [];
  let [rest, from, count] = [Buffer.alloc(0) as Buffer, 0, 0];
  for (const to of [...cuts, csv.length]) {
    const piece = Buffer.concat([rest, csv.subarray(from, to)]);
    const records = reader.read(piece, to === csv.length);
    out.push(...records.parts);
    count += records.count;
    rest = piece.subarray(records.taken);
    from = to;
  }
  return { text: Buffer.concat(out).toString(), count, rest: rest.length };
};

const quote = (value: string): string => `"${value.replaceAll('"', '""')}"`;

test('gives the same records wherever the pieces end', () => {
  const rows = fc.array(
    fc.tuple(
      fc.string({ unit: fc.constantFrom('a', '"', '\n', ',', 'é', '😀'), maxLength: 8 }),
      fc.option(fc.integer({ min: -99, max: 99 })),
    ),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(rows, (values) => {
      const toCsv = (empty: string): string => values.map(([s, n]) => `${quote(s)},${n ?? empty}\n`).join('');
      const csv = Buffer.from(toCsv(''));
      for (let cut = 0; cut <= csv.length; cut += 1) {
        const read = readInPieces([TEXT, column('n', 'int4')], csv, [cut]);
        expect(read).toEqual({ text: toCsv(NULL), count: values.length, rest: 0 });
      }
    }),
    { numRuns: rounds(40) },
  );
});

test('takes a last record without its LF', () => {
  expect(readInPieces([TEXT], Buffer.from('a\nb'), [])).toEqual({ text: 'a\nb', count: 2, rest: 0 });
});

const read = (columns: readonly TargetColumn[], csv: string | Buffer) =>
  createRecordReader(columns, NULL).read(Buffer.from(csv), true);

test.each<readonly [string, TargetColumn, string]>([
  ['an integer', column('a', 'int2'), '-32768'],
  ['a bigint', column('a', 'int8'), '9223372036854775807'],
  ['a decimal', column('a', 'numeric', { precision: 5, scale: 2 }), '-0123.450'],
  ['a float', column('a', 'float8'), '-1.5e300'],
  ['a boolean', column('a', 'bool'), 'true'],
  ['a leap day', column('a', 'date'), '2024-02-29'],
  ['a timestamp', column('a', 'timestamp'), '2024-05-22 12:12:50.123456'],
  ['an offset without colon', column('a', 'timestamptz'), '2024-05-22T12:12:50.351+0000'],
  ['a scalar of SUPER', column('a', 'super'), '"""x"""'],
])('takes %s', (_, target, value) => {
  expect(read([target], `${value}\n`).count).toBe(1);
});

test.each<readonly [string, TargetColumn, string | Buffer, number]>([
  ['an overflow', column('a', 'int2'), '32768', 1222],
  ['a hexadecimal integer', column('a', 'int4'), '0x10', 1207],
  ['underscores in an integer', column('a', 'int4'), '1_000', 1207],
  ['a decimal that is too long', column('a', 'numeric', { precision: 5, scale: 2 }), '1234.5', 1209],
  ['a float by name', column('a', 'float8'), 'NaN', 1208],
  ['a boolean by another word', column('a', 'bool'), 'on', 1210],
  ['a day that is not', column('a', 'date'), '2023-02-29', 1205],
  ['a day by name', column('a', 'date'), 'today', 1205],
  ['a time without its day', column('a', 'timestamptz'), '12:00:00', 1206],
  ['an hour that is not', column('a', 'timestamp'), '2024-01-01 24:00:00', 1206],
  ['an offset of a timestamp without zone', column('a', 'timestamp'), '2024-01-01 10:00:00Z', 1206],
  ['text that is not JSON', column('a', 'super'), 'x', 1224],
  ['a string that SUPER does not hold', column('a', 'super'), `"[""${'é'.repeat(32_768)}""]"`, 1224],
  ['a key that SUPER does not hold', column('a', 'super'), `"{""${'é'.repeat(32_768)}"":1}"`, 1224],
  ['more levels than SUPER has', column('a', 'super'), `${'['.repeat(1001)}${']'.repeat(1001)}`, 1224],
  ['more bytes than SUPER holds', column('a', 'super'), `"[${'1,'.repeat(8_000_000)}1]"`, 1224],
  ['too many bytes', column('a', 'varchar', { length: 5 }), 'ééé', 1204],
  ['bytes that are not UTF-8', TEXT, Buffer.from([0x61, 0xff]), 1220],
  ['a NUL', TEXT, 'a\0b', 1220],
  ['two bytes for a CHAR', column('a', 'bpchar', { length: 4 }), 'é', 1215],
  ['an absent value of a NOT NULL column', column('a', 'int4', { isNotNull: true }), NULL, 1213],
  ['an empty value of a NOT NULL column', column('a', 'int4', { isNotNull: true }), '""', 1213],
  ['a column too many', TEXT, 'a,b', 1202],
  ['a quote that stays open', TEXT, '"a', 1216],
])('refuses %s', (_, target, value, code) => {
  const csv = Buffer.concat([Buffer.from(value), Buffer.from(value === '"a' ? '' : '\n')]);
  expect(() => read([target], csv)).toThrow(
    expect.objectContaining({ place: expect.objectContaining({ errorCode: code }) }),
  );
});

test('refuses a column too few', () => {
  expect(() => read([TEXT, TEXT], 'a\n')).toThrow('Delimiter not found');
});

test.each([
  ['a carriage return without quotes', 'a\r\n', /CR/],
  ['text after a closing quote', '"a"b\n', /closing quote/],
  ['a quote inside a plain field', 'a"b\n', /quote/],
  ['a null string in quotes', `"${NULL}"\n`, /null string/],
])('refuses %s, which the guide does not define', (_, csv, reason) => {
  expect(() => read([TEXT], csv)).toThrow(reason);
});

test('refuses to lose digits of a decimal, as Redshift would', () => {
  expect(() => read([column('a', 'numeric', { precision: 5, scale: 2 })], '1.234\n')).toThrow(/truncates/);
});
