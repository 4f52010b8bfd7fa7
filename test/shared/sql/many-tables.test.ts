import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_STATEMENTS } from '../../../shared/sql/batch-limits.ts';
import { loadStatements, measureLoad, mostBatches } from '../../../shared/sql/load-statements.ts';
import { prepareStatements } from '../../../shared/sql/prepare-statements.ts';
import { column, contractOf, table, varchar, workItems } from './support/contracts.ts';
import { families } from './support/generate.ts';
import { expectTables, readTables, runBatch, stageLoad } from './support/loading.ts';
import { modelTables } from './support/model.ts';
import { executesOf } from './support/procedures.ts';
import { hasPostgres, openPglite, openPostgres, type Session, type StagedFiles } from './support/session.ts';
import { wideBatches, wideContracts } from './support/wide.ts';

const files: StagedFiles = new Map();

const kindOf = (sql: string): string => /^(?:CREATE TEMP|CREATE OR REPLACE|DROP|\w+)/.exec(sql)?.[0] ?? '';

const tablesOf = (count: number, columns = 1) =>
  contractOf(
    Array.from({ length: count }, (_, n) =>
      table(`s.t${n}`, {
        disposition: 'merge',
        key: ['id'],
        columns: [
          column('id', 'bigint', { required: true }),
          ...Array.from({ length: columns }, (_, at) => column(`some_longer_name_${at}`, varchar(10))),
        ],
      }),
    ),
  );

const loadsOf = (name: string, open: () => Promise<{ session: Session; close(): Promise<void> }>): void => {
  describe(`a feed of 12 tables, on ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    it.each(Object.entries(wideContracts))('loads: %s', async (_, contract) => {
      const { session } = opened;
      const [first, second, third] = wideBatches(contract);
      if (first === undefined || second === undefined || third === undefined)
        throw new Error('batches expected');
      await session.run('DROP SCHEMA IF EXISTS s CASCADE');
      await session.run('DROP SCHEMA IF EXISTS millrace CASCADE');
      for (const sql of prepareStatements(contract)) await session.run(sql);

      for (const [n, load] of [[second], [first, third], [second, third]].entries()) {
        const statements = stageLoad(contract, load, files, `load-${n}`);
        expect(statements.length).toBeLessThanOrEqual(MAX_STATEMENTS);
        await runBatch(session, statements);
      }

      expect(await readTables(session, contract)).toEqual(
        expectTables(contract, modelTables(contract, [first, second, third])),
      );
      expect(await session.run("SELECT proname FROM pg_proc WHERE proname LIKE 'sp\\_load%'")).toEqual([]);
    });
  });
};

loadsOf('the embedded engine', async () => {
  const session = await openPglite(files);
  return { session, close: session.close };
});
if (hasPostgres())
  loadsOf('Postgres', async () => {
    const { sessions, drop } = await openPostgres(files, 1);
    const [session] = sessions;
    if (session === undefined) throw new Error('a session expected');
    return { session, close: drop };
  });

describe('a load in procedures', () => {
  const contract = wideContracts['of a family each'];
  if (contract === undefined) throw new Error('contract expected');
  const gathered = stageLoad(contract, wideBatches(contract), files, 'load');

  it('locks first, and has each COPY and the batches by themselves', () => {
    expect(gathered.map(kindOf)).toEqual([
      ...['SET', 'LOCK', 'CREATE OR REPLACE', 'CALL', 'DROP'],
      ...contract.tables.map(() => 'COPY'),
      ...['CREATE TEMP', 'CREATE OR REPLACE', 'CALL', 'DROP'],
    ]);
  });

  it('does what single statements do, in their order but for COPY', () => {
    const small = families['merge with children of children'];
    if (small === undefined) throw new Error('family expected');
    const [single, gathered] = [false, true].map((isGathered) =>
      stageLoad(small, [], files, 'load', {}, { isGathered }),
    );
    expect(gathered?.flatMap((sql) => executesOf(sql) ?? (/^(CALL|DROP) /.test(sql) ? [] : [sql]))).toEqual(
      single,
    );
  });

  it('names a procedure by its text', () => {
    const named = (statements: readonly string[]) => statements.filter((sql) => sql.startsWith('CALL'));
    expect(named(gathered)).toEqual(named(stageLoad(contract, wideBatches(contract), files, 'load')));
    const [staging, applying] = named(gathered);
    expect(named(stageLoad(contract, wideBatches(contract), files, 'another load'))).toEqual([
      staging,
      expect.not.stringContaining(applying ?? ''),
    ]);
  });

  it('keeps procedures and what they execute within the limits', () => {
    const wide = tablesOf(12, 300);
    expect(measureLoad(wide).statements).toBeLessThanOrEqual(MAX_STATEMENTS);
    expect(measureLoad(wide).largestBytes).toBeLessThanOrEqual(100_000);
    const long = stageLoad(tablesOf(2, 1300), [], files, 'load', {}, { isGathered: true });
    expect(Math.max(...long.map((sql) => sql.length))).toBeGreaterThan(65_535);
    for (const text of long.flatMap((sql) => executesOf(sql) ?? [])) expect(text.length).toBeLessThan(65_535);
  });

  it('is refused where there are too many tables all the same', () => {
    const tables = tablesOf(40);
    const manifests = Object.fromEntries(tables.tables.map((of) => [of.table, 's3://bucket/manifest']));
    const text = { feed: 'f', load: 'loads/f/1', contract: tables, batches: [], manifests, copyRole: 'role' };
    expect(() => loadStatements(text)).toThrow(
      /^load loads\/f\/1 has \d+ statements, .* allowed are 40 of 100000$/,
    );
  });
});

describe('the batches of a load', () => {
  it('are fewer, the more tables each has rows of', () => {
    expect(mostBatches(workItems)).toBe(128);
    expect(mostBatches(tablesOf(12))).toBeGreaterThan(90);
    expect(mostBatches(tablesOf(30))).toBeLessThan(70);
    expect(measureLoad(tablesOf(30)).largestBytes).toBeLessThanOrEqual(100_000);
  });
});
