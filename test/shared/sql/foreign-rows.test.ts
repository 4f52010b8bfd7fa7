import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WarehouseRefused } from '../../../shared/errors.ts';
import type { Contract } from '../../../shared/model/contract.ts';
import { adoptQueries } from '../../../shared/sql/adopt-query.ts';
import { parseExistingColumn } from '../../../shared/sql/existing-columns.ts';
import { existingColumnsQuery, prepareStatements } from '../../../shared/sql/prepare-statements.ts';
import { rounds } from '../../rounds.ts';
import { families, scenario } from './support/generate.ts';
import { expectTables, readTables, runBatch, stageLoad } from './support/loading.ts';
import { type ModelBatch, type ModelRow, modelTables } from './support/model.ts';
import { openPglite, type Session, type StagedFiles } from './support/session.ts';

/** Rows and columns of a target that no load of ours wrote. */

const files: StagedFiles = new Map();
let session: Session;
beforeAll(async () => {
  session = await openPglite(files);
});
afterAll(() => session.close());

const family = (name: string): Contract => families[name] ?? expect.unreachable(`family ${name} expected`);
const adopted = (contract: Contract): Contract => ({
  ...contract,
  tables: contract.tables.map((table) => ({ ...table, adopt: true })),
});

const startOver = async (): Promise<void> => {
  await session.run('DROP SCHEMA IF EXISTS s CASCADE');
  await session.run('DROP SCHEMA IF EXISTS millrace CASCADE');
};

const prepare = async (contract: Contract): Promise<void> => {
  const rows = await session.run(existingColumnsQuery(contract));
  const found = { columns: rows.map((row) => parseExistingColumn(Object.values(row))), rules: [] };
  const statements = prepareStatements(contract, found);
  for (const { sql, check } of adoptQueries(contract, found))
    for (const row of await session.run(sql)) check(Object.values(row));
  for (const statement of statements) await session.run(statement);
};

/** Before every batch, as the model sees what somebody else wrote. */
const BEFORE = '1970-01-01T00:00:00.000Z';
const foreignBatch = (rows: readonly ModelRow[]): ModelBatch => ({
  batch: '',
  seal: '',
  observed: BEFORE,
  tables: { 's.roots': rows },
});

const foreignRows = fc
  .uniqueArray(
    fc.record({
      id: fc.constantFrom('a', 'b', "o'c", 'z'),
      version: fc.option(fc.integer({ min: 0, max: 2 }), { nil: null }),
      value: fc.option(fc.integer({ min: 0, max: 2 }), { nil: null }),
    }),
    { selector: ({ id }) => id },
  )
  .map((all) => all.map((values): ModelRow => ({ values, row: 0, parentRow: null })));

describe('a table that is taken over', () => {
  it.each(['merge with children of children', 'append with a key and children'])(
    'has its rows ordered before every batch: %s',
    async (name) => {
      const contract = adopted(family(name));
      await fc.assert(
        fc.asyncProperty(foreignRows, scenario, async (rows, { batches, loads }) => {
          await startOver();
          await session.run('CREATE SCHEMA s');
          await session.run('CREATE TABLE s.roots (id VARCHAR(40), version BIGINT, value INTEGER)');
          for (const { values } of rows) {
            const { id, version, value } = values;
            await session.run(
              `INSERT INTO s.roots VALUES ('${String(id).replace("'", "''")}', ${version}, ${value})`,
            );
          }
          await prepare(contract);
          for (const [n, load] of loads.entries()) {
            const some = load.flatMap((at) => batches[at] ?? []);
            await runBatch(session, stageLoad(contract, some, files, `load-${n}`));
          }
          const applied = batches.filter((_, at) => loads.some((load) => load.includes(at)));
          const expected = expectTables(contract, modelTables(contract, [foreignBatch(rows), ...applied]));
          const found = await readTables(session, contract);
          const untouched = {
            '"_batch":null': '"_batch":""',
            '"_observed":null': `"_observed":"${BEFORE}"`,
            '"_row":null': '"_row":0',
          };
          const asModel = (row: string) =>
            Object.entries(untouched).reduce((text, [from, to]) => text.replace(from, to), row);
          expect(
            Object.fromEntries(
              Object.entries(found).map(([table, all]) => [table, all.map(asModel).toSorted()]),
            ),
          ).toEqual(expected);
        }),
        { numRuns: rounds(25) },
      );
    },
  );

  it.each([
    [
      "('a', 1, 1), ('a  ', 2, 2), ('b', 1, 1)",
      '0 of its rows have null in the key, and 1 keys have several rows',
    ],
    [
      "('a', 1, 1), ('a', 2, 2), ('b', 1, 1)",
      '0 of its rows have null in the key, and 1 keys have several rows',
    ],
    [
      "('a', 1, 1), (NULL, 1, 1), (NULL, 2, 1)",
      '2 of its rows have null in the key, and 1 keys have several rows',
    ],
  ])('is refused where its key does not tell its rows apart: %s', async (values, told) => {
    await startOver();
    await session.run('CREATE SCHEMA s');
    await session.run('CREATE TABLE s.roots (id VARCHAR(40), version BIGINT, value INTEGER)');
    await session.run(`INSERT INTO s.roots VALUES ${values}`);
    const contract = adopted(family('merge with children of children'));
    await expect(prepare(contract)).rejects.toThrow(WarehouseRefused);
    await expect(prepare(contract)).rejects.toThrow(`table s.roots cannot be taken over by key id: ${told}`);
    expect(
      await session.run("SELECT 1 FROM information_schema.tables WHERE table_schema = 'millrace'"),
    ).toEqual([]);
  });
});

