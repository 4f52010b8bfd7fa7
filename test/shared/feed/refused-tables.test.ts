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
    'a table without a key by key',
    ATOM,
    '    disposition: append\n',
    '    disposition: append\n    distribute: key\n',
    ['9:17: tables.atom.entries.distribute: got key for a table without one, allowed auto even all'],
  ],
  [
    'a sort column that is none',
    WORK_ITEMS,
    'key: [item_id]',
    'key: [item_id]\n    sort: [nothing]',
    [
      "26:12: tables.ewm.work_items.sort[0]: got 'nothing', allowed a column: item_id id summary modified state severity server_version",
    ],
  ],
  [
    'no disposition',
    ATOM,
    '    disposition: append\n',
    '',
    ['6:3: tables.atom.entries.disposition: is missing, allowed append replace merge history'],
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
    'a table of the schema that keeps our own',
    ATOM,
    'atom.entries',
    'millrace.entries',
    ["6:3: tables.millrace.entries: got the schema 'millrace', allowed one of your own"],
  ],
  [
    'a predicate above the record that looks at children, at the table that has it',
    WORK_ITEMS,
    'contract: evolve',
    "  ewm.gone:\n    rows: /workitem/deleted[kind='x']/item\n    disposition: append\n    key: [id]\n    columns: { id: bigint }\ncontract: evolve",
    [
      "42:11: tables.ewm.gone.rows: rows of ewm.gone is /workitem/deleted[kind='x']/item: a predicate on a child's value above the record cannot be streamed",
    ],
  ],
  [
    'such a predicate in the first table',
    ATOM,
    'rows: /feed/entry',
    "rows: /feed[kind='x']/entry",
    [
      "7:11: tables.atom.entries.rows: rows of atom.entries is /feed[kind='x']/entry: a predicate on a child's value above the record cannot be streamed",
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
      "36:11: tables.ewm.comments.rows: got '/comments', allowed a path below the rows of ewm.work_items, as in comments or /workitem/workItem//comments",
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
