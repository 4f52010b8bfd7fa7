import { expect, test } from 'vitest';
import { ATOM, edit, problemsOf, WORK_ITEMS } from './sample.ts';

// Columns.
test.each([
  [
    'an unknown type',
    WORK_ITEMS,
    'id: bigint',
    'id: bigin',
    [
      '28:11: tables.ewm.work_items.columns.id: got type \'bigin\', allowed smallint integer bigint real "double precision" decimal(p,s) boolean char(n) varchar(n) varchar(max) date timestamp timestamptz super',
    ],
  ],
  [
    'a length over the longest',
    WORK_ITEMS,
    'id: bigint',
    'id: varchar(70000)',
    ['28:11: tables.ewm.work_items.columns.id: type varchar(70000): allowed lengths are 1 to 65535 bytes'],
  ],
  [
    'a scale over the precision',
    WORK_ITEMS,
    'id: bigint',
    'id: decimal(4,5)',
    [
      '28:11: tables.ewm.work_items.columns.id: type decimal(4,5): allowed precisions are 1 to 38, scales 0 to the precision and at most 37',
    ],
  ],
  [
    'a long form without a type',
    WORK_ITEMS,
    'id: bigint',
    'id: { path: a }',
    ['28:7: tables.ewm.work_items.columns.id.type: is missing, allowed a type such as varchar(64)'],
  ],
  [
    'a name of ours',
    WORK_ITEMS,
    'id: bigint',
    '_row: bigint',
    [
      '28:7: tables.ewm.work_items.columns._row: allowed any name but _batch _row _observed _loaded_at _parent_row _hash _valid_from _valid_to _is_current, which each row gets',
    ],
  ],
  [
    "a name of Redshift's",
    WORK_ITEMS,
    'id: bigint',
    'ctid: bigint',
    [
      '28:7: tables.ewm.work_items.columns.ctid: allowed any name but oid tableoid xmin cmin xmax cmax ctid, which Redshift keeps for itself',
    ],
  ],
  [
    'a path outside the subset',
    WORK_ITEMS,
    'id: bigint',
    'id: bigint <- .//b',
    [
      "28:11: tables.ewm.work_items.columns.id: path './/b': got './/b' at offset 0, allowed a step before '//', as in a//b: a child's name, or * for any, then // and a name",
    ],
  ],
  [
    'any depth where the source is asked for the mapped fields',
    WORK_ITEMS,
    'id: bigint',
    'id: bigint <- a//b',
    ['22:3: tables: got //b in a path below the record, allowed no // where the requests read ${fields}'],
  ],
  [
    "'..' over any depth",
    ATOM,
    'rows: /feed/entry\n    disposition: append\n    columns:\n      id: varchar(256)',
    'rows: //entry\n    disposition: append\n    columns:\n      id: varchar(256) <- ../@x',
    [
      "10:11: tables.atom.entries.columns.id: got '../@x', allowed no '..' over //entry of //entry: write //*/entry there",
    ],
  ],
  [
    'an undeclared prefix',
    WORK_ITEMS,
    'id: bigint',
    'id: bigint <- x:a',
    ["28:11: tables.ewm.work_items.columns.id: got the prefix 'x', allowed those in namespaces"],
  ],
  [
    'an absolute path below its rows',
    WORK_ITEMS,
    'id: bigint',
    'id: bigint <- /workitem/workItem/id',
    [
      "28:11: tables.ewm.work_items.columns.id: got '/workitem/workItem/id', allowed a path relative to the rows /workitem/workItem, or one of the envelope around /workitem/workItem",
    ],
  ],
  [
    'an absolute path below the rows of its parent',
    WORK_ITEMS,
    'author: varchar(256) <- creator/name',
    'author: varchar(256) <- /workitem/workItem/id',
    [
      "39:15: tables.ewm.comments.columns.author: got '/workitem/workItem/id', allowed a path relative to the rows /workitem/workItem/comments, or one of the envelope around /workitem/workItem",
    ],
  ],
  [
    'a path above the root',
    WORK_ITEMS,
    'id: bigint',
    'id: bigint <- ../../id',
    [
      "28:11: tables.ewm.work_items.columns.id: got '../../id', allowed at most 1 times '..' below /workitem/workItem",
    ],
  ],
  [
    'json that is cut',
    WORK_ITEMS,
    'id: bigint',
    'id: { type: varchar(64), many: json, truncate: true }',
    [
      '28:54: tables.ewm.work_items.columns.id.truncate: got many: json, allowed without it: JSON that is cut is none',
    ],
  ],
  [
    'a default of many: json that is no array',
    WORK_ITEMS,
    'id: bigint',
    'id: { type: super, many: json, default: none }',
    [
      '28:47: tables.ewm.work_items.columns.id.default: default of column id: "none" is no JSON array, which many: json always gives',
    ],
  ],
  [
    'a format without offset of a timestamptz',
    WORK_ITEMS,
    'modified: timestamptz',
    'modified: { type: timestamptz, format: yyyy-MM-dd HH:mm }',
    [
      "30:46: tables.ewm.work_items.columns.modified.format: got 'yyyy-MM-dd HH:mm' without an offset from UTC, allowed one with Z, X or x, or a closing 'Z' in quotes; or zone beside it, or type timestamp",
    ],
  ],
  [
    'options that the type does not have',
    WORK_ITEMS,
    'id: bigint',
    'id: { type: bigint, truncate: true, format: iso, many: join, empty: keep, separator: "," }',
    [
      '28:37: tables.ewm.work_items.columns.id.truncate: got type bigint, allowed for char and varchar',
      '28:51: tables.ewm.work_items.columns.id.format: got type bigint, allowed for date, timestamp and timestamptz',
      '28:62: tables.ewm.work_items.columns.id.many: join: got type bigint, allowed for char and varchar',
      '28:75: tables.ewm.work_items.columns.id.empty: keep: got type bigint, allowed for char, varchar and super',
    ],
  ],
  [
    'a default that is not of the type',
    WORK_ITEMS,
    'id: bigint',
    'id: { type: smallint, default: 70000 }',
    [
      '28:38: tables.ewm.work_items.columns.id.default: default of column id: "70000" is not in the range of smallint, -32768 to 32767',
    ],
  ],
  [
    'a format that is none',
    WORK_ITEMS,
    'modified: timestamptz',
    'modified: { type: timestamptz, format: yyyy }',
    ["30:46: tables.ewm.work_items.columns.modified.format: time format 'yyyy' has no month"],
  ],
  [
    'json in a number',
    WORK_ITEMS,
    'id: bigint',
    'id: { type: bigint, many: json }',
    ['28:33: tables.ewm.work_items.columns.id.many: json: got type bigint, allowed for super and varchar'],
  ],
  [
    'a key that may be null',
    WORK_ITEMS,
    'item_id: varchar(64) <- itemId',
    'item_id: { path: itemId, type: varchar(64), required: false, onError: setNull }',
    [
      '27:61: tables.ewm.work_items.columns.item_id.required: false: key, cursor and sequence columns always have a value',
      '27:77: tables.ewm.work_items.columns.item_id.onError: setNull: allowed for columns that are not required',
    ],
  ],
  [
    'an ordinal of records',
    WORK_ITEMS,
    'id: bigint',
    'id: { ordinal: true }',
    ['28:22: tables.ewm.work_items.columns.id.ordinal: allowed in child tables: a record is one row'],
  ],
  [
    'an ordinal with other keys',
    WORK_ITEMS,
    'position: { ordinal: true }',
    'position: { ordinal: true, trim: false, type: varchar(9) }',
    [
      '38:34: tables.ewm.comments.columns.position.trim: allowed no key but type beside ordinal',
      '38:53: tables.ewm.comments.columns.position.type: got varchar(9), allowed smallint integer bigint',
    ],
  ],
  [
    'a fixed text that is not of the type',
    WORK_ITEMS,
    'id: bigint',
    'id: { type: smallint, value: 70000 }',
    [
      '28:36: tables.ewm.work_items.columns.id.value: "70000" is not in the range of smallint, -32768 to 32767',
    ],
  ],
  [
    'JSON in a type that is no text, joined and replaced',
    WORK_ITEMS,
    'id: bigint',
    'id: { type: char(9), as: json, many: join, split: "|", replace: { a: b } }',
    [
      '28:32: tables.ewm.work_items.columns.id.as: json: got type char(9), allowed for super and varchar',
      '28:32: tables.ewm.work_items.columns.id.as: json: got many: join, allowed reject first last json',
      '28:32: tables.ewm.work_items.columns.id.as: json: got split, allowed without it: an object is no text',
      '28:32: tables.ewm.work_items.columns.id.as: json: got replace, allowed without it: an object is no text',
    ],
  ],
  [
    'JSON that is cut, by keys, or has another default',
    WORK_ITEMS,
    'id: bigint',
    'id: { type: varchar(9), as: json, truncate: true }\n      m: { type: super, as: json, many: map, keyPath: a, valuePath: b }\n      d: { type: super, as: json, default: "[]" }',
    [
      '28:51: tables.ewm.work_items.columns.id.truncate: got as: json, allowed without it: JSON that is cut is none',
      '29:29: tables.ewm.work_items.columns.m.as: got many: map, allowed without it',
      '30:44: tables.ewm.work_items.columns.d.default: default of column d: "[]" is no JSON object, which as: json always gives',
    ],
  ],
  [
    'a fixed text with a path',
    WORK_ITEMS,
    'id: bigint',
    'id: { type: varchar(9), value: a, path: b }',
    ['28:41: tables.ewm.work_items.columns.id.path: not allowed beside value'],
  ],
])('refuses %s', (_, text, from, to, expected) => {
  expect(problemsOf(edit(text, from, to))).toEqual(expected);
});

