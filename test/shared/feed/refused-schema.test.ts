import { expect, test } from 'vitest';
import { ATOM, edit, problemsOf, WORK_ITEMS } from './sample.ts';

// A file against the schema.
test.each([
  [
    'an unknown key, with the nearest right one',
    WORK_ITEMS,
    'schedule:',
    'shedule:',
    ["13:1: shedule: unknown key, did you mean 'schedule'"],
  ],
  [
    'an unknown key in a nested map',
    WORK_ITEMS,
    '  http:\n',
    '  htp:\n',
    ["4:3: source.htp: unknown key, did you mean 'http'"],
  ],
  [
    'a missing key, and the unknown one that was meant',
    WORK_ITEMS,
    'tables:',
    'tabels:',
    [
      '1:1: tables: is missing, allowed a map, as in { shop.items: { rows: /items/item, disposition: append, columns: { id: bigint } } }',
      "21:1: tabels: unknown key, did you mean 'tables'",
    ],
  ],
  [
    'a word that is not one of the list',
    WORK_ITEMS,
    'disposition: merge',
    'disposition: upsert',
    ["24:18: tables.ewm.work_items.disposition: got 'upsert', allowed append replace merge history"],
  ],
  [
    'a parameter without a value',
    WORK_ITEMS,
    'size: 500 }',
    'size: }',
    ['7:61: source.http.params.size: got nothing, allowed text or a list'],
  ],
  [
    'a feed name of another form',
    WORK_ITEMS,
    'feed: work_items',
    'feed: Work',
    ["1:7: feed: got 'Work', allowed a lower-case letter, then up to 62 of a-z 0-9 _"],
  ],
  [
    'a duration of an unknown unit',
    WORK_ITEMS,
    'lookback: 10m',
    'lookback: 10x',
    ["18:13: window.lookback: got '10x', allowed a duration such as 60s 5m 2h 7d"],
  ],
  [
    'a start without a time',
    WORK_ITEMS,
    'start: 2020-01-01T00:00:00Z',
    'start: 2020-01-01',
    ["16:10: window.start: got '2020-01-01', allowed a time such as 2020-01-01T00:00:00Z"],
  ],
  [
    'a column in capitals',
    WORK_ITEMS,
    'id: bigint',
    'Id: bigint',
    [
      "28:7: tables.ewm.work_items.columns.Id: got the key 'Id', allowed a lower-case letter or _, then up to 126 of a-z 0-9 _",
    ],
  ],
  [
    'a table without a schema',
    WORK_ITEMS,
    'ewm.comments',
    'comments',
    [
      "34:3: tables.comments: got the key 'comments', allowed schema.table, each a lower-case letter or _, then up to 126 of a-z 0-9 _",
    ],
  ],
])('refuses %s', (_, text, from, to, expected) => {
  expect(problemsOf(edit(text, from, to))).toEqual(expected);
});

// Namespaces.
test.each([
  ['xml', '{ xml: "urn:q" }', "4:15: namespaces.xml: got the key 'xml'"],
  ['xmlns', '{ xmlns: "urn:q" }', "4:15: namespaces.xmlns: got the key 'xmlns'"],
  ['nothing', '{ "": x }', "4:15: namespaces.: got the key ''"],
  ['a name with a space', '{ "a b": x }', "4:15: namespaces.a b: got the key 'a b'"],
  ['a name with a colon', '{ "a:b": x }', "4:15: namespaces.a:b: got the key 'a:b'"],
  ['a number', '{ 1a: x }', "4:15: namespaces.1a: got the key '1a'"],
])('refuses as a prefix %s', (_, namespaces, problem) => {
  expect(problemsOf(edit(ATOM, '{ default: "http://www.w3.org/2005/Atom" }', namespaces))).toEqual([
    `${problem}, allowed default or a prefix: an XML name without colon, other than xml and xmlns`,
  ]);
});

test('takes as a prefix any other XML name', () => {
  expect(problemsOf(edit(ATOM, 'namespaces: {', 'namespaces: { é-1.x: "urn:q", _: "urn:r",'))).toEqual([]);
});

// YAML.
test.each([
  [
    'a second document',
    WORK_ITEMS,
    'paused: false\n',
    'paused: false\n---\nfeed: x\n',
    ['43:1: got a second document, allowed one a file'],
  ],
  [
    'a list where text or a map is allowed',
    WORK_ITEMS,
    'id: bigint',
    'id: []',
    ['28:11: tables.ewm.work_items.columns.id: got a list of 0, allowed text or a map'],
  ],
  [
    'YAML that does not parse',
    WORK_ITEMS,
    'description: EWM',
    'description: [EWM',
    ['3:1: not YAML: flow sequence in block collection must be sufficiently indented and end with a ]'],
  ],
  [
    'variables without quotes in a flow map, in one problem',
    WORK_ITEMS,
    'params: { fields: "workitem/${partition.select}", size: 500 }',
    'params: { from: ${window.from}, to: ${window.to} }',
    ['7:21: not YAML: ${…} stands unquoted, allowed in quotes, as in "${window.from}"'],
  ],
  [
    'a variable without quotes amid text in a flow list of several lines',
    WORK_ITEMS,
    'description: EWM',
    "description: [\n  '${window.to}',\n  a/(${window.from}) ] #",
    ['4:6: not YAML: ${…} stands unquoted, allowed in quotes, as in "${window.from}"'],
  ],
  [
    'YAML that makes the parser stumble often, by the first three places',
    WORK_ITEMS,
    'params: { fields: "workitem/${partition.select}", size: 500 }',
    "params: { fields: 'it's ${x}', size: 500 }",
    [
      '7:27: not YAML: unexpected scalar at node end',
      '7:30: not YAML: unexpected flow-map-start at node end',
      '7:31: not YAML: unexpected scalar at node end, and 156 more',
    ],
  ],
  [
    'a tab as indentation',
    WORK_ITEMS,
    '  http:\n',
    '	http:\n',
    ['4:1: got a tab as indentation, allowed spaces'],
  ],
  ['a duplicate key', WORK_ITEMS, 'schedule:', 'feed: x\nschedule:', ["13:1: duplicate key 'feed'"]],
  [
    'an alias',
    WORK_ITEMS,
    'key: [item_id]',
    'key: &a [item_id]\n    sequence: *a',
    ["26:15: got the alias '*a', allowed values written out"],
  ],
])('refuses %s', (_, text, from, to, expected) => {
  expect(problemsOf(edit(text, from, to))).toEqual(expected);
});
