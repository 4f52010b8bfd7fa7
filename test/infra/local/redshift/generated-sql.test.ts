import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ObjectSource, openObjectSource } from '../../../../infra/local/redshift/copy/object-source.ts';
import { openPostgres, type Postgres } from '../../../../infra/local/redshift/postgres.ts';
import { runStatements } from '../../../../infra/local/redshift/run-statements.ts';
import type { Outcome } from '../../../../infra/local/redshift/statement.ts';
import { STAGED_NULL } from '../../../../shared/csv/staged.ts';
import { parseFeed } from '../../../../shared/feed/parse-feed.ts';
import { SYSTEM_COLUMNS } from '../../../../shared/feed/resolve/identifiers.ts';
import type { Contract } from '../../../../shared/model/contract.ts';
import type { Feed } from '../../../../shared/model/feed.ts';
import { ledgerQuery, loadedBeforeQuery } from '../../../../shared/sql/ledger-query.ts';
import { measureLoad } from '../../../../shared/sql/load-statements.ts';
import {
  existingColumnsQuery,
  prepareStatements,
  recordedContractQuery,
} from '../../../../shared/sql/prepare-statements.ts';
import { inProcedures } from '../../../../shared/sql/procedures.ts';
import { rounds } from '../../../rounds.ts';
import { column, contractOf, table, varchar, workItems } from '../../../shared/sql/support/contracts.ts';
import { families, scenario } from '../../../shared/sql/support/generate.ts';
import { expectTables, readTables, stageLoad } from '../../../shared/sql/support/loading.ts';
import { modelTables } from '../../../shared/sql/support/model.ts';
import type { Session, StagedFiles } from '../../../shared/sql/support/session.ts';
import { wideBatches, wideContracts } from '../../../shared/sql/support/wide.ts';
import { type ObjectsServer, startObjectsServer } from './objects-server.ts';
import { RESERVED_WORDS } from './reserved-words.ts';

/** A new database takes 3 s on a quiet machine. */
const START_MS = 120_000;

let dir: string;
let server: ObjectsServer;
let objects: ObjectSource;
let postgres: Postgres;
let requests = 0;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'warehouse-'));
  server = await startObjectsServer();
  objects = openObjectSource(server.url, 'eu-central-1');
  postgres = await openPostgres(dir);
}, START_MS);

afterAll(async () => {
  await postgres.close();
  objects.close();
  server.close();
  rmSync(dir, { recursive: true });
});

/** A feed of tables with these columns of text, whose key is `select`. */
const feedOf = (tables: readonly string[], columns: readonly string[]): Feed => {
  const mapped = Object.fromEntries(columns.map((name) => [name, { path: `@${name}`, type: 'varchar(9)' }]));
  const written = tables.map((name) => [
    `s.${name}`,
    { rows: `/r/${name}`, disposition: 'merge', key: ['select'], columns: mapped },
  ]);
  const document = { feed: 'words', source: { s3: {} }, tables: Object.fromEntries(written) };
  const options = { file: 'words.yaml', connections: new Map(), allowLoopback: false };
  const result = parseFeed(JSON.stringify(document), options);
  if (result.ok) return result.feed;
  throw new Error(result.problems.map(({ message }) => message).join('\n'));
};

const run = (sqls: readonly string[], isBatch: boolean): Promise<Outcome> => {
  requests += 1;
  const request = {
    id: `r-${requests}`,
    number: requests,
    name: undefined,
    role: undefined,
    sqls,
    isBatch,
    withEvent: false,
  };
  return runStatements(
    { ...request, status: 'STARTED', createdMs: 0, updatedMs: 0, outcome: undefined },
    { postgres, objects, checkpoint: async () => {}, beforeStatement: () => {}, now: () => 0 },
  );
};

const finish = async (sqls: readonly string[], isBatch: boolean): Promise<Outcome> => {
  const outcome = await run(sqls, isBatch);
  if (outcome.status !== 'FINISHED') throw new Error(outcome.error);
  return outcome;
};

const prepare = async (contract: Contract): Promise<void> => {
  for (const sql of prepareStatements(contract)) await finish([sql], false);
};

