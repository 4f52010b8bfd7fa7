import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseFeed } from '../../../shared/feed/parse-feed.ts';
import { feed as feedSchema } from '../../../shared/model/feed.ts';
import { rounds } from '../../rounds.ts';
import { ATOM, edit, feedOf, problemsOf, WORK_ITEMS } from './sample.ts';

test.each([
  ['http', WORK_ITEMS],
  ['s3', ATOM],
])('gives a feed of %s that is what the schema of plans says', (_, text) => {
  const feed = feedOf(text);
  expect(feedSchema.parse(JSON.parse(JSON.stringify(feed)))).toEqual(feed);
});

test('resolves the source with its connection', () => {
  expect(feedOf(WORK_ITEMS).source).toEqual({
    kind: 'http',
    connection: 'jazz',
    url: 'https://jazz.acme.example:9443/ccm/rpt/repository/workitem',
    params: [
      ['fields', 'workitem/${partition.select}'],
      ['size', '500'],
    ],
    headers: [['Accept', 'application/xml']],
    auth: { kind: 'basic', secret: 'millrace/jazz' },
    next: { url: "/workitem[@rel='next']/@href" },
    concurrency: 4,
    idleTimeoutMs: 60_000,
    trustedHosts: ['other.acme.example:9443'],
  });
});

test('keeps the source text of unquoted numbers and booleans in params, headers, partitions and defaults', () => {
  const text = edit(
    edit(WORK_ITEMS, 'size: 500', 'size: 0500, v: 1.0, all: true, x: [1e3, 0x10]'),
    'id: bigint',
    'id: { type: bigint, default: 007 }',
  );
  const { source, contract } = feedOf(edit(text, 'name: gone', 'name: 010'));
  expect(source).toMatchObject({
    params: [
      ['fields', expect.any(String)],
      ['size', '0500'],
      ['v', '1.0'],
      ['all', 'true'],
      ['x', '1e3'],
      ['x', '0x10'],
    ],
  });
  expect(contract.tables[0]?.columns[1]?.default).toBe('007');
  expect(feedOf(edit(WORK_ITEMS, 'name: gone', 'name: 010')).partitions[1]?.name).toBe('010');
});

test('fills in the defaults of the format', () => {
  const feed = feedOf(ATOM);
  expect(feed).toMatchObject({
    source: { suffixes: ['.xml', '.xml.gz', '.xml.zst'] },
    partitions: [{ name: '', values: {} }],
    rejects: { count: 10, percent: 1 },
    onEmpty: 'accept',
  });
  expect(feed.contract.tables[0]?.columns[0]).toEqual({
    name: 'id',
    type: { kind: 'varchar', length: 256 },
    source: { kind: 'path', path: 'id' },
    many: 'reject',
    separator: ',',
    trim: true,
    empty: 'setNull',
    required: false,
    truncate: false,
    onError: 'reject',
  });
});

test('fails an empty batch of replace unless the feed says otherwise', () => {
  const replace = edit(ATOM, 'disposition: append', 'disposition: replace');
  expect(feedOf(replace).onEmpty).toBe('fail');
  expect(feedOf(`${replace}onEmpty: accept\n`).onEmpty).toBe('accept');
});

test('takes the cursor as the sequence, and requires cursor, key and sequence', () => {
  const [table] = feedOf(WORK_ITEMS).contract.tables;
  expect(table?.sequence).toEqual(['modified']);
  expect(table?.columns.filter(({ required }) => required).map(({ name }) => name)).toEqual([
    'item_id',
    'modified',
  ]);
});

test('gives a short child the key, the type and the disposition of its parent', () => {
  const child = feedOf(WORK_ITEMS).contract.tables[1];
  expect(child).toMatchObject({
    rows: '/workitem/workItem/comments',
    parent: { table: 'ewm.work_items', columns: [{ child: 'item_id', parent: 'item_id' }] },
    disposition: 'merge',
    key: ['item_id', 'position'],
    sequence: [],
  });
  expect(child?.columns[0]).toMatchObject({
    name: 'item_id',
    type: { kind: 'varchar', length: 64 },
    source: { kind: 'parent', column: 'item_id' },
    required: true,
  });
});

test('resolves the long child form to the same contract as the short one', () => {
  const long = edit(
    edit(
      WORK_ITEMS,
      'parent: { item_id: item_id }\n    rows: comments',
      'key: [item_id]\n    rows: /workitem/workItem/comments',
    ),
    'position: {',
    'item_id: varchar(64) <- ../itemId\n      position: {',
  );
  expect(feedOf(long).contract).toEqual(feedOf(WORK_ITEMS).contract);
});

const GRANDCHILD = `  ewm.votes:
    parent: { item_id: item_id, comment: position }
    rows: votes
    columns:
      voter: varchar(64)
`;

test('finds the parent of a grandchild by its whole key', () => {
  const { tables } = feedOf(edit(WORK_ITEMS, 'contract: evolve', `${GRANDCHILD}contract: evolve`)).contract;
  expect(tables[2]).toMatchObject({
    rows: '/workitem/workItem/comments/votes',
    key: ['item_id', 'comment'],
    parent: {
      table: 'ewm.comments',
      columns: [
        { child: 'item_id', parent: 'item_id' },
        { child: 'comment', parent: 'position' },
      ],
    },
  });
});

