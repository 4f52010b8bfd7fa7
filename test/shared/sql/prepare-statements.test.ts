import { describe, expect, it } from 'vitest';
import { InvalidInput, TargetChanged, WarehouseRefused } from '../../../shared/errors.ts';
import type { Contract } from '../../../shared/model/contract.ts';
import { rulesOf, targetOf } from '../../../shared/model/target-rules.ts';
import { parseExistingColumn, withEncodings } from '../../../shared/sql/existing-columns.ts';
import { quoteMutex } from '../../../shared/sql/names.ts';
import {
  existingColumnsQuery,
  needsEncodings,
  planPreparation,
  prepareStatements,
  recordedContractQuery,
} from '../../../shared/sql/prepare-statements.ts';
import { column, contractOf, table, varchar, workItems } from './support/contracts.ts';

type Existing = readonly [string, string, string | null, string | null, string | null];

/** The catalog's rows of a table `s.t`, and of all that Millrace keeps for it. */
const catalog = (contract: Contract, columns: readonly Existing[]) => {
  const own = prepareStatements(contract).flatMap((sql) => {
    const [, kind, made] = /^CREATE (TABLE IF NOT EXISTS|OR REPLACE VIEW) "millrace"."(\w+)"/.exec(sql) ?? [];
    if (made === undefined) return [];
    const names = kind?.endsWith('VIEW')
      ? [...sql.matchAll(/ AS (\w+)[,\n]/g)].map(([, name]) => name)
      : ['x'];
    return names.map((name) => ['millrace', made, name, 'bigint', null, null, null]);
  });
  const added: readonly Existing[] = [
    ['_batch', 'character varying', '256', null, null],
    ['_row', 'bigint', null, '64', '0'],
    ['_observed', 'timestamp with time zone', null, null, null],
    ['_loaded_at', 'timestamp with time zone', null, null, null],
  ];
  const target = [...columns, ...added].map((row) => ['s', 't', ...row]);
  return {
    columns: [...own, ...target].map(parseExistingColumn),
    rules: contract.tables.map((of) => [targetOf(of), rulesOf(of)] as const),
  };
};

const of = (...columns: Parameters<typeof column>[]) =>
  contractOf([table('s.t', { disposition: 'append', columns: columns.map((c) => column(...c)) })]);

