import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Contract } from '../../../../shared/model/contract.ts';
import { parseDocument, type Reject, type RowSink } from '../../../../shared/xml/document.ts';
import { findHead, type Head } from '../../../../shared/xml/ranges/find-head.ts';
import { parseRange, type RangeSummary } from '../../../../shared/xml/ranges/parse-range.ts';
import { rounds } from '../../../rounds.ts';
import { column, contractOf, passingChunksOf, table } from '../documents.ts';

/** A document that is read range by range gives what it gives when it is read whole, wherever it is cut. */

const CONTRACT = contractOf(
  [
    table('r', '/a/b/r', [
      column('id', '@id'),
      column('v', 'v', { required: true }),
      column('around', '/a/b/@env'),
      column('top', '/a/@top'),
      column('title', '/a/title'),
      column('inner', 'r/v'),
    ]),
    table(
      'i',
      '/a/b/r/i',
      [column('n', 'n', { source: { kind: 'ordinal' } }), column('x', '.'), column('q', '@p:q')],
      { parent: { table: 's.r', columns: [] } },
    ),
    table('d', '/a/b/d', [column('gone', '@id')], { deletes: { table: 's.r', mode: 'delete' } }),
  ],
  { namespaces: { p: 'urn:p' } },
);

interface Result {
  readonly rows: unknown[];
  readonly rejects: unknown[];
  readonly counts: unknown;
}

/** Takes rows as what may be compared: a parent by its place among the rows. */
const newCollector = () => {
  const rows: unknown[] = [];
  const rejects: unknown[] = [];
  const places = new Map<number, number>();
  const sinkOf = (range: number): RowSink => ({
    row: (t, values, row, parentRow) => {
      const place = (number: number, of: number) => (range * 10 + of) * 1_000_000 + number;
      const parent = parentRow === undefined ? undefined : places.get(place(parentRow, 0));
      places.set(place(row, t), rows.length);
      rows.push([t, values, parent]);
    },
    reject: ({ table, path, reason, raw }: Reject) => void rejects.push([table, path, reason, raw]),
    ready: () => undefined,
  });
  return { rows, rejects, sinkOf };
};

const optionsOf = (contract: Contract) => ({
  contract,
  place: 'doc',
  rowNumbers: { base: 0, used: contract.tables.map(() => 0) },
});

const readWhole = async (bytes: Buffer, contract: Contract): Promise<Result | string> => {
  const { rows, rejects, sinkOf } = newCollector();
  try {
    const summary = await parseDocument(passingChunksOf(bytes, 1000), optionsOf(contract), sinkOf(0));
    return { rows, rejects, counts: countsOf([summary]) };
  } catch (error) {
    return error instanceof Error ? error.name : 'none';
  }
};

type Summary = NonNullable<RangeSummary['document']>;
const countsOf = (all: readonly Summary[]) => ({
  records: all.reduce((sum, { records }) => sum + records, 0),
  tombstones: all.reduce((sum, { tombstones }) => sum + tombstones, 0),
  bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
  orphans: all.reduce((sum, { orphans }) => sum + orphans, 0),
  matched: [...new Set(all.flatMap(({ matched }) => matched))].sort(),
});

/** All ranges from a guess, as if side by side; then, along the chain, those anew that began at a wrong place. */
const readInRanges = async (
  bytes: Buffer,
  contract: Contract,
  head: Head,
  cuts: readonly number[],
  chunkBytes: number,
) => {
  const bounds = [head.bytes, ...cuts.map((cut) => Math.max(cut, head.bytes)), bytes.length].sort(
    (x, y) => x - y,
  );
  const read = async (n: number, start?: number) => {
    const [from = 0, to = 0] = bounds.slice(n, n + 2);
    const range = { head, headBytes: bytes.subarray(0, head.bytes), from, to, size: bytes.length, start };
    const collector = newCollector();
    const chunks = passingChunksOf(bytes.subarray(start ?? from), chunkBytes);
    const summary = await parseRange(chunks, range, optionsOf(contract), () => collector.sinkOf(n));
    return summary === undefined ? undefined : { ...summary, ...collector };
  };
  const parts: (RangeSummary & { rows: unknown[]; rejects: unknown[] })[] = [];
  let restarts = 0;
  let start = head.bytes;
  try {
    for (let n = 0; n + 1 < bounds.length; n += 1) {
      const guess = n === 0 ? undefined : await read(n).catch(() => undefined);
      const isRight = guess?.start === start;
      if (!isRight && n > 0) restarts += 1;
      const part = isRight ? guess : await read(n, start);
      if (part === undefined) throw new Error('a known start has no end');
      parts.push(part);
      start = part.end;
    }
  } catch (error) {
    return { result: error instanceof Error ? error.name : 'none', restarts };
  }
  expect(start).toBe(bytes.length);
  let offset = 0;
  const rows = parts.flatMap((part) => {
    const moved = part.rows.map((row) => {
      const [t, values, parent] = row as [number, unknown, number | undefined];
      return [t, values, parent === undefined ? undefined : parent + offset];
    });
    offset += part.rows.length;
    return moved;
  });
  const documents = parts.flatMap(({ document }) => (document === undefined ? [] : [document]));
  return {
    result: { rows, rejects: parts.flatMap((part) => part.rejects), counts: countsOf(documents) },
    restarts,
  };
};