// What stands around the rows is complete only after them.
test.each([['..'], ['../text()'], ['/feed'], ['/feed/text()'], ['/*'], ['/feed/*']])(
  'refuses the column path %s, which no document can give',
  (path) => {
    expect(problemsOf(edit(ATOM, 'id: varchar(256)', `id: varchar(256) <- ${path}`))).toEqual([
      `10:11: tables.atom.entries.columns.id: got '${path}', allowed of the elements around the rows their attributes, as in ../@name: they are complete only after the rows`,
    ]);
  },
);

test('refuses a column path that depends on a child of the root, or leads back into the rows', () => {
  const refusal = (path: string) => problemsOf(edit(ATOM, 'id: varchar(256)', `id: varchar(256) <- ${path}`));
  expect(refusal("/feed[k='1']/h/@v")).toEqual([
    "10:11: tables.atom.entries.columns.id: got '/feed[k='1']/h/@v', allowed no predicate on a child's value at the root, which is known only after the rows",
  ]);
  expect(refusal('../entry/@x')).toEqual([
    "10:11: tables.atom.entries.columns.id: got '../entry/@x', allowed a path relative to the rows /feed/entry, or one of the envelope around /feed/entry",
  ]);
});

test.each([
  ['/feed/title/text()'],
  ['/feed/title'],
  ['/feed/@v'],
  ["/feed[@x='1']/h/@v"],
  ["/feed/h[k='1']/@v"],
  ['../@v'],
  ['../title'],
  ['/*/@v'],
  ['.'],
  ['text()'],
])('takes the column path %s, which can stand before the rows or in them', (path) => {
  expect(problemsOf(edit(ATOM, 'id: varchar(256)', `id: varchar(256) <- ${path}`))).toEqual([]);
});

test('takes text of the parent, and siblings within a record, in a child table', () => {
  for (const path of ['../text()', '../comments/@x', '../itemId', '../../@Version'])
    expect(problemsOf(edit(WORK_ITEMS, 'varchar(256) <- creator/name', `varchar(256) <- ${path}`))).toEqual(
      [],
    );
  expect(problemsOf(edit(WORK_ITEMS, 'varchar(256) <- creator/name', 'varchar(256) <- ..'))).toHaveLength(1);
});
