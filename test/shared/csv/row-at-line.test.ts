import { describe, expect, it } from 'vitest';
import { rowAtLine } from '../../../shared/csv/row-at-line.ts';
import { parseRow, toRowBase } from '../../../shared/model/row-number.ts';

async function* cut(text: string, every: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += every) yield bytes.subarray(at, at + every);
}
const LIMITS = { nullText: '\u0001', atMost: 1_000 };
const TEXT = 'a,1\n"b\n""\nc",2\nd,\u0001\n';

describe('the row at a line', () => {
  it.each([1, 2, 3, 7, 1_000])(
    'is found wherever the file is cut, by its line feeds: every %i bytes',
    async (every) => {
      const at = (line: number) => rowAtLine(cut(TEXT, every), line, LIMITS);
      expect(await at(1)).toEqual({ values: ['a', '1'], hasLines: false });
      for (const line of [2, 3, 4])
        expect(await at(line)).toEqual({ values: ['b\n"\nc', '2'], hasLines: true });
      expect(await at(5)).toEqual({ values: ['d', null], hasLines: true });
      expect(await at(6)).toBeUndefined();
    },
  );

  it('is given up beyond the bytes that are allowed', async () => {
    expect(await rowAtLine(cut(TEXT, 4), 5, { ...LIMITS, atMost: 8 })).toBeUndefined();
  });
});

describe('the number of a row', () => {
  it.each([
    { slice: 0, step: 0, n: 1 },
    { slice: 199, step: 4095, n: 2 ** 32 - 1 },
    { slice: 3, step: 7, n: 12 },
  ])('leads back to its slice and step: %j', (place) => {
    expect(parseRow(toRowBase(place) + place.n)).toEqual(place);
  });
});
