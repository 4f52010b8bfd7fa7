import { expect, test } from 'vitest';
import { ATOM, edit, problemsOf, WORK_ITEMS } from './sample.ts';

const DELETES = `${WORK_ITEMS}deletes:
  ewm.work_items:
    rows: /workitem/deletedWorkItem
    match: { item_id: itemId }
    sequence: modified
    mode: delete
`;

const ENTRIES = `${edit(ATOM, 'disposition: append', 'disposition: merge\n    key: [id]')}deletes:
  atom.entries: { rows: "/feed/*:deleted-entry", match: { id: "@ref" } }
`;

test.each([['a sequence'], ['no sequence']])('takes deletes of a table with %s', (which) => {
  expect(problemsOf(which === 'a sequence' ? DELETES : ENTRIES)).toEqual([]);
});

test.each([
  [
    'a key that is none',
    DELETES,
    'mode: delete',
    'modes: delete',
    ["48:5: deletes.ewm.work_items.modes: unknown key, did you mean 'mode'"],
  ],
  [
    'a mode that is none',
    DELETES,
    'mode: delete',
    'mode: hide',
    ["48:11: deletes.ewm.work_items.mode: got 'hide', allowed delete mark"],
  ],
  [
    'no rows',
    DELETES,
    '    rows: /workitem/deletedWorkItem\n',
    '',
    [
      '44:3: deletes.ewm.work_items: has neither rows nor compareKeys, allowed rows, where documents say what is gone, or a listing of all keys',
      '45:5: deletes.ewm.work_items.match: allowed beside rows, which says what is gone',
      '46:5: deletes.ewm.work_items.sequence: allowed beside rows, which says what is gone',
    ],
  ],
  [
    'no match',
    DELETES,
    '    match: { item_id: itemId }\n',
    '',
    [
      '44:3: deletes.ewm.work_items.match: is missing, allowed the key columns of ewm.work_items: item_id, each with its path below rows',
    ],
  ],
  [
    'a table that the feed has not',
    DELETES,
    'deletes:\n  ewm.work_items',
    'deletes:\n  ewm.items',
    ['44:3: deletes.ewm.items: is no table of this feed, allowed ewm.work_items'],
  ],
  [
    'a child',
    DELETES,
    'deletes:\n  ewm.work_items',
    'deletes:\n  ewm.comments',
    [
      '44:3: deletes.ewm.comments: is a child of ewm.work_items, whose rows take theirs along: allowed deletes of that one',
    ],
  ],
  [
    'a table that appends',
    ENTRIES,
    'disposition: merge\n    key: [id]',
    'disposition: append',
    [
      '13:3: deletes.atom.entries: is append, whose rows are added and never touched again: allowed tables that are merged',
    ],
  ],
  [
    'a table that is replaced',
    ENTRIES,
    'disposition: merge',
    'disposition: replace',
    [
      '14:3: deletes.atom.entries: is replace, whose every batch says by itself which rows there are: allowed tables that are merged',
    ],
  ],
  [
    'relative rows',
    DELETES,
    'rows: /workitem/deletedWorkItem',
    'rows: deletedWorkItem',
    [
      "45:11: deletes.ewm.work_items.rows: got 'deletedWorkItem', allowed an absolute path such as /deletedWorkItem",
    ],
  ],
  [
    'rows of an attribute',
    DELETES,
    'rows: /workitem/deletedWorkItem',
    'rows: /workitem/@gone',
    ["45:11: deletes.ewm.work_items.rows: got '/workitem/@gone', allowed a path to elements"],
  ],
  [
    'rows of another root',
    DELETES,
    'rows: /workitem/deletedWorkItem',
    'rows: /gone/item',
    [
      "45:11: deletes.ewm.work_items.rows: got '/gone/item', allowed rows below the root of /workitem/workItem: a document has one root",
    ],
  ],
  [
    'rows that are the rows of the table, each of them',
    DELETES,
    'rows: /workitem/deletedWorkItem',
    'rows: /workitem/*',
    [
      "45:11: deletes.ewm.work_items.rows: got '/workitem/*', which leads to every row of ewm.work_items and would delete each, allowed other elements or a predicate, as in /workitem/workItem[@status='deleted']",
    ],
  ],
  [
    'rows around those of a table',
    DELETES,
    'rows: /workitem/deletedWorkItem',
    'rows: /workitem[@Gone]',
    [
      "45:11: deletes.ewm.work_items.rows: got '/workitem[@Gone]', which has rows of ewm.work_items below it, allowed elements beside or below those",
    ],
  ],
  [
    'an undeclared prefix',
    DELETES,
    'rows: /workitem/deletedWorkItem',
    'rows: /workitem/at:gone',
    ["45:11: deletes.ewm.work_items.rows: got the prefix 'at', allowed those in namespaces"],
  ],
  [
    'another column than those of the key',
    DELETES,
    'match: { item_id: itemId }',
    'match: { item_id: itemId, id: id }',
    ['46:31: deletes.ewm.work_items.match.id: allowed the key columns of ewm.work_items: item_id'],
  ],
  [
    'less than the key',
    DELETES,
    'match: { item_id: itemId }',
    'match: {}',
    [
      '46:5: deletes.ewm.work_items.match: has no item_id, allowed the key columns of ewm.work_items: item_id',
    ],
  ],
  [
    'a path of no use',
    DELETES,
    'match: { item_id: itemId }',
    'match: { item_id: ../../itemId }',
    [
      "46:23: deletes.ewm.work_items.match.item_id: got '../../itemId', allowed at most 1 times '..' below /workitem/deletedWorkItem",
    ],
  ],
  [
    'no sequence where the table has one',
    DELETES,
    '    sequence: modified\n',
    '',
    [
      '44:3: deletes.ewm.work_items.sequence: is missing, allowed the path to when the row was deleted: ewm.work_items keeps its versions in the order of modified',
    ],
  ],
  [
    'a path of no use to the sequence',
    DELETES,
    'sequence: modified',
    'sequence: /other/@modified',
    [
      "47:15: deletes.ewm.work_items.sequence: got '/other/@modified', allowed a path from the root of the rows /workitem/deletedWorkItem",
    ],
  ],
  [
    'a sequence where the table has none',
    ENTRIES,
    'match: { id: "@ref" }',
    'match: { id: "@ref" }, sequence: "@when"',
    [
      '14:73: deletes.atom.entries.sequence: allowed where the table has a sequence: versions of atom.entries are in the order of the batches, and so are its tombstones',
    ],
  ],
  [
    'a sequence of several columns',
    DELETES,
    '    key: [item_id]\n',
    '    key: [item_id]\n    sequence: [modified, id]\n',
    ['45:3: deletes.ewm.work_items: got a table with the sequence [modified id], allowed one column'],
  ],
  [
    'a sequence that is of the key',
    DELETES,
    'key: [item_id]',
    'key: [item_id, modified]',
    [
      '35:13: tables.ewm.comments.parent: got [item_id], allowed all key columns of a table above: ewm.work_items [item_id modified]',
      '46:5: deletes.ewm.work_items.match: has no modified, allowed the key columns of ewm.work_items: item_id modified',
      '47:5: deletes.ewm.work_items.sequence: allowed in match alone: modified is of the key of ewm.work_items',
    ],
  ],
  [
    'mark where the column is taken',
    edit(DELETES, '      id: bigint\n', '      _deleted_at: timestamptz\n'),
    'mode: delete',
    'mode: mark',
    [
      '48:11: deletes.ewm.work_items.mode: got mark, which adds the column _deleted_at to ewm.work_items, allowed where that has none',
    ],
  ],
  [
    'a table whose name is that of tombstones',
    WORK_ITEMS,
    '  ewm.work_items:',
    '  ewm.work_items$deleted:',
    [
      "22:3: tables.ewm.work_items$deleted: got the key 'ewm.work_items$deleted', allowed schema.table, each a lower-case letter or _, then up to 126 of a-z 0-9 _",
    ],
  ],
])('refuses %s', (_, text, from, to, expected) => {
  expect(problemsOf(edit(text, from, to))).toEqual(expected);
});

test('says nothing of the deletes of a table that is wrong itself', () => {
  expect(problemsOf(edit(DELETES, 'rows: /workitem/workItem', 'rows: workItem'))).toEqual([
    "23:11: tables.ewm.work_items.rows: got 'workItem', allowed an absolute path such as /workItem",
  ]);
});