describe('a column of others that no row of a feed could fill', () => {
  const prepareOver = async (more: string): Promise<void> => {
    await startOver();
    await session.run('CREATE SCHEMA s');
    await session.run(`CREATE TABLE s.roots (id VARCHAR(40), version BIGINT, value INTEGER, ${more})`);
    await prepare(adopted(family('append with a key and children')));
  };

  it('is refused by name before anything is changed', async () => {
    await expect(prepareOver('needed INTEGER NOT NULL')).rejects.toThrow(
      'column s.roots.needed is NOT NULL without a default, and the feed has no such column',
    );
    expect(
      await session.run("SELECT 1 FROM information_schema.tables WHERE table_schema = 'millrace'"),
    ).toEqual([]);
  });

  it('is none where it has a default', async () => {
    await expect(prepareOver('needed INTEGER NOT NULL DEFAULT 7')).resolves.toBeUndefined();
  });
});

describe('columns of a target that the contract does not have', () => {
  const KEYS: Readonly<Record<string, string>> = {
    's.roots': 'RTRIM(id)',
    's.lines': "RTRIM(root_id) || '/' || position",
    's.notes': "RTRIM(root_id) || '/' || position || '/' || code",
  };
  const readTheirs = async (table: string): Promise<ReadonlyMap<string, unknown>> =>
    new Map(
      (await session.run(`SELECT ${KEYS[table]} AS key, theirs FROM ${table}`)).map(({ key, theirs }) => [
        String(key),
        theirs,
      ]),
    );

  it.each([
    'merge with children of children',
    'append with a key and children',
    'replace with children of children',
  ])('keep their values in each row whose key stays: %s', async (name) => {
    const contract = family(name);
    await fc.assert(
      fc.asyncProperty(scenario, async ({ batches, loads }) => {
        await startOver();
        await prepare(contract);
        const tables = contract.tables.map(({ table }) => table);
        for (const table of tables) await session.run(`ALTER TABLE ${table} ADD COLUMN theirs VARCHAR(40)`);
        for (const [n, load] of loads.entries()) {
          const before = new Map<string, ReadonlyMap<string, unknown>>();
          for (const table of tables) {
            await session.run(`UPDATE ${table} SET theirs = '${n}' WHERE theirs IS NULL`);
            before.set(table, await readTheirs(table));
          }
          const some = load.flatMap((at) => batches[at] ?? []);
          const foreign = Object.fromEntries(tables.map((table) => [table, ['theirs']]));
          await runBatch(session, stageLoad(contract, some, files, `load-${n}`, foreign));
          for (const table of tables)
            for (const [key, theirs] of await readTheirs(table))
              expect(theirs, `${table} ${key}`).toEqual(before.get(table)?.get(key) ?? null);
        }
      }),
      { numRuns: rounds(25) },
    );
  });
});