test('hangs a second child on the record, not on the child between them', () => {
  const second =
    '  ewm.tags:\n    parent: { item_id: item_id }\n    rows: tags\n    columns: { tag: varchar(64) <- . }\n';
  const { tables } = feedOf(edit(WORK_ITEMS, 'contract: evolve', `${second}contract: evolve`)).contract;
  expect(tables[2]?.parent?.table).toBe('ewm.work_items');
});

test('hashes contracts alike whatever the order of keys that means nothing, and apart when columns change places', () => {
  const { hash } = feedOf(WORK_ITEMS).contract;
  expect(hash).toMatch(/^[0-9a-f]{16}$/);
  const reordered = edit(
    edit(
      WORK_ITEMS,
      '{ path: summary, type: varchar(1024), truncate: true }',
      '{ truncate: true, type: varchar( 1024 ) }',
    ),
    'rows: /workitem/workItem\n    disposition: merge',
    'disposition: merge\n    rows: /workitem/workItem',
  );
  expect(feedOf(reordered).contract.hash).toBe(hash);
  const swapped = edit(WORK_ITEMS, '      id: bigint\n', '');
  const moved = edit(
    swapped,
    '      modified: timestamptz\n',
    '      modified: timestamptz\n      id: bigint\n',
  );
  expect(feedOf(moved).contract.hash).not.toBe(hash);
  expect(feedOf(edit(WORK_ITEMS, 'varchar(1024)', 'varchar(1025)')).contract.hash).not.toBe(hash);
});

test('does not change the contract with the source, the schedule or the window', () => {
  const { hash } = feedOf(WORK_ITEMS).contract;
  expect(feedOf(edit(edit(WORK_ITEMS, 'size: 500', 'size: 100'), 'rate(15', 'rate(5')).contract.hash).toBe(
    hash,
  );
  expect(feedOf(edit(WORK_ITEMS, 'lookback: 10m', 'lookback: 20m')).contract.hash).toBe(hash);
});

test('freezes the contract on the word of the feed, which makes it another one', () => {
  const frozen = feedOf(edit(WORK_ITEMS, 'contract: evolve', 'contract: freeze')).contract;
  expect(frozen.freeze).toBe(true);
  expect(frozen.hash).not.toBe(feedOf(WORK_ITEMS).contract.hash);
  expect(feedOf(WORK_ITEMS).contract).not.toHaveProperty('freeze');
});

test('reads format: auto as no format, in the contract too', () => {
  const auto = edit(WORK_ITEMS, 'modified: timestamptz', 'modified: { type: timestamptz, format: auto }');
  expect(feedOf(auto).contract).toEqual(feedOf(WORK_ITEMS).contract);
  expect(problemsOf(edit(WORK_ITEMS, 'id: bigint', 'id: { type: bigint, format: auto }'))).toHaveLength(1);
});

test('refuses a feed that its file is not named for', () => {
  const options = { file: 'feeds/other.yaml', connections: new Map(), allowLoopback: false };
  expect(parseFeed(ATOM, options)).toEqual({
    ok: false,
    problems: [
      {
        file: 'feeds/other.yaml',
        line: 1,
        column: 7,
        message: "feed: got 'entries', allowed 'other', as the file is named",
      },
    ],
  });
});

const withTables = (count: number): string => {
  const table = (n: number) =>
    `  atom.t${n}: { rows: /feed/entry, disposition: merge, key: [id], columns: { id: varchar(9) } }\n`;
  return ATOM + Array.from({ length: count }, (_, n) => table(n)).join('');
};

test('refuses a contract whose load takes more statements than one batch may hold', () => {
  expect(problemsOf(withTables(1))).toEqual([]);
  expect(problemsOf(withTables(30))).toEqual([
    expect.stringMatching(
      /^5:1: tables: got 31 tables, whose load takes \d+ statements, allowed 40: divide the feed$/,
    ),
  ]);
});

test('answers any text with a feed or with problems that have a place in it', () => {
  const lines = WORK_ITEMS.split('\n');
  const mangled = fc
    .tuple(
      fc.nat(lines.length - 1),
      fc.nat(60),
      fc.string({ unit: fc.constantFrom(...'{}[]:,\'"&*!|>-#%@`? \t\n0a~<$') }),
    )
    .map(([line, column, noise]) => {
      const text = lines[line] ?? '';
      return lines.with(line, text.slice(0, column) + noise + text.slice(column)).join('\n');
    });
  fc.assert(
    fc.property(mangled, (text) => {
      for (const problem of problemsOf(text)) expect(problem).toMatch(/^[1-9]\d*:[1-9]\d*: ./);
    }),
    { numRuns: rounds(100) },
  );
});

test.each(['', '\n', ' \n\t\n'])('says of an empty file what left it, and what to do: %j', (text) => {
  const result = parseFeed(text, { file: 'feeds/x.yaml', connections: new Map(), allowLoopback: false });
  expect(result).toEqual({
    ok: false,
    problems: [
      {
        ...{ file: 'feeds/x.yaml', line: 1, column: 1 },
        message: 'the file is empty, as a failed `millrace infer` leaves it: remove it, or run infer again',
      },
    ],
  });
});
