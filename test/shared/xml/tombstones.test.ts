import { describe, expect, it } from 'vitest';
import type { TableContract } from '../../../shared/model/contract.ts';
import { withRecordHash } from '../../../shared/model/record-hash.ts';
import { column, contractOf, parse, table, varchar } from './documents.ts';

const TIME = { type: { kind: 'timestamptz' as const }, required: true };
const KEYED: Partial<TableContract> = { disposition: 'merge', key: ['id'], sequence: ['at'] };
const DELETES = { ...KEYED, deletes: { table: 's.item', mode: 'delete' as const } };
const id = (path = 'id') => column('id', path, { type: varchar(9), required: true });

const items = (rows = '/r/item', more: Partial<TableContract> = {}) =>
  table('item', rows, [id(), column('at', 'at', TIME), column('name')], { ...KEYED, ...more });
const gone = (rows = '/r/gone', paths: readonly [string, string] = ['id', 'at']) =>
  table('item$deleted', rows, [id(paths[0]), column('at', paths[1], TIME)], DELETES);
const notes = table(
  'note',
  '/r/item/note',
  [column('id', '', { source: { kind: 'parent', column: 'id' } }), column('text', '.')],
  { ...KEYED, sequence: [], parent: { table: 's.item', columns: [{ child: 'id', parent: 'id' }] } },
);

const at = (minute: number) => `2026-01-01T00:0${minute}:00Z`;
const typed = (minute: number) => `2026-01-01 00:0${minute}:00+00`;
const item = (key: string, minute: number, more = '') =>
  `<item><id>${key}</id><at>${at(minute)}</at><name>é</name>${more}</item>`;
const tombstone = (key: string, minute: number) => `<gone><id>${key}</id><at>${at(minute)}</at></gone>`;

