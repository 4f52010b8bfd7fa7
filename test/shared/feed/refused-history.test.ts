import { expect, test } from 'vitest';
import { edit, problemsOf } from './sample.ts';

const PRICES = `feed: prices
source: { s3: {} }
tables:
  shop.prices:
    rows: /prices/price
    disposition: history
    key: [sku]
    sequence: [changed]
    columns: { sku: varchar(32), changed: timestamptz, day: date, amount: bigint, seen: varchar(9) }
`;
const SNAPSHOTS = edit(PRICES, '    sequence: [changed]\n', '    ignore: [seen, amount]\n');
const WINDOW = edit(
  PRICES,
  'source: { s3: {} }',
  `source: { http: { url: "https://shop.example/prices", params: { since: "\${window.from}" } } }
window: { cursor: changed, start: 2020-01-01T00:00:00Z }`,
);

test.each([
  ['by a cursor', PRICES],
  ['by a date', edit(PRICES, 'sequence: [changed]', 'sequence: [day]')],
  ['of snapshots', SNAPSHOTS],
  ["by its window's cursor", edit(WINDOW, '    sequence: [changed]\n', '')],
])('takes history %s', (_, text) => {
  expect(problemsOf(text)).toEqual([]);
});

test.each([
  [
    'without a key',
    PRICES,
    '    key: [sku]\n',
    '',
    [
      '4:3: tables.shop.prices.key: is missing, allowed the columns that tell rows apart, which history needs',
    ],
  ],
  [
    'by two columns',
    PRICES,
    'sequence: [changed]',
    'sequence: [changed, amount]',
    ['8:15: tables.shop.prices.sequence: got 2 columns, allowed one: a version begins at it'],
  ],
  [
    'by a column that is no time',
    PRICES,
    'sequence: [changed]',
    'sequence: [amount]',
    ["8:15: tables.shop.prices.sequence: got 'amount' of type bigint, allowed timestamptz timestamp date"],
  ],
  [
    'by a column of the key',
    PRICES,
    'key: [sku]',
    'key: [sku, changed]',
    [
      "7:10: tables.shop.prices.key: got 'changed', which is the sequence: allowed what a record's versions share",
    ],
  ],
  [
    'that ignores a column and has a sequence',
    PRICES,
    'sequence: [changed]',
    'sequence: [changed]\n    ignore: [seen]',
    [
      '9:5: tables.shop.prices.ignore: allowed without a sequence only: every value of changed is a version, whatever has changed',
    ],
  ],
  [
    'that ignores a column of its key, or none of it',
    SNAPSHOTS,
    'ignore: [seen, amount]',
    'ignore: [sku, some]',
    [
      "8:14: tables.shop.prices.ignore[0]: got 'sku', allowed a column that is not of the key: changed day amount seen",
      "8:19: tables.shop.prices.ignore[1]: got 'some', allowed a column that is not of the key: changed day amount seen",
    ],
  ],
  [
    'that takes over a table',
    PRICES,
    'key: [sku]',
    'key: [sku]\n    adopt: true',
    [
      '8:12: tables.shop.prices.adopt: got true, allowed with append, replace and merge: rows of others say nothing of when they held; give the table another name',
    ],
  ],
  [
    'with a table below it',
    PRICES,
    'seen: varchar(9) }',
    'seen: varchar(9) }\n  shop.tiers: { parent: { sku: sku }, rows: tier, columns: { position: { ordinal: true } } }',
    [
      '10:45: tables.shop.tiers.rows: lies below shop.prices, which is history: each version would need rows of its own; allowed are a column there, as in { path: PATH, type: super, as: json, many: json }, or a feed of its own for these rows',
    ],
  ],
  [
    'with a table below it, by rows',
    PRICES,
    'seen: varchar(9) }',
    'seen: varchar(9) }\n  shop.tiers: { rows: /prices/price/tier, key: [sku], columns: { sku: varchar(32) <- ../sku } }',
    [
      '10:23: tables.shop.tiers.rows: lies below shop.prices, which is history: each version would need rows of its own; allowed are a column there, as in { path: PATH, type: super, as: json, many: json }, or a feed of its own for these rows',
    ],
  ],
  [
    'with deletes',
    PRICES,
    'tables:',
    'deletes:\n  shop.prices: { rows: /prices/gone, match: { sku: sku }, sequence: at }\ntables:',
    ['4:3: deletes.shop.prices: is history, whose versions all stay: allowed tables that are merged'],
  ],
])('refuses history %s', (_, text, from, to, expected) => {
  expect(problemsOf(edit(text, from, to))).toEqual(expected);
});

test('refuses history in windows that has no sequence', () => {
  const second = edit(
    WINDOW,
    'tables:',
    'tables:\n  shop.items: { rows: /prices/item, disposition: append, columns: { changed: timestamptz } }',
  );
  expect(problemsOf(second)).toEqual([]);
  expect(problemsOf(edit(second, '    sequence: [changed]\n', ''))).toEqual([
    '6:3: tables.shop.prices.sequence: is missing, allowed the column that a version begins at: windows may be loaded in any order, and only whole snapshots tell versions without it',
  ]);
});

test('refuses ignore with another disposition', () => {
  expect(problemsOf(edit(SNAPSHOTS, 'disposition: history', 'disposition: merge'))).toEqual([
    '8:5: tables.shop.prices.ignore: allowed with history only: merge writes every change',
  ]);
});
