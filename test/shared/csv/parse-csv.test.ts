import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../../shared/csv/parse-csv.ts';
import { toLine } from '../../../shared/csv/stringify.ts';

const value = fc.oneof(
  fc.constantFrom(null, '', '\\N', '"', ',', '\n', '\r\n', '""', 'a"b,c\nd', '😀'),
  fc.string(),
);
const row = fc.array(value, { minLength: 2, maxLength: 3 });
const toText = (rows: readonly (readonly (string | null)[])[]): string =>
  rows.map((one) => toLine(one, '\\N')).join('');

describe('the rows of CSV text', () => {
  it('are those that were written, as many as are wanted', () => {
    fc.assert(
      fc.property(fc.array(row), fc.nat(10), (rows, most) => {
        expect(parseCsv(toText(rows), '\\N', most)).toEqual(rows.slice(0, most));
      }),
    );
  });

  it('are the whole ones of a text that was cut anywhere', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), fc.nat(), (rows, at) => {
        const text = toText(rows);
        const found = parseCsv(text.slice(0, at % text.length), '\\N', 1000);
        expect(found).toEqual(rows.slice(0, found.length));
        const next = toText(rows.slice(0, found.length + 1));
        expect(next.length).toBeGreaterThan(at % text.length);
      }),
    );
  });
});
