import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { InvalidInput } from '../../../shared/errors.ts';
import type { Contract } from '../../../shared/model/contract.ts';
import { prepareStatements } from '../../../shared/sql/prepare-statements.ts';
import { rounds } from '../../rounds.ts';
import { families, type Scenario, scenario, snapshots } from './support/generate.ts';
import { expectTables, readTables, runBatch, stageLoad } from './support/loading.ts';
import { type ModelBatch, modelSnapshots, type Value } from './support/model.ts';
import { hasPostgres, openPglite, openPostgres, type Session, type StagedFiles } from './support/session.ts';

/** What history does beyond what holds for every disposition (load-property.test.ts). */

const files: StagedFiles = new Map();
const startOver = async (session: Session, contract: Contract): Promise<void> => {
  await session.run('DROP SCHEMA IF EXISTS s CASCADE');
  await session.run('DROP SCHEMA IF EXISTS millrace CASCADE');
  for (const statement of prepareStatements(contract)) await session.run(statement);
};

const loadsOf = ({ batches, loads }: Scenario): readonly (readonly ModelBatch[])[] =>
  loads.map((load) => load.flatMap((n) => batches[n] ?? []));

/** Per key one version is current, and it is the last; each of the others holds until the next one. */
const GAPS = `SELECT COUNT(*)::int AS gaps FROM (
  SELECT _valid_to, _is_current, LEAD(_valid_from) OVER (PARTITION BY RTRIM(id) ORDER BY _valid_from, _batch) AS next FROM s.roots) v
WHERE _valid_to IS DISTINCT FROM next OR _is_current IS DISTINCT FROM (next IS NULL)`;

const only = (contract: Contract) => contract.tables[0] ?? expect.unreachable('a table expected');

let session: Session;
beforeAll(async () => {
  session = await openPglite(files);
});
afterAll(() => session.close());

describe('snapshots', () => {
  it.each(Object.entries(snapshots))('make versions in their order: %s', async (_, contract) => {
    await fc.assert(
      fc.asyncProperty(scenario, async (s) => {
        await startOver(session, contract);
        for (const [n, load] of loadsOf(s).entries())
          await runBatch(session, stageLoad(contract, load, files, `load-${n}`));
        const model = new Map([['s.roots', modelSnapshots(only(contract), loadsOf(s))]]);
        expect(await readTables(session, contract)).toEqual(expectTables(contract, model));
        const sums = await session.run(
          'SELECT SUM(inserted)::int AS inserted, SUM(staged - duplicate - stale - inserted)::int AS unaccounted, SUM(updated + deleted)::int AS other FROM millrace.ledger',
        );
        expect(sums).toEqual([{ inserted: model.get('s.roots')?.length, unaccounted: 0, other: 0 }]);
      }),
      { numRuns: rounds(50) },
    );
  });

  it('need the hash of each record', () => {
    const [table] = snapshots['all columns']?.tables ?? [];
    if (table === undefined) throw new Error('a table expected');
    const plain = { ...table, columns: table.columns.filter(({ name }) => name !== '_hash') };
    const contract = { feed: 'f', hash: 'h', namespaces: {}, tables: [plain] };
    expect(() => stageLoad(contract, [], files, 'load-1')).toThrow(InvalidInput);
  });
});