const text = fc.constantFrom('x', 'é', '€uro', '𝄞', '&amp;', '&lt;r>', '&e;', ' ', '\r\n', ']]', 'a > b');
const noise = fc.constantFrom(
  '',
  '\n  ',
  '<!-- <r id="no"><v>1</v></r> -->',
  '<!--<r-->',
  '<?pi <r id="no"> ?>',
  '<![CDATA[<r id="no"/>]]>',
  '<other>é<r><v>deep</v></r></other>',
  '<rr/>',
  '<d id="7"/>',
  '</b><b env="2">',
);
const item = fc.tuple(
  text,
  fc.constantFrom('', ' p:q="<r>"'.replace('<', '&lt;'), " p:q='> <r '".replace('<', '&lt;')),
);
const record = fc
  .record({
    id: fc.nat(99),
    v: fc.option(text),
    items: fc.array(item, { maxLength: 3 }),
    inner: fc.boolean(),
    close: fc.constantFrom('</r>', '</r >'),
    inside: noise.filter((one) => !one.includes('</b>')),
  })
  .map(
    ({ id, v, items, inner, close, inside }) =>
      `<r id="${id}">${inside}${v === null ? '' : `<v>${v}</v>`}${inner ? '<r id="in"><v>inner</v></r>' : ''}${items
        .map(([x, q]) => `<i${q}>${x}</i>`)
        .join('')}${close}`,
  );
const documents = fc
  .record({
    prolog: fc.constantFrom(
      '',
      '\ufeff',
      '<?xml version="1.0" encoding="UTF-8"?>\n',
      '<?xml version="1.0"?><!-- <r> --><!DOCTYPE a [<!ENTITY e "ent é"><!ATTLIST i p:q CDATA "dflt">]>',
    ),
    title: fc.constantFrom('', '<title>é &lt;r></title>', '<title>x</title><!--<r>-->'),
    parts: fc.array(fc.tuple(noise, record), { minLength: 1, maxLength: 8 }),
    tail: fc.constantFrom(
      '</b></a>',

      '</b></a>',
      ' <d id="9"/></b>\n</a>\n',
      '</b><title>late</title></a>',
      '</b></a><!--<r >-->',
      '</b>',
      '',
    ),
  })
  .map(({ prolog, title, parts, tail }) => {
    const xml = `${prolog}<a xmlns:p="urn:p" top="t">${title}<b env="1&lt;r">${parts.flat().join('')}${tail}`;
    return prolog.includes('ENTITY') ? xml : xml.replaceAll('&e;', 'e');
  });

describe('a document in ranges', () => {
  it('gives the rows, rejects, counts and errors of the whole, wherever it is cut', async () => {
    let ranges = 0;
    let restarts = 0;
    await fc.assert(
      fc.asyncProperty(
        documents,
        fc.array(fc.nat(1200), { maxLength: 6 }),
        fc.constantFrom(1, 7, 100, 5000),
        async (xml, cuts, chunkBytes) => {
          const bytes = Buffer.from(xml);
          const head = findHead(bytes, CONTRACT, 'doc');
          if ('why' in head) return;
          const inside = cuts.filter((cut) => cut < bytes.length);
          const read = await readInRanges(bytes, CONTRACT, head, inside, chunkBytes);
          ranges += inside.length;
          restarts += read.restarts;
          expect(read.result).toEqual(await readWhole(bytes, CONTRACT));
        },
      ),
      { numRuns: rounds(300) },
    );
    expect(restarts).toBeGreaterThan(ranges / 100);
    expect(restarts).toBeLessThan(ranges * 0.9);
  });
});
