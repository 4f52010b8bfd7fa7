import { describe, expect, it, test } from 'vitest';
import { resolveFeeds } from '../../../shared/feed/resolve-feeds.ts';
import { withRecordHash } from '../../../shared/model/record-hash.ts';
import { comparisonOf } from '../../../shared/source/comparison.ts';
import { fieldsOf } from '../../../shared/source/fields.ts';
import { ATOM, CONNECTIONS, edit, feedOf, problemsOf, WORK_ITEMS } from './sample.ts';

const COMPARED = `${WORK_ITEMS}deletes:
  ewm.work_items:
    compareKeys: { schedule: cron(0 3 ? * SUN *), params: { fields: "workitem/workItem/\${fields}" }, atMost: 2% }
`;

const change = (from: string, to: string): string => edit(COMPARED, from, to);

describe('compareKeys', () => {
  it('is a comparison of the feed, with a schedule of its own, and changes no contract', () => {
    const feed = feedOf(COMPARED);
    expect(feed.comparison).toEqual({
      schedule: { expression: 'cron(0 3 ? * SUN *)' },
      params: [
        ['fields', 'workitem/workItem/${fields}'],
        ['size', '500'],
      ],
      mode: 'delete',
      atMost: { count: 0, percent: 2 },
    });
    expect(feed.contract).toEqual(feedOf(WORK_ITEMS).contract);
  });

  it.each([
    ['nothing', ', atMost: 2%', '', { count: 10, percent: 1 }],
    ['a count', '2%', '18', { count: 18, percent: 0 }],
    ['both', '2%', '[2.5%, 7]', { count: 7, percent: 2.5 }],
  ])('takes as its limit %s', (_, from, to, expected) => {
    expect(feedOf(change(from, to)).comparison?.atMost).toEqual(expected);
  });

  it('leaves out a parameter that is null', () => {
    const params = change('}", size: 500', '}", size: 500, since: "${window.to}"');
    const feed = feedOf(edit(params, '/${fields}" }', '/${fields}", since: null, size: 9 }'));
    expect(feed.comparison?.params).toEqual([
      ['fields', 'workitem/workItem/${fields}'],
      ['size', '9'],
    ]);
  });

  it('marks the rows of a table that has a mark then', () => {
    const { contract, comparison } = feedOf(change('    compareKeys', '    mode: mark\n    compareKeys'));
    expect(comparison?.mode).toBe('mark');
    expect(contract.tables.map(({ marks }) => marks)).toEqual([true, undefined]);
    expect(contract.hash).not.toBe(feedOf(COMPARED).contract.hash);
  });

  it('takes marks away again, where no tombstones set any', () => {
    const marking = change('    compareKeys', '    mode: mark\n    compareKeys');
    const beside = edit(
      marking,
      '    mode: mark',
      '    mode: mark\n    rows: /workitem/deletedWorkItem\n    match: { item_id: itemId }\n    sequence: modified',
    );
    const unmarks = [COMPARED, marking, beside].map(
      (text) => comparisonOf(feedOf(text)).contract.compares?.unmarks,
    );
    expect(unmarks).toEqual([undefined, true, undefined]);
  });

  it('stands beside tombstones', () => {
    const both = change(
      '    compareKeys',
      '    rows: /workitem/deletedWorkItem\n    match: { item_id: itemId }\n    sequence: modified\n    compareKeys',
    );
    const { contract, comparison } = feedOf(both);
    expect(comparison).toEqual(feedOf(COMPARED).comparison);
    expect(contract.tables.map(({ table }) => table)).toContain('ewm.work_items$deleted');
  });
});

describe('the listing of keys', () => {
  it('is a feed of one table, whose rows are keys, and no window', () => {
    const feed = feedOf(COMPARED);
    const deployed = { ...feed, contract: withRecordHash(feed.contract) };
    const keys = comparisonOf(deployed);
    const [items] = feed.contract.tables;
    expect(keys).toMatchObject({
      feed: 'work_items',
      partitions: [{ name: '', values: {} }],
      rejects: { count: 0, percent: 0 },
      onEmpty: 'fail',
      source: { ...feed.source, params: feed.comparison?.params },
    });
    expect([keys.window, keys.schedule, keys.comparison, keys.listing]).toEqual(Array(4).fill(undefined));
    expect(keys.contract.tables).toEqual([
      {
        table: 'ewm.work_items$keys',
        schema: 'ewm',
        name: 'work_items$keys',
        rows: '/workitem/workItem',
        disposition: 'merge',
        key: ['item_id'],
        sequence: [],
        columns: items?.columns.filter(({ name }) => name === 'item_id'),
      },
    ]);
    expect(keys.contract.compares).toEqual({
      mode: 'delete',
      atMost: { count: 0, percent: 2 },
      tables: deployed.contract.tables,
    });
    expect(keys.contract.cursor).toBeUndefined();
    expect(fieldsOf(keys.contract)).toBe('(itemId)');
  });

  it('has the partitions that its requests name, and the family of the first table alone', () => {
    const text = edit(
      edit(change('{ name: items,', '{ name: items, area: a,'), '{ name: gone,', '{ name: gone, area: b,'),
      '/workItem/${fields}',
      '/${partition.area}',
    );
    const more = edit(
      text,
      '  ewm.comments:',
      '  ewm.other: { rows: /workitem/other, disposition: merge, key: [x], columns: { x: bigint } }\n  ewm.comments:',
    );
    const keys = comparisonOf(feedOf(more));
    expect(keys.partitions.map(({ name }) => name)).toEqual(['items', 'gone']);
    expect(keys.contract.compares?.tables.map(({ table }) => table)).toEqual([
      'ewm.work_items',
      'ewm.comments',
    ]);
  });

  it('is refused of a feed that compares nothing', () => {
    expect(() => comparisonOf(feedOf(WORK_ITEMS))).toThrow(
      'feed work_items has no deletes.<table>.compareKeys, and was asked to compare its keys: deploy the feed file that has it',
    );
  });
});