describe('preparing the warehouse', () => {
  it('makes schemas, ledger, contracts, mutexes and targets, and records the contract', () => {
    const statements = prepareStatements(workItems);
    expect(statements.map((sql) => sql.split(/[(\n]/)[0]?.trim())).toEqual([
      'CREATE SCHEMA IF NOT EXISTS "millrace"',
      'CREATE SCHEMA IF NOT EXISTS "ewm"',
      'CREATE TABLE IF NOT EXISTS "millrace"."ledger"',
      'CREATE TABLE IF NOT EXISTS "millrace"."contracts"',
      'CREATE TABLE IF NOT EXISTS "millrace"."targets"',
      'INSERT INTO "millrace"."targets"',
      'CREATE TABLE IF NOT EXISTS "millrace"."mutex_ewm_work_items_07fa850d"',
      'INSERT INTO "millrace"."mutex_ewm_work_items_07fa850d"',
      'CREATE TABLE IF NOT EXISTS "ewm"."work_items"',
      'INSERT INTO "millrace"."targets"',
      'CREATE TABLE IF NOT EXISTS "millrace"."mutex_ewm_comments_07db93d8"',
      'INSERT INTO "millrace"."mutex_ewm_comments_07db93d8"',
      'CREATE TABLE IF NOT EXISTS "ewm"."comments"',
      'CREATE OR REPLACE VIEW "millrace"."feeds" AS SELECT l.feed AS feed, MAX',
      'CREATE OR REPLACE VIEW "millrace"."batches" AS SELECT l.feed AS feed, l.batch AS batch, MAX',
      'INSERT INTO "millrace"."contracts"',
    ]);
    expect(statements[12]).toBe(`CREATE TABLE IF NOT EXISTS "ewm"."comments" (
  "item_id" BIGINT,
  "position" INTEGER,
  "content" VARCHAR(65535),
  "_batch" VARCHAR(256),
  "_row" BIGINT,
  "_observed" TIMESTAMPTZ,
  "_loaded_at" TIMESTAMPTZ,
  "_parent_row" BIGINT
)`);
  });

  it('only sees to the mutex’s row and records the contract where all is there, also in columns that hold more', () => {
    const contract = of(
      ['a', varchar(10)],
      ['b', 'integer'],
      ['c', { kind: 'decimal', precision: 10, scale: 2 }],
      ['d', 'super'],
    );
    const existing = catalog(contract, [
      ['a', 'character varying', '20', null, null],
      ['b', 'bigint', null, '64', '0'],
      ['c', 'numeric', null, '12', '2'],
      ['d', 'super', null, null, null],
      ['e', 'date', null, null, null],
    ]);
    const statements = prepareStatements(contract, existing);
    expect(statements.map((sql) => sql.split('(')[0]?.trim())).toEqual([
      `INSERT INTO ${quoteMutex('s.t')}`,
      'INSERT INTO "millrace"."contracts"',
    ]);
  });

  it('adds columns one by one and widens varchars', () => {
    const contract = of(['a', varchar(65535)], ['b "x"', 'bigint'], ['c', 'super']);
    const existing = catalog(contract, [['a', 'character varying', '20', null, null]]);
    expect(prepareStatements(contract, existing).filter((sql) => sql.startsWith('ALTER'))).toEqual([
      'ALTER TABLE "s"."t" ALTER COLUMN "a" TYPE VARCHAR(65535)',
      'ALTER TABLE "s"."t" ADD COLUMN "b ""x""" BIGINT',
      'ALTER TABLE "s"."t" ADD COLUMN "c" SUPER',
    ]);
  });

  it.each(['bytedict', 'runlength', 'TEXT255', 'text32k'])(
    'encodes a column anew that is %s before it makes it longer',
    (encoding) => {
      const contract = of(['a', varchar(30)], ['b', varchar(30)]);
      const { columns, rules } = catalog(contract, [
        ['a', 'character varying', '20', null, null],
        ['b', 'character varying', '20', null, null],
      ]);
      const inDatabase = columns.map((is) => ({ ...is, database: 'dwh' }));
      const encoded = withEncodings(inDatabase, [
        ['dwh', 's', 't', 'a', encoding],
        ['dwh', 's', 't', 'b', 'lzo'],
        ['share', 's', 't', 'b', 'bytedict'],
      ]);
      const statements = prepareStatements(contract, { columns: encoded, rules });
      expect(statements.filter((sql) => sql.startsWith('ALTER'))).toEqual([
        'ALTER TABLE "s"."t" ALTER COLUMN "a" ENCODE zstd',
        'ALTER TABLE "s"."t" ALTER COLUMN "a" TYPE VARCHAR(30)',
        'ALTER TABLE "s"."t" ALTER COLUMN "b" TYPE VARCHAR(30)',
      ]);
    },
  );

  it('asks for encodings where a varchar gets longer alone', () => {
    const contract = of(['a', varchar(30)]);
    const has = (length: string) => catalog(contract, [['a', 'character varying', length, null, null]]);
    expect(needsEncodings(contract, has('20'))).toBe(true);
    expect(needsEncodings(contract, has('30'))).toBe(false);
    expect(needsEncodings(contract, { columns: [], rules: [] })).toBe(false);
  });

  it('refuses to make a column longer that has a default, as Redshift does', () => {
    const contract = of(['a', varchar(30)]);
    const { columns, rules } = catalog(contract, [['a', 'character varying', '20', null, null]]);
    const found = { columns: columns.map((is) => ({ ...is, hasDefault: is.column === 'a' })), rules };
    expect(() => prepareStatements(contract, found)).toThrow(
      'column s.t.a has a default value, so Redshift cannot make it varchar(30); write the type that it has in the feed',
    );
  });

  it.each([
    ['bigint', ['a', 'integer', null, '32', '0'], 'integer', 'bigint'],
    [
      { kind: 'decimal', precision: 12, scale: 2 },
      ['a', 'numeric', null, '10', '2'],
      'decimal(10,2)',
      'decimal(12,2)',
    ],
    [{ kind: 'timestamp' }, ['a', 'timestamp with time zone', null, null, null], 'timestamptz', 'timestamp'],
    [varchar(5), ['a', 'geometry', null, null, null], 'geometry', 'varchar(5)'],
  ] as const)('refuses what cannot change, with both types: %j', (type, existing, from, to) => {
    const contract = of(['a', type]);
    const prepare = () => prepareStatements(contract, catalog(contract, [existing]));
    expect(prepare).toThrow(WarehouseRefused);
    expect(prepare).toThrow(`column s.t.a is ${from} in the warehouse and cannot become ${to}`);
  });

  it.each([
    ['_row', 'character varying', '3', 'varchar(3)', 'bigint'],
    ['_observed', 'timestamp without time zone', null, 'timestamp', 'timestamptz'],
    ['_batch', 'integer', null, 'integer', 'varchar(256)'],
  ] as const)('refuses a table that has %s of another type', (name, type, length, from, to) => {
    const contract = of(['a', 'bigint']);
    const { columns, rules } = catalog(contract, [['a', 'bigint', null, '64', '0']]);
    const other = parseExistingColumn(['s', 't', name, type, length, null, null]);
    const found = { columns: columns.map((is) => (is.column === name ? other : is)), rules };
    const prepare = () => prepareStatements(contract, found);
    expect(prepare).toThrow(WarehouseRefused);
    expect(prepare).toThrow(`column s.t.${name} is ${from} in the warehouse and cannot become ${to}`);
  });

  it('makes a _batch longer that is too short for the names of batches', () => {
    const contract = of(['a', 'bigint']);
    const { columns, rules } = catalog(contract, [['a', 'bigint', null, '64', '0']]);
    const found = {
      columns: columns.map((is) => (is.column === '_batch' ? { ...is, length: 9 } : is)),
      rules,
    };
    expect(prepareStatements(contract, found)).toContain(
      'ALTER TABLE "s"."t" ALTER COLUMN "_batch" TYPE VARCHAR(256)',
    );
  });

  it('refuses a column with a name of ours', () => {
    expect(() => prepareStatements(of(['_Row', 'bigint']))).toThrow(InvalidInput);
  });

  it('asks the catalog for the schemas that it needs, and for the contract', () => {
    expect(
      existingColumnsQuery(workItems),
    ).toBe(`SELECT table_schema, table_name, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale, table_catalog, column_default, is_nullable
FROM svv_columns WHERE table_schema IN ('ewm', 'millrace')`);
    expect(recordedContractQuery(workItems)).toBe(
      `SELECT hash FROM "millrace"."contracts" WHERE feed = 'work_items' AND hash = '00112233aabbccdd'
AND (SELECT COUNT(DISTINCT target) FROM "millrace"."targets" WHERE target = 'ewm.work_items' AND rules = 'merge; key item_id; sequence modified' OR target = 'ewm.comments' AND rules = 'merge; key item_id position; parent ewm.work_items by item_id = item_id') = 2
AND (SELECT COUNT(*) FROM "millrace"."targets" WHERE target IN ('ewm.work_items', 'ewm.comments') AND NOT (target = 'ewm.work_items' AND rules = 'merge; key item_id; sequence modified' OR target = 'ewm.comments' AND rules = 'merge; key item_id position; parent ewm.work_items by item_id = item_id')) = 0`,
    );
  });

  it('refuses a key column that the rows in the warehouse do not have, where rows are matched by it', () => {
    const renamed = (disposition: 'merge' | 'append' | 'replace') =>
      contractOf([
        table('s.t', {
          disposition,
          key: ['code'],
          columns: [column('id', varchar(9)), column('code', varchar(9))],
        }),
      ]);
    const has = (disposition: 'merge' | 'append' | 'replace') =>
      prepareStatements(
        renamed(disposition),
        catalog(renamed(disposition), [['id', 'character varying', '9', null, null]]),
      );
    expect(() => has('merge')).toThrow(WarehouseRefused);
    expect(() => has('append')).toThrow(
      'column s.t.code is new and part of the key: rows that are in the warehouse',
    );
    expect(has('replace').some((sql) => sql.includes('ADD COLUMN "code"'))).toBe(true);
  });

  const keyed = (rest: Partial<Parameters<typeof table>[1]> = {}) =>
    contractOf([
      table('s.t', {
        disposition: 'merge',
        key: ['id'],
        columns: [column('id', varchar(9)), column('part', varchar(9)), column('at', 'timestamptz')],
        ...rest,
      }),
    ]);
  const COLUMNS: readonly Existing[] = [
    ['id', 'character varying', '9', null, null],
    ['part', 'character varying', '9', null, null],
    ['at', 'timestamp with time zone', null, null, null],
  ];

  it.each([
    ['key', { key: ['id', 'part'] }, 'merge; key id part'],
    ['sequence', { sequence: ['at'] }, 'merge; key id; sequence at'],
    ['disposition', { disposition: 'append' }, 'append; key id'],
    ['disposition, by history', { disposition: 'history', sequence: ['at'] }, 'history; key id; sequence at'],
    ['disposition and key', { disposition: 'replace', key: [] }, 'replace'],
  ] as const)('refuses another %s than the target is kept by, with both', (_, change, told) => {
    const found = catalog(keyed(), COLUMNS);
    const { key, ...rest } = { key: undefined, ...change };
    const changed = keyed({ ...rest, ...(key === undefined ? {} : { key: [...key] }) } as object);
    expect(() => prepareStatements(changed, found)).toThrow(TargetChanged);
    expect(() => prepareStatements(changed, found)).toThrow(
      `table s.t is kept by "merge; key id" (millrace.targets in the warehouse), and the feed says "${told}"`,
    );
  });

  it('refuses a table that it did not make, unless the feed adopts it', () => {
    const { columns } = catalog(keyed(), COLUMNS);
    const found = { columns: columns.filter(({ schema }) => schema === 's'), rules: [] };
    expect(() => prepareStatements(keyed(), found)).toThrow(
      'table s.t is in the warehouse and was not made by Millrace',
    );
    expect(prepareStatements(keyed({ adopt: true }), found)).toContainEqual(
      expect.stringMatching(/^INSERT INTO "millrace"."targets"/),
    );
  });

  it('gives tables of history columns of the time for which a row holds, and takes over none', () => {
    expect(prepareStatements(keyed({ disposition: 'history' }))).toContainEqual(
      expect.stringMatching(
        /"_valid_from" TIMESTAMPTZ,\n {2}"_valid_to" TIMESTAMPTZ,\n {2}"_is_current" BOOLEAN\n\)$/,
      ),
    );
    const { columns } = catalog(keyed(), COLUMNS);
    const found = { columns: columns.filter(({ schema }) => schema === 's'), rules: [] };
    expect(() => prepareStatements(keyed({ disposition: 'history' }), found)).toThrow(
      /table s\.t is in the warehouse and was not made by Millrace; give the feed's table another name$/,
    );
  });

  it('makes a view anew that has other columns, since OR REPLACE takes the same ones alone', () => {
    const contract = of(['a', 'bigint']);
    const { columns, rules } = catalog(contract, [['a', 'bigint', null, '64', '0']]);
    const found = {
      columns: columns.filter((is) => !(is.table === 'feeds' && is.column === 'stale')),
      rules,
    };
    expect(prepareStatements(contract, found).slice(-3, -1)).toEqual([
      'DROP VIEW IF EXISTS "millrace"."feeds"',
      expect.stringMatching(/^CREATE OR REPLACE VIEW "millrace"."feeds" AS .* WITH NO SCHEMA BINDING$/s),
    ]);
  });

  it('lets those read that the feed names, each by statements of its own, before the record', () => {
    const contract = {
      ...workItems,
      grants: { select: ['group analysts', 'role Reader', 'PUBLIC', 'IAMR:bi'] },
    };
    const statements = prepareStatements(contract);
    expect(statements.slice(-9, -1)).toEqual([
      'GRANT USAGE ON SCHEMA "ewm" TO GROUP "analysts"',
      'GRANT SELECT ON TABLE "ewm"."work_items", "ewm"."comments" TO GROUP "analysts"',
      'GRANT USAGE ON SCHEMA "ewm" TO ROLE "reader"',
      'GRANT SELECT ON TABLE "ewm"."work_items", "ewm"."comments" TO ROLE "reader"',
      'GRANT USAGE ON SCHEMA "ewm" TO PUBLIC',
      'GRANT SELECT ON TABLE "ewm"."work_items", "ewm"."comments" TO PUBLIC',
      'GRANT USAGE ON SCHEMA "ewm" TO "iamr:bi"',
      'GRANT SELECT ON TABLE "ewm"."work_items", "ewm"."comments" TO "iamr:bi"',
    ]);
    expect(statements.at(-1)).toMatch(/^INSERT INTO "millrace"."contracts"/);
  });

  describe('for a frozen feed', () => {
    const frozen = (...columns: Parameters<typeof of>): Contract => ({ ...of(...columns), freeze: true });

    it('refuses columns and longer varchars of tables that are there, and says what to run', () => {
      const contract = frozen(['a', varchar(30)], ['b', 'bigint']);
      const existing = catalog(contract, [['a', 'character varying', '20', null, null]]);
      const prepare = () => prepareStatements(contract, existing);
      expect(prepare).toThrow(WarehouseRefused);
      expect(prepare).toThrow(
        'feed work_items has `contract: freeze`, and its tables in the warehouse would need ALTER TABLE "s"."t" ALTER COLUMN "a" TYPE VARCHAR(30); ALTER TABLE "s"."t" ADD COLUMN "b" BIGINT; run these by hand, write `contract: evolve`',
      );
    });

    it('makes tables that are not there, and takes what is there as it is', () => {
      const contract = frozen(['a', varchar(20)]);
      expect(prepareStatements(contract).some((sql) => sql.includes('"s"."t"'))).toBe(true);
      const existing = catalog(contract, [['a', 'character varying', '20', null, null]]);
      expect(prepareStatements(contract, existing)).toHaveLength(2);
    });

    it('adds columns of our own, which come with a release', () => {
      const contract = frozen(['a', varchar(20)]);
      const { columns, rules } = catalog(contract, [['a', 'character varying', '20', null, null]]);
      const found = { columns: columns.filter(({ column: name }) => name !== '_observed'), rules };
      expect(prepareStatements(contract, found)).toContain(
        'ALTER TABLE "s"."t" ADD COLUMN "_observed" TIMESTAMPTZ',
      );
    });
  });

  it('tells all that is refused, not the first alone', () => {
    const contract = of(['a', 'bigint'], ['b', varchar(5)]);
    const existing = catalog(contract, [
      ['a', 'integer', null, '32', '0'],
      ['b', 'date', null, null, null],
    ]);
    expect(planPreparation(contract, existing).refusals.map(({ message }) => message)).toEqual([
      expect.stringContaining('column s.t.a is integer'),
      expect.stringContaining('column s.t.b is date'),
    ]);
  });

  it('takes a table for its own that an earlier release made, by its mutex, and records the rules', () => {
    const found = { ...catalog(keyed(), COLUMNS), rules: [] };
    expect(prepareStatements(keyed(), found).map((sql) => sql.split('(')[0]?.trim())).toEqual([
      'INSERT INTO "millrace"."targets"',
      `INSERT INTO ${quoteMutex('s.t')}`,
      'INSERT INTO "millrace"."contracts"',
    ]);
  });
});
