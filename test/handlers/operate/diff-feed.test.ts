import { afterEach, describe, expect, it } from 'vitest';
import { targetRules } from '../../../handlers/extract/target-rules.ts';
import { readFound } from '../../../handlers/load/read-found.ts';
import { diffFeed } from '../../../handlers/operate/diff-feed.ts';
import type { Warehouse } from '../../../handlers/ports/warehouse.ts';
import type { Feed } from '../../../shared/model/feed.ts';
import { withRecordHash } from '../../../shared/model/record-hash.ts';
import { quoteMutex } from '../../../shared/sql/names.ts';
import { prepareStatements } from '../../../shared/sql/prepare-statements.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';
import { withWarehouse } from '../../infra/local/redshift/with-warehouse.ts';
import { feedOf } from '../extract/world.ts';

const { signal } = new AbortController();
let warehouse: Warehouse;
withWarehouse((opened) => {
  ({ warehouse } = opened);
});
afterEach(async () => {
  for (const view of ['feeds', 'batches']) await run(`DROP VIEW IF EXISTS millrace.${view}`);
  const own = ['ledger', 'contracts', 'targets'].map((name) => `millrace.${name}`);
  for (const table of ['d.items', 'd.log', quoteMutex('d.items'), quoteMutex('d.log'), ...own])
    await run(`DROP TABLE IF EXISTS ${table}`);
});

const run = (sql: string) => warehouse.execute(sql, signal);

const items = (columns: string, more = '', table = ''): Feed =>
  feedOf(
    'items',
    `source: { s3: {} }\n${more}tables:\n  d.items: { rows: /r/i, disposition: merge, key: [id], ${table}columns: { ${columns} } }\n`,
  );
const ITEMS = 'id: bigint, name: varchar(10)';

const keptBy = (kept: string, columns: string, tables = ''): Feed =>
  feedOf(
    'items',
    `source: { s3: {} }\ntables:\n  d.items: { rows: /r/i, disposition: ${kept}, columns: { ${columns} } }\n${tables}`,
  );

const prepare = async (feed: Feed): Promise<void> => {
  const contract = withRecordHash(feed.contract);
  for (const sql of prepareStatements(contract, await readFound(contract, warehouse, signal))) await run(sql);
};

const diff = (feed: Feed, records = memoryRecordStore()) => diffFeed(feed, { records, warehouse, signal });