describe('tombstones', () => {
  const contract = contractOf([items(), notes, gone()], { cursor: 'at' });
  const mixed = `<r>${tombstone('a', 1)}${item('b', 2, '<note>x</note>')}${tombstone('b', 3)}${item('b', 4)}</r>`;

  it('are rows of a table of their own, numbered by themselves, wherever the document is cut', async () => {
    const bytes = Buffer.from(mixed);
    for (let chunk = 1; chunk <= bytes.length; chunk += 1) {
      const { rows, numbers, summary } = await parse(bytes, contract, { chunk });
      expect(rows).toEqual([
        [
          ['b', typed(2), 'é'],
          ['b', typed(4), 'é'],
        ],
        [['b', 'x']],
        [
          ['a', typed(1)],
          ['b', typed(3)],
        ],
      ]);
      expect(numbers[2]).toEqual([
        [1, undefined],
        [2, undefined],
      ]);
      expect(summary).toMatchObject({ records: 4, tombstones: 2, rejects: 0, orphans: 0 });
    }
  });

  it('are records of a document that has no other', async () => {
    const { rows, summary } = await parse(`<r>${tombstone('a', 1)}</r>`, contract);
    expect(rows).toEqual([[], [], [['a', typed(1)]]]);
    expect(summary).toMatchObject({
      records: 1,
      tombstones: 1,
      matched: expect.arrayContaining(['s.item$deleted']),
    });
    expect(summary.held.nearest('s.item')).toBeUndefined();
    expect(summary.held.respelt('/r/item')).toBeUndefined();
    expect(summary.held.candidates()).toBe(1);
  });

  it('are kept whatever the bounds of the window, and never the largest cursor', async () => {
    const cursorBounds = { fromMs: Date.parse(at(2)), toMs: Date.parse(at(4)) };
    const { rows, summary } = await parse(`<r>${tombstone('z', 9)}${mixed.slice(3)}`, contract, {
      cursorBounds,
    });
    expect(rows[0]).toEqual([['b', typed(2), 'é']]);
    expect(rows[2]?.map(([key]) => key)).toEqual(['z', 'a', 'b']);
    expect(summary).toMatchObject({ outside: 1, largestCursor: typed(2), order: { older: 0 } });
  });

  it('without a key or with a time that is none are rejects of their table, with their place', async () => {
    const { rows, rejects, summary } = await parse(
      `<r>${item('a', 1)}<gone><at>${at(2)}</at></gone><gone><id>b</id><at>never</at></gone></r>`,
      contract,
    );
    expect(rows[2]).toEqual([]);
    expect(rejects).toMatchObject([
      { table: 's.item$deleted', row: 1, path: 'id <- id' },
      { table: 's.item$deleted', row: 2, path: 'at <- at', raw: 'never' },
    ]);
    expect(summary).toMatchObject({ records: 3, tombstones: 2, rejected: { 's.item$deleted': 2 } });
  });

  it('in a record are counted with it, by the matcher and by what a source counts', async () => {
    const rows = "/r/item/head[@status='deleted']";
    const nested = contractOf([items('/r/item'), gone(rows, ['../id', '../at'])]);
    const deleted = item('a', 1, "<head status='deleted'/>");
    const { rows: found, summary } = await parse(`<r>${deleted}${item('b', 2, '<head/>')}</r>`, nested);
    expect(found).toEqual([
      [
        ['a', typed(1), 'é'],
        ['b', typed(2), 'é'],
      ],
      [['a', typed(1)]],
    ]);
    expect(summary).toMatchObject({ records: 2, tombstones: 0 });
    expect(summary.held.candidates()).toBe(2);
  });

  it("are of no record's hash, and have none", async () => {
    const rows = "/r/item/head[@status='deleted']";
    const hashed = withRecordHash(contractOf([items('/r/item'), gone(rows, ['../id', '../at'])]));
    expect(hashed.tables.map(({ columns }) => columns.map(({ name }) => name))).toEqual([
      ['id', 'at', 'name', '_hash'],
      ['id', 'at'],
    ]);
    const hashOf = async (head: string) =>
      (await parse(`<r>${item('a', 1, head)}</r>`, hashed)).rows[0]?.[0]?.[3];
    expect(await hashOf("<head status='deleted'/>")).toMatch(/^[\w-]{22}$/);
    expect(await hashOf("<head status='deleted'/>")).toBe(await hashOf('<head/>'));
  });

  it('of the same element as a record, by a predicate, are counted with it', async () => {
    const same = contractOf([items('/r/item'), gone("/r/item[@gone='1']")]);
    const { rows, summary } = await parse(
      `<r>${item('a', 1).replace('<item', "<item gone='1'")}${item('b', 2)}</r>`,
      same,
    );
    expect(rows.map((of) => of.map(([key]) => key))).toEqual([['a', 'b'], ['a']]);
    expect(summary).toMatchObject({ records: 2, tombstones: 0 });
    expect(summary.held.candidates()).toBe(2);
  });

  it('of the same name, told apart by a predicate, leave no record to look for', async () => {
    const apart = contractOf([items('/r/item[not(@gone)]'), gone("/r/item[@gone='1']")]);
    const { rows, summary } = await parse(`<r>${item('a', 1).replace('<item', "<item gone='1'")}</r>`, apart);
    expect(rows.map((of) => of.length)).toEqual([0, 1]);
    expect(summary).toMatchObject({ records: 1, tombstones: 1 });
    expect(summary.held.nearest('s.item')).toBeUndefined();
    expect(summary.held.candidates()).toBe(1);
  });

  it('of a name much like that of the records are no misspelt records, nor are records misspelt tombstones', async () => {
    const alike = contractOf([items('/r/item'), gone('/r/items')]);
    const onlyGone = await parse(`<r>${tombstone('a', 1).replaceAll('gone>', 'items>')}</r>`, alike);
    expect(onlyGone.summary.held.respelt('/r/item')).toBeUndefined();
    const onlyItems = await parse(`<r>${item('a', 1)}</r>`, alike);
    expect(onlyItems.summary.held.respelt('/r/items')).toBeUndefined();
  });

  it('that are misspelt are found out, and so are records beside tombstones', async () => {
    const wrong = contractOf([items('/r/itme'), gone('/r/Gone')]);
    const { summary } = await parse(`<r>${item('a', 1)}${tombstone('b', 1)}</r>`, wrong);
    expect(summary.held.respelt('/r/itme')).toBe('/r/item');
    expect(summary.held.respelt('/r/Gone')).toBe('/r/gone');
  });
});
