import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Contract } from '../../../shared/model/contract.ts';
import {
  allTargetsQuery,
  createLoader,
  grantDatabase,
  handOver,
  letLoaderIn,
  ownSchemasQuery,
  ownTablesQuery,
  passwordHash,
} from '../../../shared/sql/loader.ts';
import { prepareStatements } from '../../../shared/sql/prepare-statements.ts';
import { families, snapshots } from './support/generate.ts';
import { runBatch, stageLoad } from './support/loading.ts';
import type { ModelBatch } from './support/model.ts';
import { openPglite, type Session, type StagedFiles } from './support/session.ts';

/** The statements that make the user that loads, and that user's own, by the rights of Postgres. */

const LOADER = 'millrace_loader';
const files: StagedFiles = new Map();
let session: Session;
beforeAll(async () => {
  session = await openPglite(files);
});
afterAll(() => session.close());
beforeEach(async () => {
  await session.run('RESET ROLE');
  for (const schema of ['s', 'millrace']) await session.run(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await session.run(`DROP OWNED BY ${LOADER}`).catch(() => []);
  await session.run(`DROP USER IF EXISTS ${LOADER}`);
});

const valuesOf = async (sql: string): Promise<string[][]> =>
  (await session.run(sql)).map((row) => Object.values(row).map(String));

const admit = async (): Promise<void> => {
  const [[database = '', admin = ''] = []] = await valuesOf('SELECT current_database(), current_user');
  await session.run(createLoader(LOADER).replace('DISABLE', 'NULL'));
  await session.run(grantDatabase(LOADER, database));
  const tables = (await valuesOf(ownTablesQuery(admin))).map(([schema = '', name = '']) => ({
    schema,
    name,
  }));
  const schemas = (await valuesOf(ownSchemasQuery(admin))).map(([schema = '']) => schema);
  const targets = await valuesOf(allTargetsQuery()).catch(() => []);
  const given = { schemas, tables, targets: new Set(targets.map(([target = '']) => target)) };
  for (const sql of handOver(LOADER, given)) await session.run(sql);
  await session.run(letLoaderIn(LOADER, passwordHash(LOADER, 'secret')));
};

const batch = (n: number, { tables }: Contract): ModelBatch => ({
  batch: `w-2026010${n}T000000000Z`,
  seal: `seal-${n}`,
  observed: `2026-01-0${n}T00:00:00.000Z`,
  tables: Object.fromEntries(
    tables.map(({ table, columns }) => [
      table,
      [
        {
          values: Object.fromEntries(
            columns.map(({ name, type }) => [name, /^(date|time)/.test(type.kind) ? '2026-01-01' : '1']),
          ),
          row: 1,
          parentRow: 1,
        },
      ],
    ]),
  ),
});

const prepareAndLoad = async (contract: Contract, n: number): Promise<void> => {
  for (const sql of prepareStatements(contract)) await session.run(sql);
  await runBatch(session, stageLoad(contract, [batch(n, contract)], files, `load-${n}`));
};

const CONTRACTS = Object.entries({ ...families, ...snapshots });

describe('the user that loads', () => {
  it.each(CONTRACTS)(
    'prepares a new warehouse and loads, with what it is granted: %s',
    async (_, contract) => {
      await admit();
      await session.run(`SET ROLE ${LOADER}`);
      await prepareAndLoad(contract, 1);
      await prepareAndLoad(contract, 2);
      expect(await valuesOf('SELECT DISTINCT batch FROM millrace.ledger ORDER BY batch')).toHaveLength(2);
    },
  );

  it.each(CONTRACTS)(
    'goes on with what the admin made, once that is given to it: %s',
    async (_, contract) => {
      await prepareAndLoad(contract, 1);
      await session.run('CREATE TABLE s.of_a_person (n INT)');
      await admit();
      await session.run(`SET ROLE ${LOADER}`);
      await prepareAndLoad(contract, 2);
      expect(await valuesOf('SELECT DISTINCT batch FROM millrace.ledger ORDER BY batch')).toHaveLength(2);
      await expect(session.run('SELECT * FROM s.of_a_person')).rejects.toThrow('permission denied');
    },
  );

  it('may not make users, and not touch what is not its own', async () => {
    await session.run('CREATE TABLE public.of_a_person (n INT)');
    await admit();
    await session.run(`SET ROLE ${LOADER}`);
    await expect(session.run('CREATE USER other')).rejects.toThrow('permission denied');
    await expect(session.run('DROP TABLE public.of_a_person')).rejects.toThrow('must be owner');
  });
});