const toField = (value: string | null): string =>
  value === null ? STAGED_NULL : `"${value.replaceAll('"', '""')}"`;

/** Puts the rows that COPYs of a load read where its manifests say. */
const putFiles = (files: StagedFiles): void => {
  for (const [url, rows] of files) {
    const key = url.replace('s3://bucket/', '');
    server.putCsv(`${key}.csv.zst`, rows.map((row) => `${row.map(toField).join(',')}\n`).join(''));
    server.putManifest(key, [`${key}.csv.zst`]);
  }
};

/** Reads past the gate: what the tables hold is asked in Postgres' own words. */
const session: Session = {
  run: async (sql) => {
    const { columns, rows } = await postgres.query(sql);
    return rows.map((row) =>
      Object.fromEntries(
        columns.map(({ name, typeOid }, at) => [
          name,
          typeOid === 23 && row[at] !== null ? Number(row[at]) : row[at],
        ]),
      ),
    );
  },
  close: async () => {},
};

const startOver = async (): Promise<void> => {
  await postgres.run('DROP SCHEMA IF EXISTS s CASCADE');
  await postgres.run('DROP SCHEMA IF EXISTS millrace CASCADE');
};

describe('the SQL that Millrace generates', () => {
  test.each(Object.entries(families))(
    'loads through the gate and COPY into the rows of the model: %s',
    async (_, contract) => {
      await fc.assert(
        fc.asyncProperty(scenario, async ({ batches, loads }) => {
          await startOver();
          await prepare(contract);
          for (const [n, load] of loads.entries()) {
            const files: StagedFiles = new Map();
            const sqls = stageLoad(
              contract,
              load.flatMap((at) => batches[at] ?? []),
              files,
              `load-${n}`,
            );
            putFiles(files);
            await finish(sqls, true);
          }
          const applied = batches.filter((_, at) => loads.some((load) => load.includes(at)));
          expect(await readTables(session, contract)).toEqual(
            expectTables(contract, modelTables(contract, applied)),
          );
        }),
        { numRuns: rounds(4) },
      );
    },
  );

  test.each(Object.entries(wideContracts))('loads 12 tables, in procedures: %s', async (_, contract) => {
    await startOver();
    await prepare(contract);
    const batches = wideBatches(contract);
    for (const [n, load] of [batches.slice(1), batches].entries()) {
      const files: StagedFiles = new Map();
      const sqls = stageLoad(contract, load, files, `wide-${n}`);
      expect(sqls.some((sql) => sql.startsWith('CALL '))).toBe(true);
      putFiles(files);
      await finish(sqls, true);
    }
    expect(await readTables(session, contract)).toEqual(
      expectTables(contract, modelTables(contract, batches)),
    );
  });

  test('says what a procedure ended with, and then where', async () => {
    const made = "CREATE TEMP TABLE a AS SELECT CAST(t.v AS BIGINT) AS n FROM (SELECT 'x' || 'y' AS v) t";
    const { status, error } = await run(inProcedures([made, made, made, made]), true);
    expect(status).toBe('FAILED');
    expect(error).toMatch(
      /^Query #2 failed with ERROR: invalid input syntax for type bigint: "xy"\nCONTEXT: {2}SQL statement "CREATE TEMP TABLE a .*"\nPL\/pgSQL function /,
    );
  });

  test('loads tables and columns that have the names of reserved words', async () => {
    await startOver();
    const keyed = ['select', 'order', 'values', 'minus'];
    // As a feed file has them: what `validate` accepts is what is loaded.
    const { contract } = feedOf(keyed, RESERVED_WORDS);
    await prepare(contract);
    for (const n of [1, 2]) {
      const row = {
        row: 1,
        parentRow: 0,
        values: Object.fromEntries(RESERVED_WORDS.map((word) => [word, word === 'select' ? 'k' : `${n}`])),
      };
      const batch = {
        batch: `w-2026010${n}T000000000Z`,
        seal: `seal-${n}`,
        observed: `2026-01-0${n}T00:00:00.000Z`,
        tables: Object.fromEntries(keyed.map((name) => [`s.${name}`, [row]])),
      };
      const files: StagedFiles = new Map();
      const sqls = stageLoad(contract, [batch], files, `words-${n}`);
      putFiles(files);
      await finish(sqls, true);
    }
    for (const name of keyed) {
      const rows = await session.run(`SELECT * FROM s."${name}"`);
      expect(rows).toHaveLength(1);
      expect(rows[0]).toMatchObject(
        Object.fromEntries(RESERVED_WORDS.map((word) => [word, word === 'select' ? 'k' : '2'])),
      );
    }
    for (const word of RESERVED_WORDS) {
      await prepare(
        contractOf([table(`s.${word}`, { disposition: 'append', columns: [column(word, varchar(9))] })]),
      );
      await finish([`SELECT "${word}" FROM s."${word}"`], false);
    }
  });

  test('has a column of no name that a feed may not have, and of each that it may', async () => {
    await startOver();
    for (const name of SYSTEM_COLUMNS) {
      expect(() => feedOf(['t'], ['select', name])).toThrow(`columns.${name}: allowed any name but`);
      const { status, error } = await run([`CREATE TABLE hidden ("${name}" INT)`], false);
      expect([status, error]).toEqual(['FAILED', expect.stringContaining(`a column named ${name}`)]);
    }
  });

  test('asks for what the warehouse holds', async () => {
    await startOver();
    await prepare(workItems);
    await prepare(workItems);
    const [columns] = (await finish([existingColumnsQuery(workItems)], false)).parts;
    expect(columns?.rows).toBeGreaterThan(20);
    expect((await finish([recordedContractQuery(workItems)], false)).parts[0]?.rows).toBe(1);
    await finish([ledgerQuery('work_items', ['w-1'])], false);
    await finish(
      [
        'SELECT file_name, line_number, column_name, error_message, position FROM sys_load_error_detail WHERE query_id = 7 LIMIT 20',
      ],
      false,
    );
  });

  test('knows which batches were loaded before a time', async () => {
    await startOver();
    await prepare(workItems);
    const row = {
      values: { item_id: 7, summary: 'x', modified: '2026-01-01T00:00:00Z' },
      row: 1,
      parentRow: null,
    };
    const batch = { batch: 'w-1', seal: 'one', observed: '2026-01-01T00:00:00.000Z' };
    const files: StagedFiles = new Map();
    const sqls = stageLoad(workItems, [{ ...batch, tables: { 'ewm.work_items': [row] } }], files, 'load');
    putFiles(files);
    await finish(sqls, true);
    const foundBefore = async (year: number): Promise<number | undefined> =>
      (
        await finish(
          [
            loadedBeforeQuery(
              new Map([
                ['work_items', ['w-1']],
                ['others', ['w-2', 'w-3']],
              ]),
              `${year}-01-01T00:00:00.000Z`,
            ),
          ],
          false,
        )
      ).parts[0]?.rows;
    expect([await foundBefore(2020), await foundBefore(2999)]).toEqual([0, 1]);
  });

  test('names the batch whose staged rows are not what its record says', async () => {
    await startOver();
    await prepare(workItems);
    const batch = { batch: 'w-1', seal: 'one', observed: '2026-01-01T00:00:00.000Z' };
    const row = {
      values: { item_id: 7, summary: 'x', modified: '2026-01-01T00:00:00Z' },
      row: 1,
      parentRow: null,
    };
    const files: StagedFiles = new Map();
    const sqls = stageLoad(
      workItems,
      [{ ...batch, tables: { 'ewm.work_items': [row, row] } }],
      files,
      'load',
    );
    const half: StagedFiles = new Map([...files].map(([url, rows]) => [url, rows.slice(1)]));
    putFiles(half);
    const outcome = await run(sqls, true);
    expect(outcome.error).toContain('batch w-1 staged 1 rows of ewm.work_items, its record says 2');
  });

  test('keeps to the limits of a batch', () => {
    expect(measureLoad(workItems).largestBytes).toBeLessThan(100_000);
  });
});
