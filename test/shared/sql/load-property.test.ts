import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Contract } from '../../../shared/model/contract.ts';
import { prepareStatements } from '../../../shared/sql/prepare-statements.ts';
import { rounds } from '../../rounds.ts';
import { families, type Scenario, scenario } from './support/generate.ts';
import { expectTables, readTables, runBatch, stageLoad } from './support/loading.ts';
import { type ModelBatch, modelTables } from './support/model.ts';
import { EXECUTE } from './support/procedures.ts';
import { hasPostgres, openPglite, openPostgres, type Session, type StagedFiles } from './support/session.ts';

const files: StagedFiles = new Map();

const startOver = async (session: Session, contract: Contract): Promise<void> => {
  await session.run('DROP SCHEMA IF EXISTS s CASCADE');
  await session.run('DROP SCHEMA IF EXISTS millrace CASCADE');
  for (const statement of prepareStatements(contract)) await session.run(statement);
};

const pick = (batches: readonly ModelBatch[], load: readonly number[]): readonly ModelBatch[] =>
  load.flatMap((n) => batches[n] ?? []);

const applied = ({ batches, loads }: Scenario): readonly ModelBatch[] =>
  batches.filter((_, n) => loads.some((load) => load.includes(n)));

/** inserted less deleted, by table, over the whole ledger. */
const LEDGER_SUMS = `SELECT target, SUM(inserted - deleted)::int AS grown, SUM(staged - duplicate - stale - inserted - updated)::int AS unaccounted,
  COUNT(*)::int AS rows, COUNT(DISTINCT (batch, seal))::int AS batches FROM millrace.ledger WHERE target NOT LIKE '%$deleted' GROUP BY target`;

/** What a load must not leave. */
const PROCEDURES = "SELECT proname FROM pg_proc WHERE proname LIKE 'sp\\_load%'";

/** One statement after the other, or gathered in procedures, as those of many tables are. */
const FORMS = [
  { form: 'single statements', isGathered: false },
  { form: 'procedures', isGathered: true },
];

/** A load that ends in an error before its nth statement, those within procedures counted too. */
const dieBefore = (statements: readonly string[], nth: number): readonly string[] => {
  let left = nth;
  for (const [at, sql] of statements.entries()) {
    if (left === 0) return [...statements.slice(0, at), 'SELECT 1 / 0'];
    const within = sql.match(EXECUTE)?.[left - 1];
    if (within !== undefined)
      return statements.with(
        at,
        sql.replace(within, () => "EXECUTE 'SELECT 1 / 0';"),
      );
    left -= 1 + (sql.match(EXECUTE)?.length ?? 0);
  }
  return dieBefore(statements, left);
};

const isMarking = ({ tables }: Contract): boolean => tables.some(({ deletes }) => deletes?.mode === 'mark');

describe('a load', () => {
  let session: Session;
  beforeAll(async () => {
    session = await openPglite(files);
  });
  afterAll(() => session.close());

  it.each(
    Object.entries(families).flatMap(([family, contract]) =>
      FORMS.map((form) => ({ family, contract, ...form })),
    ),
  )(
    'ends in the rows of the model, in any order, any number of times: $family, by $form',
    async ({ contract, isGathered }) => {
      await fc.assert(
        fc.asyncProperty(scenario, async (s) => {
          await startOver(session, contract);
          for (const [n, load] of s.loads.entries()) {
            const batches = pick(s.batches, load);
            await runBatch(session, stageLoad(contract, batches, files, `load-${n}`, {}, { isGathered }));
          }
          const expected = expectTables(contract, modelTables(contract, applied(s)));
          expect(await readTables(session, contract)).toEqual(expected);
          for (const sums of await session.run(LEDGER_SUMS)) {
            expect(sums).toEqual({
              target: sums.target,
              // A row that is marked is counted as deleted, and is there.
              grown: isMarking(contract) ? sums.grown : expected[String(sums.target)]?.length,
              unaccounted: 0,
              rows: applied(s).length,
              batches: applied(s).length,
            });
          }
        }),
        { numRuns: rounds(isGathered ? 8 : 25) },
      );
    },
  );

  it.each(FORMS)(
    'leaves nothing behind when it dies between any two of its $form, and runs again',
    async ({ isGathered }) => {
      const contract = families['merge with children of children'];
      if (contract === undefined) throw new Error('family expected');
      await fc.assert(
        fc.asyncProperty(scenario, fc.nat({ max: 29 }), async (s, died) => {
          await startOver(session, contract);
          for (const [n, load] of s.loads.entries()) {
            const batches = pick(s.batches, load);
            const statements = stageLoad(contract, batches, files, `load-${n}`, {}, { isGathered });
            const before = await readTables(session, contract);
            await expect(runBatch(session, dieBefore(statements, died))).rejects.toThrow('division by zero');
            expect(await readTables(session, contract)).toEqual(before);
            expect(await session.run(PROCEDURES)).toEqual([]);
            await runBatch(session, statements);
          }
          expect(await readTables(session, contract)).toEqual(
            expectTables(contract, modelTables(contract, applied(s))),
          );
        }),
        { numRuns: rounds(15) },
      );
    },
  );
});

describe.runIf(hasPostgres())('loads in several sessions at once', () => {
  let opened: Awaited<ReturnType<typeof openPostgres>>;
  beforeAll(async () => {
    opened = await openPostgres(files, 3);
  });
  afterAll(() => opened.drop());

  const untilApplied = async (session: Session, statements: readonly string[]): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await runBatch(session, statements);
      } catch (error) {
        if (!/could not serialize|deadlock/.test(String(error)) || attempt === 20) throw error;
      }
    }
  };

  it.each(Object.entries(families))('end in the rows of the model: %s', async (_, contract) => {
    const [first] = opened.sessions;
    if (first === undefined) throw new Error('sessions expected');
    await fc.assert(
      fc.asyncProperty(scenario, async (s) => {
        await startOver(first, contract);
        const loads = s.loads.map((load, n) =>
          stageLoad(contract, pick(s.batches, load), files, `load-${n}`),
        );
        await Promise.all(
          opened.sessions.map(async (session, n) => {
            for (const [at, statements] of loads.entries()) {
              if (at % opened.sessions.length === n || at === 0) await untilApplied(session, statements);
            }
          }),
        );
        expect(await readTables(first, contract)).toEqual(
          expectTables(contract, modelTables(contract, applied(s))),
        );
      }),
      { numRuns: rounds(20) },
    );
  });
});
