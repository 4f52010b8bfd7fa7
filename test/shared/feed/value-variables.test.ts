import { expect, test } from 'vitest';
import { ATOM, edit, feedOf, problemsOf, WORK_ITEMS } from './sample.ts';

const item = (column: string): string => edit(WORK_ITEMS, 'id: bigint', `id: ${column}`);
const entry = (column: string): string => edit(ATOM, 'id: varchar(256)', `id: ${column}`);
const listed = `feed: listed
source: { http: { url: "https://a.example/\${partition}" } }
partitions: { http: { url: "https://a.example/all" }, rows: /all/one, values: { name: "@name", kind: "@kind" } }
tables: { a.b: { rows: /c/d, disposition: append, columns: { x: COLUMN } } }
`;

test.each([
  ['of the feed, mixed with text', item("{ type: varchar(64), value: '${connection}/${partition}' }")],
  ['a value of every partition', item("{ type: varchar(max), value: '${partition.select}' }")],
  ['the window as the requests have it', item("{ type: timestamptz, value: '${window.from}' }")],
  ['the page', item("{ type: varchar(2048), value: 'from ${page.url}' }")],
  ['the file', entry("{ type: varchar(256), value: '${file.name}' }")],
  ['the time of the file', entry("{ type: timestamptz, value: '${file.lastModified}' }")],
  ['what the source lists', edit(listed, 'COLUMN', '{ type: varchar(64), value: "${partition.kind}" }')],
])('takes %s', (_, text) => {
  expect(problemsOf(text)).toEqual([]);
  const kinds = feedOf(text).contract.tables.flatMap(({ columns }) =>
    columns.map(({ source }) => source.kind),
  );
  expect(kinds).toContain('value');
});

const OF_ITEMS = '${connection} ${partition} ${partition.select} ${window.from} ${window.to} ${page.url}';

test.each([
  [
    'a file where pages are read',
    item("{ type: varchar(9), value: '${file.name}' }"),
    `28:38: tables.ewm.work_items.columns.id.value: got \${file.name}, which needs source.s3, allowed ${OF_ITEMS}`,
  ],
  [
    'a page where files are read',
    entry("{ type: varchar(9), value: '${page.url}' }"),
    '10:38: tables.atom.entries.columns.id.value: got ${page.url}, which needs source.http, allowed ${file.name} ${file.lastModified}',
  ],
  [
    'a connection of a feed without one',
    edit(listed, 'COLUMN', '{ type: varchar(9), value: "${connection}" }'),
    '4:92: tables.a.b.columns.x.value: got ${connection}, which needs source.http.connection, allowed ${partition} ${partition.kind} ${page.url}',
  ],
  [
    'a window of a feed without one',
    edit(listed, 'COLUMN', '{ type: varchar(9), value: "${window.to}" }'),
    '4:92: tables.a.b.columns.x.value: got ${window.to}, which needs a window, allowed ${partition} ${partition.kind} ${page.url}',
  ],
  [
    'partitions of a feed without any',
    entry("{ type: varchar(9), value: '${partition}' }"),
    '10:38: tables.atom.entries.columns.id.value: got ${partition}, which needs partitions, allowed ${file.name} ${file.lastModified}',
  ],
  [
    'a value that one partition lacks',
    edit(
      item("{ type: varchar(9), value: '${partition.team}' }"),
      '- { name: items,',
      '- { name: items, team: a,',
    ),
    `28:38: tables.ewm.work_items.columns.id.value: got \${partition.team}, which needs a value of that name, without \${next.token}, in every partition, allowed ${OF_ITEMS}`,
  ],
  [
    'a secret',
    item("{ type: varchar(9), value: 'x ${secret.password}' }"),
    '28:38: tables.ewm.work_items.columns.id.value: got ${secret.password}, allowed in headers only: rows are read by many',
  ],
  [
    'what is unknown',
    item("{ type: varchar(9), value: '${batch}' }"),
    `28:38: tables.ewm.work_items.columns.id.value: got \${batch}, allowed ${OF_ITEMS}`,
  ],
  [
    'what requests alone read',
    item("{ type: varchar(9), value: '${fields}' }"),
    `28:38: tables.ewm.work_items.columns.id.value: got \${fields}, allowed ${OF_ITEMS}`,
  ],
  [
    'a variable without its end',
    item("{ type: varchar(9), value: '${connection' }"),
    "28:38: tables.ewm.work_items.columns.id.value: got '${connection', allowed ${variable} with its closing brace",
  ],
  [
    'a text that is too long for its column',
    item("{ type: varchar(3), value: '${connection}' }"),
    '28:38: tables.ewm.work_items.columns.id.value: got \'${connection}\': "jazz" is 4 bytes long, allowed 3',
  ],
  [
    'a text that is not of the type in one partition',
    item("{ type: integer, value: '${partition}' }"),
    '28:35: tables.ewm.work_items.columns.id.value: got \'${partition}\': "items" is not an integer',
  ],
])('refuses %s', (_, text, problem) => {
  expect(problemsOf(text)).toEqual([problem]);
});

test('leaves open what only a slice knows, though it may be too long', () => {
  expect(problemsOf(item("{ type: varchar(3), value: '${page.url}' }"))).toEqual([]);
});