test('compareKeys is refused of a table that another feed loads into', () => {
  const other = edit(WORK_ITEMS, 'feed: work_items', 'feed: more_items');
  const files = [
    { name: 'work_items.yaml', text: COMPARED },
    { name: 'more_items.yaml', text: other },
  ];
  const { problems } = resolveFeeds(files, CONNECTIONS, undefined, { allowLoopback: false });
  expect(problems.map(({ file, message }) => `${file}: ${message}`)).toEqual([
    'work_items.yaml: deletes.ewm.work_items.compareKeys: feed more_items loads into ewm.work_items too, and its rows would be taken for gone: allowed for a table that one feed alone loads',
  ]);
});

const AT = '45:18: deletes.ewm.work_items.compareKeys';
const KEYED_ATOM = edit(ATOM, 'disposition: append', 'disposition: merge\n    key: [id]');

test.each([
  [
    'a request that reads the window through a partition',
    change('workitem/workItem/${fields}', 'workitem/${partition.select}'),
    [
      `45:51: deletes.ewm.work_items.compareKeys.params: leave requests that read \${window.from}, which a listing of all keys has none of: allowed a value without it in params for each that does, or null, as in params: { from: null }`,
    ],
  ],
  [
    'the window in a parameter of its own',
    change('workItem/${fields}', '${window.from}'),
    [
      '45:69: deletes.ewm.work_items.compareKeys.params.fields: got ${window.from}, allowed ${partition} ${partition.x} ${connection} ${fields} and ${next.token}, where the feed has them: a listing has no window and no secret in its parameters',
    ],
  ],
  [
    'a secret in a parameter',
    change('workItem/${fields}', '${secret.password}'),
    [
      '45:69: deletes.ewm.work_items.compareKeys.params.fields: got ${secret.password}, allowed ${partition} ${partition.x} ${connection} ${fields} and ${next.token}, where the feed has them: a listing has no window and no secret in its parameters',
    ],
  ],
  [
    'another schedule',
    change('cron(0 3 ? * SUN *)', 'cron(0 3 * * *)'),
    [
      "45:30: deletes.ewm.work_items.compareKeys.schedule: got 'cron(0 3 * * *)', allowed rate(15 minutes), cron(0 3 * * ? *) with six fields, of the two days one ?, at(2026-01-31T03:00:00)",
    ],
  ],
  [
    'a limit of nothing known',
    change('2%', 'few'),
    ["45:110: deletes.ewm.work_items.compareKeys.atMost: got 'few', allowed a percentage such as 1%"],
  ],
  [
    'two counts',
    change('2%', '[1, 2]'),
    [
      '45:110: deletes.ewm.work_items.compareKeys.atMost: got [1, 2], allowed a count, a percentage up to 100%, or both, as in [10, 1%]',
    ],
  ],
  [
    'a feed without a window',
    edit(
      edit(COMPARED, COMPARED.slice(COMPARED.indexOf('window:'), COMPARED.indexOf('tables:')), ''),
      COMPARED.slice(COMPARED.indexOf('partitions:'), COMPARED.indexOf('schedule:')),
      '',
    ).replace('${partition.select}', 'all'),
    [
      '35:5: deletes.ewm.work_items.compareKeys: needs a window: without one every batch reads everything, and disposition: replace takes away what it no longer has',
    ],
  ],
  [
    'files',
    `${KEYED_ATOM}deletes:\n  atom.entries: { compareKeys: { schedule: rate(1 day) } }\n`,
    [
      '14:19: deletes.atom.entries.compareKeys: allowed for an http source only: who drops files can drop one with all keys into a feed of its own',
    ],
  ],
  [
    'another table than the first',
    edit(
      change('deletes:\n  ewm.work_items', 'deletes:\n  ewm.other'),
      '  ewm.comments:',
      '  ewm.other: { rows: /workitem/other, disposition: merge, key: [x], columns: { x: bigint } }\n  ewm.comments:',
    ),
    [
      '46:5: deletes.ewm.other.compareKeys: allowed for the first table of the feed, ewm.work_items: give ewm.other a feed of its own',
    ],
  ],
  [
    'a key that the window tells',
    change('item_id: varchar(64) <- itemId', 'item_id: { value: "${window.to}", type: varchar(64) }'),
    [
      `${AT}: cannot tell the key column item_id: got \${window.to}, which needs a window, allowed \${connection} \${page.url}`,
    ],
  ],
])('compareKeys refuses %s', (_, text, expected) => {
  expect(problemsOf(text)).toEqual(expected);
});
