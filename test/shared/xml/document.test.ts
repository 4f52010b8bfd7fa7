import { describe, expect, test } from 'vitest';
import { column, contractOf, parse, table } from './documents.ts';

const WORK_ITEMS = contractOf(
  [
    table('w', '/workitem/workItem', [
      column('id', 'itemId', { required: true }),
      column('number', 'id', { type: { kind: 'bigint' } }),
      column('modified', 'modified', { type: { kind: 'timestamptz' } }),
      column('severity', "allExtensions[key='sev']/displayValue"),
      column('version', '/workitem/@Version'),
      column('second', 'allExtensions[2]/key'),
      column('cost', 'cost', { type: { kind: 'decimal', precision: 10, scale: 2 } }),
    ]),
    table(
      'c',
      '/workitem/workItem/comments',
      [
        column('id', '', { source: { kind: 'parent', column: 'id' } }),
        column('position', '', { source: { kind: 'ordinal' }, type: { kind: 'integer' } }),
        column('content'),
        column('number', '../id'),
      ],
      { parent: { table: 's.w', columns: [{ child: 'id', parent: 'id' }] } },
    ),
  ],
  { cursor: 'modified' },
);

const XML = `<?xml version="1.0"?><!DOCTYPE workitem [<!ENTITY c "ACME &amp; co">]>
<workitem Version="1.0" rel="next" href="http://x?a=1&amp;b=2"><workItem><itemId>_a</itemId><id>007</id>
<modified>2024-05-22T12:12:50.351+0000</modified>
<allExtensions><key>x</key><displayValue>no</displayValue></allExtensions>
<allExtensions><key>s<![CDATA[ev]]></key><displayValue>High &c; 😀</displayValue></allExtensions>
<comments><content>one</content></comments><comments><content><b/></content></comments><cost>1e1</cost></workItem>
<workItem><itemId/><id>8</id><comments/></workItem>
</workitem>`;

describe('a document', () => {
  test('gives the rows of all tables in one pass, wherever its bytes are cut', async () => {
    for (const chunk of [1, 2, 3, 7, 4096]) {
      const told: string[] = [];
      const { rows, numbers, summary, rejects } = await parse(XML, WORK_ITEMS, {
        chunk,
        wanted: { next: "/workitem[@rel='next']/@href" },
        onWanted: (name, value) => told.push(`${name} ${value}`),
      });
      expect(rows).toEqual([
        [['_a', '7', '2024-05-22 12:12:50.351000+00', 'High ACME & co 😀', '1.0', 'sev', '10.00']],
        [['_a', '1', 'one', '007']],
      ]);
      expect(numbers).toEqual([[[1, undefined]], [[1, 1]]]);
      expect(rejects.map(({ table, path, reason }) => `${table} ${path}: ${reason}`)).toEqual([
        's.c content <- content: the element has child elements; map one of them, or its text()',
        's.w id <- itemId: a value is required',
      ]);
      expect(summary).toMatchObject({ records: 2, rows: [1, 1], rejects: 2, orphans: 1, outside: 0 });
      expect(summary.largestCursor).toBe('2024-05-22 12:12:50.351000+00');
      expect([told, summary.wanted]).toEqual([['next http://x?a=1&b=2'], { next: 'http://x?a=1&b=2' }]);
    }
  });
});
