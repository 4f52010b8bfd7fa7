import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { parseDocument } from '../../../shared/xml/document.ts';
import { column, contractOf, table } from './documents.ts';

/** What stands in memory towards the end of a document of 26 MB, of which little is mapped. */

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const CONTRACT = contractOf([
  table('r', '/r/record', [column('head', '/r/head', { many: 'last' }), column('id', '@id')]),
  table('c', '/r/record/c', [column('value', 'v')], { parent: { table: 's.r', columns: [] } }),
]);
const PIECES = 400;
const PADDING = 'unmapped '.repeat(7000);

const heldBy = async (start: string, piece: (n: number) => string, end: string): Promise<number> => {
  collect();
  const before = process.memoryUsage().heapUsed;
  let held = 0;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(start);
    for (let n = 0; n < PIECES; n += 1) yield Buffer.from(piece(n));
    collect();
    held = process.memoryUsage().heapUsed - before;
    yield Buffer.from(end);
  }
  const sink = { row: () => undefined, reject: () => undefined, ready: () => undefined };
  const options = { contract: CONTRACT, place: 'doc', rowNumbers: { base: 0, used: [0, 0] } };
  await parseDocument(chunks(), options, sink);
  return held;
};

test.each([
  [
    'values of one large record',
    '<r><record>',
    (n: number) => `<x>${PADDING}</x><c><v>the value of row ${n}</v></c>`,
    '</record></r>',
  ],
  [
    'values around records',
    '<r>',
    (n: number) => `<x>${PADDING}</x><head>the head's value ${n}</head>`,
    '<record/></r>',
  ],
  [
    'names that come but once',
    '<r>',
    (n: number) => `<x>${PADDING}</x><a-name-that-is-long-${n} x="1"/>`,
    '<record/></r>',
  ],
  [
    'namespaces that come but once',
    '<r>',
    (n: number) => `<x>${PADDING}</x><y xmlns="urn:a:namespace:${n}"/><z xmlns:a-long-prefix-${n}="urn:z"/>`,
    '<record/></r>',
  ],
])('%s do not keep the document around them in memory', async (_, start, piece, end) => {
  expect(await heldBy(start, piece, end)).toBeLessThan(8 * 2 ** 20);
});