describe('versions by a cursor', () => {
  const contract = families['history by an instant'] ?? expect.unreachable('family expected');
  beforeEach(() => startOver(session, contract));

  const batchOf = (n: number, rows: readonly Record<string, Value>[]): ModelBatch => ({
    batch: `w-2026010${n}T000000000Z`,
    seal: `seal-${n}`,
    observed: `2026-02-0${n}T00:00:00.000Z`,
    tables: {
      's.roots': rows.map((values, at) => ({
        values: { version: null, ...values },
        row: at + 1,
        parentRow: null,
      })),
    },
  });
  const at = (day: number, value: number, id = 'a') => ({
    id,
    value,
    changed: `2026-01-0${day} 00:00:00+00`,
  });
  const load = (...batches: readonly ModelBatch[]) =>
    runBatch(session, stageLoad(contract, batches, files, batches.map(({ batch }) => batch).join()));
  const read = async (): Promise<readonly string[]> =>
    (
      await session.run(
        `SELECT id || ' ' || value || ' ' || to_char(_valid_from, 'DD') || '-' || COALESCE(to_char(_valid_to, 'DD'), '') || CASE WHEN _is_current THEN ' now' ELSE '' END AS version FROM s.roots ORDER BY id, changed`,
      )
    ).map(({ version }) => String(version));
  const ledger = async ({ batch }: ModelBatch) =>
    session.run(
      `SELECT staged::int, inserted::int, updated::int, duplicate::int, stale::int, deleted::int FROM millrace.ledger WHERE batch = '${batch}'`,
    );

  it('take their place when they come late, and close or are closed', async () => {
    await load(batchOf(1, [at(1, 1), at(5, 5), at(2, 2, 'b')]));
    expect(await read()).toEqual(['a 1 01-05', 'a 5 05- now', 'b 2 02- now']);
    await load(batchOf(2, [at(3, 3), at(7, 7)]), batchOf(3, [at(1, 0, 'b')]));
    expect(await read()).toEqual([
      'a 1 01-03',
      'a 3 03-05',
      'a 5 05-07',
      'a 7 07- now',
      'b 0 01-02',
      'b 2 02- now',
    ]);
    expect(await ledger(batchOf(2, []))).toEqual([
      { staged: 2, inserted: 2, updated: 0, duplicate: 0, stale: 0, deleted: 0 },
    ]);
  });

  it('are written over by a later batch, and left by an earlier one, whatever the order of loads', async () => {
    await load(batchOf(2, [at(1, 2)]));
    await load(batchOf(1, [at(1, 1)]));
    expect(await read()).toEqual(['a 2 01- now']);
    await load(batchOf(3, [at(1, 3)]));
    expect(await read()).toEqual(['a 3 01- now']);
    expect([await ledger(batchOf(1, [])), await ledger(batchOf(3, []))]).toMatchObject([
      [{ staged: 1, stale: 1 }],
      [{ staged: 1, updated: 1 }],
    ]);
  });

  it('that are closed have changed when that was, and those of other keys and times have not', async () => {
    const readTimes = async () =>
      new Map(
        (await session.run('SELECT id || value AS version, _loaded_at::text FROM s.roots')).map((row) => [
          row.version,
          row._loaded_at,
        ]),
      );
    await load(batchOf(1, [at(1, 1), at(2, 2), at(1, 1, 'b')]));
    const before = await readTimes();
    await load(batchOf(2, [at(2, 2), at(3, 3)]));
    const after = await readTimes();
    expect(after.get('a1')).toBe(before.get('a1'));
    expect(after.get('b1')).toBe(before.get('b1'));
    expect(after.get('a2')).not.toBe(before.get('a2'));
  });

  it('keep the columns that somebody else added', async () => {
    await session.run('ALTER TABLE s.roots ADD COLUMN theirs VARCHAR(10)');
    await load(batchOf(1, [at(1, 1)]));
    await session.run("UPDATE s.roots SET theirs = 'kept'");
    await load(batchOf(2, [at(1, 9), at(2, 2)]));
    expect(await session.run('SELECT value, theirs FROM s.roots ORDER BY changed')).toEqual([
      { value: 9, theirs: 'kept' },
      { value: 2, theirs: null },
    ]);
  });
});

describe.runIf(hasPostgres())('loads in several sessions at once', () => {
  let opened: Awaited<ReturnType<typeof openPostgres>>;
  beforeAll(async () => {
    opened = await openPostgres(files, 3);
  });
  afterAll(() => opened.drop());

  const untilApplied = async (of: Session, statements: readonly string[]): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await runBatch(of, statements);
      } catch (error) {
        if (!/could not serialize|deadlock/.test(String(error)) || tries === 20) throw error;
      }
    }
  };

  it.each(Object.entries(snapshots))(
    'leave versions without gaps, one of each key current: %s',
    async (_, contract) => {
      const [first] = opened.sessions;
      if (first === undefined) throw new Error('sessions expected');
      await fc.assert(
        fc.asyncProperty(scenario, async (s) => {
          await startOver(first, contract);
          const loads = loadsOf(s).map((load, n) => stageLoad(contract, load, files, `load-${n}`));
          await Promise.all(
            opened.sessions.map(async (of, n) => {
              for (const [at, statements] of loads.entries())
                if (at % opened.sessions.length === n || at === 0) await untilApplied(of, statements);
            }),
          );
          expect(await first.run(GAPS)).toEqual([{ gaps: 0 }]);
        }),
        { numRuns: rounds(20) },
      );
    },
  );
});