describe('the difference of a feed and the warehouse', () => {
  it('is all that the feed needs where nothing is there', async () => {
    const { tables, statements, refusals } = await diff(items(ITEMS));
    expect(tables).toEqual([
      {
        ...{ table: 'd.items', state: 'new', added: [], widened: [], left: [], shorter: [] },
        rowsLeftNull: undefined,
      },
    ]);
    expect(statements.some((sql) => sql.startsWith('CREATE TABLE IF NOT EXISTS "d"."items"'))).toBe(true);
    expect(statements.filter((sql) => !/^(CREATE|ALTER|DROP|GRANT)/.test(sql))).toEqual([]);
    expect(refusals).toEqual([]);
  });

  it('is nothing for a contract that the warehouse has recorded', async () => {
    await prepare(items(ITEMS));
    expect(await diff(items(ITEMS))).toMatchObject({
      tables: [{ state: 'same' }],
      statements: [],
      refusals: [],
      advice: '',
    });
  });

  it('has columns that the feed has no more or shorter, until that is loaded', async () => {
    const before = items('id: bigint, name: varchar(10), note: date, gone: bigint');
    await prepare(before);
    const after = items('id: bigint, name: varchar(5), note: date');
    const found = { tables: [{ left: ['gone'], shorter: ['name'] }], refusals: [] };
    expect(await diff(after)).toMatchObject(found);
    await prepare(after);
    expect(await diff(after)).toMatchObject({ tables: [{ left: [], shorter: [] }] });
  });

  it('has new and longer columns, and how many rows are left with null', async () => {
    await prepare(items(ITEMS));
    await run('INSERT INTO d.items (id) VALUES (1), (2)');
    const wider = items('id: bigint, name: varchar(20), note: date');
    expect(await diff(wider)).toMatchObject({
      tables: [{ state: 'changed', added: ['note'], widened: ['name'], rowsLeftNull: 2 }],
      statements: [
        'ALTER TABLE "d"."items" ALTER COLUMN "name" TYPE VARCHAR(20)',
        'ALTER TABLE "d"."items" ADD COLUMN "note" DATE',
      ],
      refusals: [],
      advice: expect.stringMatching(
        /^read their files again .*: npx millrace backfill \w+ --from TIME --to TIME/,
      ),
    });
  });

  it.each([
    [
      'merge, key: [id], sequence: [id]',
      /^read their files again once the feed is deployed: npx millrace backfill/,
    ],
    ['merge, key: [id]', /^read their files again once the feed is deployed: npx millrace backfill/],
    ['append, key: [id], sequence: [id]', /^they stay so: the first row of a key stays/],
    ['append', /^they stay so: landing files again would double their rows$/],
    ['replace, key: [id]', /^the next snapshot fills them; do not land old files again$/],
    [
      'history, key: [id]',
      /^they stay so: each record of the next snapshot becomes a new version; do not land/,
    ],
  ])('says of columns added by %s how to fill them without harm', async (kept, advice) => {
    await prepare(keptBy(kept, ITEMS));
    await run('INSERT INTO d.items (id) VALUES (1)');
    expect((await diff(keptBy(kept, `${ITEMS}, note: date`))).advice).toMatch(advice);
  });

  it('says it of each table where files that are landed again do different things', async () => {
    const log = '  d.log: { rows: /r/l, disposition: append, columns: { at: date } }\n';
    const withLog = (columns: string): Feed => keptBy('merge, key: [id], sequence: [id]', columns, log);
    await prepare(withLog(ITEMS));
    await run('INSERT INTO d.items (id) VALUES (1)');
    expect((await diff(withLog(`${ITEMS}, note: date`))).advice).toMatch(
      /^d\.items: read their files again .*; d\.log: they stay so: landing files again would double/,
    );
  });

  it('has the grants of a feed', async () => {
    await prepare(items(ITEMS));
    const { statements } = await diff(items(ITEMS, 'grants: { select: [role reader] }\n'));
    expect(statements).toEqual([
      'GRANT USAGE ON SCHEMA "d" TO ROLE "reader"',
      'GRANT SELECT ON TABLE "d"."items" TO ROLE "reader"',
    ]);
  });

  it('has what a frozen feed would need, which is refused', async () => {
    await prepare(items(ITEMS));
    const { refusals } = await diff(items('id: bigint, name: varchar(20)', 'contract: freeze\n'));
    expect(refusals).toEqual([
      { error: 'WarehouseRefused', message: expect.stringMatching(/^feed items has `contract: freeze`/) },
    ]);
  });

  it('has every type that cannot change', async () => {
    await prepare(items(ITEMS));
    const { refusals } = await diff(items('id: varchar(9), name: bigint'));
    expect(refusals.map(({ message }) => message)).toEqual([
      expect.stringContaining('column d.items.id is bigint in the warehouse and cannot become varchar(9)'),
      expect.stringContaining('column d.items.name is varchar(10) in the warehouse and cannot become bigint'),
    ]);
  });

  it('has a key that the target is not kept by, once, whoever knows it', async () => {
    const changed = items('id: bigint, name: varchar(10), at: date', '', 'sequence: [at], ');
    const records = memoryRecordStore();
    await targetRules(records).keep(items(ITEMS).contract, 'i');
    const sealed = await diff(changed, records);
    expect(sealed.refusals).toEqual([
      { error: 'TargetChanged', message: expect.stringContaining('targets/d.items.json, by feed items') },
    ]);
    await prepare(items(ITEMS));
    const both = await diff(changed, records);
    expect(both.refusals).toEqual([
      { error: 'TargetChanged', message: expect.stringContaining('millrace.targets in the warehouse') },
    ]);
  });

  it('has a table of somebody else, and what keeps it from being taken over', async () => {
    await run('CREATE SCHEMA IF NOT EXISTS d');
    await run('CREATE TABLE d.items (id BIGINT, name VARCHAR(10))');
    await run('INSERT INTO d.items (id) VALUES (1), (1)');
    const { refusals } = await diff(items(ITEMS));
    const adopted = await diff(items(ITEMS, '', 'adopt: true, '));
    expect(refusals).toEqual([
      { error: 'WarehouseRefused', message: expect.stringContaining('was not made by Millrace') },
    ]);
    expect(adopted.refusals).toEqual([
      { error: 'WarehouseRefused', message: expect.stringContaining('1 keys have several rows') },
    ]);
  });

  it('has a table that somebody dropped after it was made', async () => {
    await prepare(items(ITEMS));
    await run('DROP TABLE d.items');
    const { statements, refusals } = await diff(items(ITEMS));
    expect(statements).toEqual([]);
    expect(refusals).toEqual([
      {
        error: 'WarehouseRefused',
        message:
          "table d.items is not in the warehouse, and millrace.contracts says that it was made; to have it made: DELETE FROM millrace.contracts WHERE feed = 'items'",
      },
    ]);
  });

  it.each([
    ['', 'distribute: key, sort: [name, id], ', ['DISTSTYLE KEY DISTKEY "id"', 'SORTKEY ("name", "id")']],
    ['distribute: key, sort: [id], ', 'distribute: even, sort: [id], ', ['DISTSTYLE EVEN']],
    ['distribute: key, sort: [id, name], ', 'distribute: key, sort: [name], ', ['SORTKEY ("name")']],
    ['distribute: key, sort: [id], ', '', []],
  ])('has how rows lie otherwise than the feed says: %s, then %s', async (before, after, moves) => {
    await prepare(items(ITEMS, '', before));
    expect((await diff(items(ITEMS, '', before))).tables[0]?.moves).toBeUndefined();
    const told = moves.map((sql) => `ALTER TABLE "d"."items" ALTER ${sql}`);
    expect((await diff(items(ITEMS, '', after))).tables[0]?.moves ?? []).toEqual(told);
  });
});
