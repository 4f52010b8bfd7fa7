import { expect, test } from 'vitest';
import { ATOM, edit, problemsOf, WORK_ITEMS } from './sample.ts';

// Tables.
test.each([
  [
    'merge without a key',
    WORK_ITEMS,
    '    key: [item_id]\n',
    '',
    [
      '22:3: tables.ewm.work_items.key: is missing, allowed the columns that tell rows apart, which merge needs',
    ],
  ],
  [
    'a key that is no column',
    WORK_ITEMS,
    'key: [item_id]',
    'key: [item]',
    [
      "25:11: tables.ewm.work_items.key[0]: got 'item', allowed a column: item_id id summary modified state severity server_version",
    ],
  ],
  [
    'a key column twice',
    WORK_ITEMS,
    'key: [item_id]',
    'key: [item_id, item_id]',
    ["25:20: tables.ewm.work_items.key[1]: got 'item_id' twice, allowed once"],
  ],
  [
    'a key of type super',
    WORK_ITEMS,
    'item_id: varchar(64) <- itemId',
    'item_id: super <- itemId',
    ["25:11: tables.ewm.work_items.key[0]: got 'item_id' of type super, allowed a type that can be compared"],
  ],
  [
    'no disposition',
    ATOM,
    '    disposition: append\n',
    '',
    ['6:3: tables.atom.entries.disposition: is missing, allowed append replace merge'],
  ],
  [
    'rows of attributes',
    WORK_ITEMS,
    'rows: /workitem/workItem',
    'rows: /workitem/@workItem',
    ["23:11: tables.ewm.work_items.rows: got '/workitem/@workItem', allowed a path to elements"],
  ],
  [
    'relative rows without a parent',
    ATOM,
    'rows: /feed/entry',
    'rows: feed/entry',
    ["7:11: tables.atom.entries.rows: got 'feed/entry', allowed an absolute path such as /feed/entry"],
  ],
  [
    'rows of another root',
    ATOM,
    'tables:\n',
    'tables:\n  atom.feeds:\n    rows: /feeds/feed\n    disposition: append\n    columns: { id: bigint }\n',
    [
      "11:11: tables.atom.entries.rows: got '/feed/entry', allowed rows below the root of /feeds/feed: a document has one root",
    ],
  ],
  [
    "a table of Redshift's own schema",
    ATOM,
    'atom.entries',
    'pg_atom.entries',
    ["6:3: tables.pg_atom.entries: got the schema 'pg_atom', allowed one of your own"],
  ],
  [
    'a predicate above the record that looks at children',
    ATOM,
    'rows: /feed/entry',
    "rows: /feed[kind='x']/entry",
    [
      "6:3: tables: rows of atom.entries is /feed[kind='x']/entry: a predicate on a child's value above the record cannot be streamed",
    ],
  ],
  [
    'a parent below its child',
    WORK_ITEMS,
    'tables:\n',
    'tables:\n  a.b:\n    rows: /workitem/workItem/x\n    disposition: append\n    columns: { modified: timestamptz }\n',
    ['27:11: tables.ewm.work_items.rows: stands below a.b, whose rows lie below these, allowed above it'],
  ],
  [
    'a parent by columns that are no key',
    WORK_ITEMS,
    'parent: { item_id: item_id }',
    'parent: { item_id: id }',
    [
      '35:13: tables.ewm.comments.parent: got [id], allowed all key columns of a table above: ewm.work_items [item_id]',
    ],
  ],
  [
    'absolute rows with parent',
    WORK_ITEMS,
    'rows: comments',
    'rows: /comments',
    [
      "36:11: tables.ewm.comments.rows: got '/comments', allowed a path below the rows of ewm.work_items, as in comments",
    ],
  ],
  [
    'a column that parent gives already',
    WORK_ITEMS,
    'columns:\n      position',
    'columns:\n      item_id: bigint\n      position',
    ['38:7: tables.ewm.comments.columns.item_id: is a column of parent too, allowed in one of them'],
  ],
  [
    "a disposition and a sequence of a child's own",
    WORK_ITEMS,
    'rows: comments',
    'rows: comments\n    sequence: [position]\n    disposition: append',
    [
      "37:5: tables.ewm.comments.sequence: allowed in ewm.work_items only: children go with their parent's version",
      '38:18: tables.ewm.comments.disposition: got append, allowed merge, as the parent ewm.work_items has it',
    ],
  ],
  [
    "a long child whose key does not begin with its parent's",
    WORK_ITEMS,
    'parent: { item_id: item_id }\n    rows: comments',
    'key: [position]\n    rows: /workitem/workItem/comments',
    [
      '35:10: tables.ewm.comments.key: got [position], allowed first the columns that read the key of ewm.work_items: /workitem/workItem/itemId as number 1',
    ],
  ],
  [
    'a long child whose key has another type',
    WORK_ITEMS,
    'parent: { item_id: item_id }\n    rows: comments\n    columns:',
    'key: [item]\n    rows: /workitem/workItem/comments\n    columns:\n      item: varchar(32) <- ../itemId',
    [
      '35:10: tables.ewm.comments.key: got item of type varchar(32), allowed that of ewm.work_items.item_id: varchar(64)',
    ],
  ],
])('refuses %s', (_, text, from, to, expected) => {
  expect(problemsOf(edit(text, from, to))).toEqual(expected);
});

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
      '28:7: tables.ewm.work_items.columns._row: allowed any name but _batch _row _observed _loaded_at _parent_row, which each row gets',
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
    'id: bigint <- a//b',
    [
      "28:11: tables.ewm.work_items.columns.id: path 'a//b': got '/b' at offset 2, allowed a name, '*', '@name' or text()",
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
])('refuses %s', (_, text, from, to, expected) => {
  expect(problemsOf(edit(text, from, to))).toEqual(expected);
});
