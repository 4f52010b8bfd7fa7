import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Contract } from '../../../shared/model/contract.ts';
import { withRecordHash } from '../../../shared/model/record-hash.ts';
import { classifyError } from '../../../shared/sql/classify-error.ts';
import { prepareStatements } from '../../../shared/sql/prepare-statements.ts';
import { rounds } from '../../rounds.ts';
import { comparing, comparisons, keysBatch, newCompared } from './support/compare.ts';
import { families, scenario } from './support/generate.ts';
import { expectTables, readTables, runBatch, stageLoad } from './support/loading.ts';
import type { ModelBatch } from './support/model.ts';
import { openPglite, type Session, type StagedFiles } from './support/session.ts';

const files: StagedFiles = new Map();
let session: Session;
beforeAll(async () => {
  session = await openPglite(files);
});
afterAll(() => session.close());

const familyOf = (name: string): Contract => families[name] ?? expect.unreachable('a family expected');

const marking = ({ tables: [root = expect.unreachable(), ...more], ...contract }: Contract): Contract =>
  withRecordHash({
    ...contract,
    tables: [{ ...root, columns: root.columns.slice(0, -1), marks: true }, ...more],
  });

const startOver = async (contract: Contract): Promise<void> => {
  for (const schema of ['s', 'millrace']) await session.run(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  for (const statement of prepareStatements(contract)) await session.run(statement);
};

const load = (contract: Contract, batches: readonly ModelBatch[], name: string) =>
  runBatch(session, stageLoad(contract, batches, files, name));

const CASES: readonly (readonly [string, Contract])[] = [
  ['with children of children', familyOf('merge with children of children')],
  ['with tombstones beside them', familyOf('merge with tombstones and children')],
  ['that mark', marking(familyOf('merge with children of children'))],
];

describe('comparisons', () => {
  it.each(CASES)('among loads leave the rows of the model, any number of times: %s', async (_, contract) => {
    const compared = comparing(contract);
    await fc.assert(
      fc.asyncProperty(scenario, comparisons, async ({ batches, loads }, between) => {
        await startOver(contract);
        const model = newCompared(contract);
        for (let n = 0; n <= loads.length; n += 1) {
          for (const { batch, times } of between.filter(
            ({ before }) => Math.min(before, loads.length) === n,
          )) {
            model.compare(batch);
            for (let time = 0; time < times; time += 1)
              await load(compared, [batch], `${batch.batch}-${time}`);
          }
          const chosen = (loads[n] ?? []).flatMap((at) => batches[at] ?? []);
          if (chosen.length === 0) continue;
          model.load(chosen);
          await load(contract, chosen, `load-${n}`);
        }
        expect(await readTables(session, contract)).toEqual(expectTables(contract, model.tables()));
      }),
      { numRuns: rounds(40) },
    );
  });
});

const contract = familyOf('merge with children of children');
const item = (id: string, row: number) => ({ values: { id, version: 1, value: row }, row, parentRow: null });
const line = (id: string, position: number, row: number, parentRow: number) => ({
  values: { root_id: id, position, text: 'x' },
  row,
  parentRow,
});

const IDS = ['a', 'b', 'c', 'd', 'e'];
/** Five rows, the first with two lines. */
const first: ModelBatch = {
  batch: 'w-1',
  seal: 'seal-1',
  observed: '2026-01-01T00:00:00.000Z',
  tables: {
    's.roots': IDS.map((id, at) => item(id, at + 1)),
    's.lines': [line('a', 1, 1, 1), line('a', 2, 2, 1), line('b', 1, 3, 2)],
  },
};
const LATER = '2026-01-02T00:00:00.000Z';
const idsOf = async () => (await session.run('SELECT id FROM s.roots ORDER BY id')).map(({ id }) => id);
const LEDGER = `SELECT target, staged::int, duplicate::int, deleted::int FROM millrace.ledger WHERE batch = 'k-1' ORDER BY target`;

describe('a comparison', () => {
  beforeEach(async () => {
    await startOver(contract);
    await load(contract, [first], 'load-1');
  });

  it('deletes what is not listed, with its children, and the ledger counts them', async () => {
    await load(comparing(contract), [keysBatch('1', LATER, ['b', 'c', 'c', 'e'])], 'load-2');
    expect(await idsOf()).toEqual(['b', 'c', 'e']);
    expect(await session.run('SELECT root_id FROM s.lines')).toEqual([{ root_id: 'b' }]);
    expect(await session.run(LEDGER)).toEqual([
      { target: 's.lines', staged: 0, duplicate: 0, deleted: 2 },
      { target: 's.notes', staged: 0, duplicate: 0, deleted: 0 },
      { target: 's.roots', staged: 0, duplicate: 0, deleted: 2 },
      { target: 's.roots$keys', staged: 4, duplicate: 4, deleted: 0 },
    ]);
  });

  it('leaves what was observed when the listing was begun, or later', async () => {
    for (const observed of ['2025-12-31T00:00:00.000Z', first.observed])
      await load(comparing(contract), [keysBatch(observed.slice(0, 4), observed, ['b'])], `of ${observed}`);
    expect(await idsOf()).toEqual(IDS);
  });

  const failed = async (atMost: { count: number; percent: number }, listed: readonly string[]) => {
    try {
      await load(comparing(contract, atMost), [keysBatch('1', LATER, listed)], 'load-2');
    } catch (error) {
      return classifyError(String(error));
    }
    return undefined;
  };

  it.each([
    [{ count: 1, percent: 0 }, '1'],
    [{ count: 0, percent: 39.9 }, '39.9%'],
    [{ count: 1, percent: 39.9 }, '1 or 39.9%'],
    [{ count: 0, percent: 0 }, '0'],
  ])('that would delete more than %j deletes nothing, and says both numbers', async (atMost, limit) => {
    expect(await failed(atMost, ['c', 'd', 'e'])).toEqual({
      kind: 'deletions',
      batch: 'k-1',
      told: `batch k-1 would delete 2 of 5 rows of s.roots, allowed ${limit}`,
    });
    expect(await idsOf()).toEqual(IDS);
    expect(await session.run(LEDGER)).toEqual([]);
  });

  it.each([
    { count: 2, percent: 0 },
    { count: 0, percent: 40 },
    { count: 2, percent: 1 },
    { count: 1, percent: 40 },
  ])('deletes as many as %j allows', async (atMost) => {
    expect(await failed(atMost, ['c', 'd', 'e'])).toBeUndefined();
    expect(await idsOf()).toEqual(['c', 'd', 'e']);
  });

  it('stands alone in its load', () => {
    const two = ['1', '2'].map((name) => keysBatch(name, LATER, ['b']));
    expect(() => stageLoad(comparing(contract), two, files, 'load-2')).toThrow(
      'load load-2 has 2 comparisons, allowed 1',
    );
  });
});

describe('a comparison that marks', () => {
  const marked = marking(contract);
  const MARKS = `SELECT id, to_char(_deleted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS at FROM s.roots WHERE _deleted_at IS NOT NULL ORDER BY id`;
  beforeEach(async () => {
    await startOver(marked);
    await load(marked, [first], 'load-1');
  });

  it('keeps the rows and their children, and the first mark of each; marked rows count for no limit', async () => {
    const compare = (name: string, day: number, ids: readonly string[]) =>
      load(
        comparing(marked, { count: 0, percent: 40 }),
        [keysBatch(name, `2026-01-0${day}T00:00:00.000Z`, ids)],
        name,
      );
    await compare('1', 2, ['b', 'c', 'd']);
    await compare('2', 3, ['b', 'c']);
    expect(await session.run(MARKS)).toEqual([
      { id: 'a', at: '2026-01-02' },
      { id: 'd', at: '2026-01-03' },
      { id: 'e', at: '2026-01-02' },
    ]);
    expect(await session.run('SELECT COUNT(*)::int AS n FROM s.lines')).toEqual([{ n: 3 }]);
    // One of two that are left is more than 40%.
    await expect(compare('3', 4, ['b'])).rejects.toThrow('would delete 1 of 2 rows of s.roots, allowed 40%');
  });

  it('takes the mark from a row that is listed again, and the ledger counts it', async () => {
    await load(comparing(marked), [keysBatch('0', LATER, ['c', 'd', 'e'])], 'load-2');
    await load(comparing(marked), [keysBatch('1', '2026-01-03T00:00:00.000Z', ['b', 'c', 'e'])], 'load-3');
    expect(await session.run(MARKS)).toEqual([
      { id: 'a', at: '2026-01-02' },
      { id: 'd', at: '2026-01-03' },
    ]);
    const counts = `SELECT updated::int, deleted::int FROM millrace.ledger WHERE batch = 'k-1' AND target = 's.roots'`;
    expect(await session.run(counts)).toEqual([{ updated: 1, deleted: 1 }]);
  });

  it('leaves the mark of a later listing to one that is loaded late, and those of tombstones to them', async () => {
    const { compares = expect.unreachable(), ...rest } = comparing(marked);
    const { unmarks: _, ...others } = compares;
    await load(
      comparing(marked),
      [keysBatch('2', '2026-01-03T00:00:00.000Z', ['b', 'c', 'd', 'e'])],
      'load-2',
    );
    await load(comparing(marked), [keysBatch('1', LATER, IDS)], 'load-3');
    const beside = { ...rest, compares: others };
    await load(beside, [keysBatch('3', '2026-01-04T00:00:00.000Z', IDS)], 'load-4');
    expect(await session.run(MARKS)).toEqual([{ id: 'a', at: '2026-01-03' }]);
  });

  it('takes the mark from a row that comes again, as it was', async () => {
    await load(comparing(marked), [keysBatch('1', LATER, ['b', 'c', 'd', 'e'])], 'load-2');
    expect(await session.run(MARKS)).toEqual([{ id: 'a', at: '2026-01-02' }]);
    const again = { ...first, batch: 'w-2', seal: 'seal-2', observed: '2026-01-03T00:00:00.000Z' };
    await load(marked, [again], 'load-3');
    expect(await session.run(MARKS)).toEqual([]);
    // It has changed, for whoever reads what was loaded since; the others have not.
    const counts = `SELECT updated::int, duplicate::int FROM millrace.ledger WHERE batch = 'w-2' AND target = 's.roots'`;
    expect(await session.run(counts)).toEqual([{ updated: 1, duplicate: 4 }]);
  });
});
