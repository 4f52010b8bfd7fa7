import { describe, expect, it } from 'vitest';
import { resolveFeeds } from '../../../shared/feed/resolve-feeds.ts';
import { targetTables } from '../../../shared/model/contract.ts';
import { ATOM, CONNECTIONS, edit, feedOf, WORK_ITEMS } from './sample.ts';

const DELETES = `${WORK_ITEMS}deletes:
  ewm.work_items: { rows: /workitem/deletedWorkItem, match: { item_id: itemId }, sequence: when | modified }
`;

const tombstonesOf = (text: string) =>
  feedOf(text).contract.tables.filter(({ deletes }) => deletes !== undefined);

describe('deletes', () => {
  it('become a table of the contract, behind those of the feed, with the columns that match names', () => {
    const { contract } = feedOf(DELETES);
    const [items] = contract.tables;
    const columnOf = (name: string) => items?.columns.find((column) => column.name === name);
    expect(contract.tables.map(({ table }) => table)).toEqual([
      'ewm.work_items',
      'ewm.comments',
      'ewm.work_items$deleted',
    ]);
    expect(contract.tables[2]).toEqual({
      table: 'ewm.work_items$deleted',
      schema: 'ewm',
      name: 'work_items$deleted',
      rows: '/workitem/deletedWorkItem',
      disposition: 'merge',
      key: ['item_id'],
      sequence: ['modified'],
      deletes: { table: 'ewm.work_items', mode: 'delete' },
      columns: [
        { ...columnOf('item_id'), source: { kind: 'path', path: 'itemId' } },
        { ...columnOf('modified'), source: { kind: 'path', path: 'when | modified' } },
      ],
    });
    expect(targetTables(contract).map(({ table }) => table)).toEqual(['ewm.work_items', 'ewm.comments']);
  });

  it('leave the contract of a feed without them as it was', () => {
    expect(JSON.stringify(feedOf(WORK_ITEMS).contract)).not.toContain('deletes');
  });

  it('are another contract with another mode', () => {
    const marked = edit(DELETES, 'match:', 'mode: mark, match:');
    expect(tombstonesOf(marked)[0]?.deletes).toEqual({ table: 'ewm.work_items', mode: 'mark' });
    expect(feedOf(marked).contract.hash).not.toBe(feedOf(DELETES).contract.hash);
  });

  it("type their values as the table's columns do, with the options of those", () => {
    const text = edit(
      edit(
        DELETES,
        'item_id: varchar(64) <- itemId',
        "item_id: { path: itemId, type: char(5), trim: false, replace: { '-': x } }",
      ),
      'modified: timestamptz',
      'modified: { type: timestamptz, format: "dd.MM.yyyy HH:mm", zone: Europe/Berlin }',
    );
    expect(tombstonesOf(text)[0]?.columns).toMatchObject([
      {
        name: 'item_id',
        type: { kind: 'char', length: 5 },
        trim: false,
        replace: { '-': 'x' },
        required: true,
      },
      { name: 'modified', format: 'dd.MM.yyyy HH:mm', zone: 'Europe/Berlin', required: true },
    ]);
  });

  it('have a fixed text of the key without a path, and no sequence where the table has none', () => {
    const keyed = edit(ATOM, 'disposition: append', 'disposition: merge\n    key: [server, id]');
    const text = `${edit(keyed, '      updated:', '      server: { value: north, type: varchar(8) }\n      updated:')}deletes:
  atom.entries: { rows: "/feed/*:deleted-entry", match: { id: "@ref" } }
`;
    expect(tombstonesOf(text)).toMatchObject([
      {
        key: ['server', 'id'],
        sequence: [],
        columns: [
          { name: 'server', source: { kind: 'value', template: 'north' } },
          { name: 'id', source: { kind: 'path', path: '@ref' } },
        ],
      },
    ]);
  });

  it('read a sequence that is of the key by match', () => {
    const text = `${edit(ATOM, 'disposition: append', 'disposition: merge\n    key: [id, updated]\n    sequence: [updated]')}deletes:
  atom.entries: { rows: "/feed/*:deleted-entry", match: { updated: "@when", id: "@ref" } }
`;
    expect(tombstonesOf(text)).toMatchObject([
      { key: ['id', 'updated'], sequence: ['updated'], columns: [{ name: 'id' }, { name: 'updated' }] },
    ]);
  });

  it('take elements of the table’s own kind by a predicate', () => {
    const text = `${edit(ATOM, 'disposition: append', 'disposition: merge\n    key: [id]')}deletes:
  atom.entries: { rows: "/feed/entry[@gone='1']", match: { id: id } }
`;
    expect(tombstonesOf(text)[0]?.rows).toBe("/feed/entry[@gone='1']");
  });
});

describe('deletes of a table that another feed loads into', () => {
  const problemsWith = (other: string) => {
    const files = [
      { name: 'work_items.yaml', text: DELETES },
      { name: 'more_items.yaml', text: edit(other, 'feed: work_items', 'feed: more_items') },
    ];
    const { problems } = resolveFeeds(files, CONNECTIONS, undefined, { allowLoopback: false });
    return problems.map(({ file, message }) => `${file}: ${message}`);
  };

  it('are refused where that one has none: deleted rows would come back with it', () => {
    expect(problemsWith(WORK_ITEMS)).toEqual([
      'work_items.yaml: deletes.ewm.work_items: feed more_items loads into ewm.work_items too and has no deletes of it, so that deleted rows would come back with it: allowed with deletes in both, or for a table that one feed alone loads',
    ]);
  });

  it('are taken where that one has them too', () => {
    expect(problemsWith(DELETES)).toEqual([]);
  });
});
