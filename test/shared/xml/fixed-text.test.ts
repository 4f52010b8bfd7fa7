import { expect, test } from 'vitest';
import { feedOf } from '../feed/sample.ts';
import { parse } from './documents.ts';

const FEED = `feed: orders
source: { s3: {} }
tables:
  s.orders:
    rows: /orders/order
    disposition: append
    key: [site, id]
    columns:
      site: { value: " north ", type: varchar(4), truncate: true }
      id: varchar(4) <- @id
      since: { value: 2024-05-22T12:00:00Z, type: timestamptz }
  s.lines:
    parent: { site: site, id: id }
    rows: line
    columns: { n: { ordinal: true }, unit: { value: 7, type: smallint } }
`;

test('a fixed text goes the way of any value, in each row, in keys and in what children inherit', async () => {
  const { contract } = feedOf(FEED);
  const { rows, rejects } = await parse(
    '<orders><order id="1"><line/><line/></order><order id="2"/></orders>',
    contract,
  );
  expect(rejects).toEqual([]);
  expect(rows).toEqual([
    [
      ['nort', '1', '2024-05-22 12:00:00+00'],
      ['nort', '2', '2024-05-22 12:00:00+00'],
    ],
    [
      ['nort', '1', '1', '7'],
      ['nort', '1', '2', '7'],
    ],
  ]);
});
