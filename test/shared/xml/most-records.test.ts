import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DocumentOptions, parseDocument } from '../../../shared/xml/document.ts';
import { column, contractOf, table } from './documents.ts';

const CONTRACT = contractOf([
  table('o', '/a/o', [column('id', '@id')], { key: ['id'] }),
  table('l', '/a/o/l', [column('n', '@n')], { parent: { table: 's.o', columns: [] } }),
]);

const read = async (chunks: AsyncIterable<Uint8Array>, more: Partial<DocumentOptions> = {}) => {
  const rows: (readonly (string | null)[])[] = [];
  const options = { contract: CONTRACT, place: 'p', rowNumbers: { base: 0, used: [0, 0] }, ...more };
  const summary = await parseDocument(chunks, options, {
    row: (_, values) => rows.push(values),
    reject: () => undefined,
    ready: () => undefined,
  });
  return { rows, summary };
};

async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const record = (n: number, lines: number) =>
  `<o id="${n}" x="1">${Array.from({ length: lines }, (_, i) => `<l n="${n}.${i}"/>`).join('')}</o>`;

describe('reading ends behind so many records', () => {
  test('with the rows and counts of a document that ends there, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3), { maxLength: 12 }),
        fc.integer({ min: 1, max: 14 }),
        fc.integer({ min: 1, max: 80 }),
        async (lines, most, size) => {
          const records = lines.map((n, i) => record(i, n));
          const some = await read(cut(`<a>${records.join('')}</a>`, size), { mostRecords: most });
          const short = await read(cut(`<a>${records.slice(0, most).join('')}</a>`, size));
          expect(some.rows).toEqual(short.rows);
          expect(some.summary.records).toBe(short.summary.records);
          expect(some.summary.held.unmapped()).toEqual(short.summary.held.unmapped());
        },
      ),
    );
  });

  test('without a look at what follows, and the source is closed', async () => {
    let isClosed = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.from(`<a>${record(1, 1)}${record(2, 1)}<<<`);
        throw new Error('read on');
      } finally {
        isClosed = true;
      }
    }
    const { rows } = await read(endless(), { mostRecords: 2 });
    expect(rows).toHaveLength(4);
    expect(isClosed).toBe(true);
  });
});
