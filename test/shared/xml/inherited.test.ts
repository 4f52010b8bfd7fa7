import { describe, expect, test } from 'vitest';
import { feedOf } from '../feed/sample.ts';
import { parse } from './documents.ts';

/** A child's key column is its parent's value, to the letter: the warehouse finds a row's children by it. */

const PARENT = (key: string) => `feed: orders
source: { s3: {} }
tables:
  s.orders:
    rows: /orders/order
    disposition: append
    key: [k]
    columns: { k: ${key} }
  s.lines:
`;
const SHORT = `    parent: { k: k }
    rows: line
    columns: { n: { ordinal: true } }
`;
const LONG = `    key: [own, n]
    rows: /orders/order/line
    columns: { own: varchar(4) <- ../@k, n: { ordinal: true } }
`;

describe('a child has the key of its parent', () => {
  test.each([
    ['cut at a space', '{ type: varchar(4), path: "@k", truncate: true }', 'k="abc def"', 'abc '],
    ['untrimmed', '{ type: varchar(4), path: "@k", trim: false }', 'k=" a "', ' a '],
    ['a default with spaces', '{ type: varchar(4), path: "@k", default: " x " }', '', ' x '],
    ['kept though empty', '{ type: varchar(4), path: "@k", empty: keep }', 'k=""', ''],
  ])('%s, in both forms', async (_, key, attribute, value) => {
    for (const form of [SHORT, LONG]) {
      const { contract } = feedOf(PARENT(key) + form);
      const { rows, rejects } = await parse(`<orders><order ${attribute}><line/></order></orders>`, contract);
      expect(rejects).toEqual([]);
      expect(rows).toEqual([[[value]], [[value, '1']]]);
    }
  });

  test('a super column of a parent without key is not encoded again', async () => {
    const text = PARENT('{ type: super, path: "@k", many: json }').replace('    key: [k]\n', '') + SHORT;
    const { rows } = await parse('<orders><order k="a"><line/></order></orders>', feedOf(text).contract);
    expect(rows).toEqual([[['["a"]']], [['["a"]', '1']]]);
  });
});
