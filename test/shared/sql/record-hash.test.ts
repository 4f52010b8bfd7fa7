import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Contract } from '../../../shared/model/contract.ts';
import { withRecordHash } from '../../../shared/model/record-hash.ts';
import { prepareStatements } from '../../../shared/sql/prepare-statements.ts';
import { rounds } from '../../rounds.ts';
import { familiesWithoutHash, scenario } from './support/generate.ts';
import { expectTables, readTables, runBatch, stageLoad } from './support/loading.ts';
import { type ModelBatch, modelTables } from './support/model.ts';
import { openPglite, type Session, type StagedFiles } from './support/session.ts';

const files: StagedFiles = new Map();
let session: Session;
beforeAll(async () => {
  session = await openPglite(files);
});
afterAll(() => session.close());

const startOver = async (contract: Contract): Promise<void> => {
  await session.run('DROP SCHEMA IF EXISTS s CASCADE');
  await session.run('DROP SCHEMA IF EXISTS millrace CASCADE');
  for (const statement of prepareStatements(contract)) await session.run(statement);
};

describe('batches without record hashes, which an earlier release sealed', () => {
  it.each(familiesWithoutHash)(
    'end in the rows of the model, among others with them: %s',
    async (_, plain) => {
      const hashed = withRecordHash(plain);
      await fc.assert(
        fc.asyncProperty(scenario, fc.infiniteStream(fc.boolean()), async ({ batches, loads }, flags) => {
          await startOver(hashed);
          const isPlain = batches.map(() => flags.next().value);
          for (const [n, load] of loads.entries())
            for (const contract of [plain, hashed]) {
              const some = load.flatMap((at) =>
                isPlain[at] === (contract === plain) ? (batches[at] ?? []) : [],
              );
              if (some.length > 0) await runBatch(session, stageLoad(contract, some, files, `load-${n}`));
            }
          const applied = batches.filter((_, at) => loads.some((load) => load.includes(at)));
          expect(await readTables(session, plain)).toEqual(expectTables(plain, modelTables(plain, applied)));
        }),
        { numRuns: rounds(25) },
      );
    },
  );
});

describe('a record that has not changed', () => {
  const [, contract] = familiesWithoutHash[0] ?? expect.unreachable('family expected');
  const hashed = withRecordHash(contract);
  const batchOf = (n: number, value: number, notes: readonly number[]): ModelBatch => ({
    batch: `w-2026010${n}T000000000Z`,
    seal: `seal-${n}`,
    observed: `2026-01-0${n}T00:00:00.000Z`,
    tables: {
      's.roots': [{ values: { id: 'a', version: 1, value }, row: 1, parentRow: null }],
      's.lines': [{ values: { root_id: 'a', position: 1, text: 'x' }, row: 1, parentRow: 1 }],
      's.notes': notes.map((code, at) => ({
        values: { root_id: 'a', position: 1, code, note: null },
        row: at + 1,
        parentRow: 1,
      })),
    },
  });
  const load = (batch: ModelBatch, by: Contract = hashed) =>
    runBatch(session, stageLoad(by, [batch], files, batch.batch));
  const ledgerOf = async ({ batch }: ModelBatch) =>
    Object.fromEntries(
      (
        await session.run(
          `SELECT target, staged::int, inserted::int, updated::int, duplicate::int, stale::int, deleted::int FROM millrace.ledger WHERE batch = '${batch}'`,
        )
      ).map(({ target, ...counts }) => [target, counts]),
    );
  const none = { staged: 0, inserted: 0, updated: 0, duplicate: 0, stale: 0, deleted: 0 };
  beforeEach(() => startOver(hashed));

  it('leaves its children as they are, and the time of its load', async () => {
    await load(batchOf(1, 7, [1, 2]));
    const before = await session.run('SELECT _batch, _loaded_at FROM s.notes');
    const [root] = await session.run('SELECT _loaded_at FROM s.roots');
    await load(batchOf(2, 7, [1, 2]));
    expect(await session.run('SELECT _batch, _loaded_at FROM s.notes')).toEqual(before);
    expect(await session.run('SELECT _batch, _loaded_at FROM s.roots')).toEqual([
      { _batch: batchOf(2, 7, []).batch, ...root },
    ]);
    expect(await ledgerOf(batchOf(2, 7, []))).toEqual({
      's.roots': { ...none, staged: 1, duplicate: 1 },
      's.lines': { ...none, staged: 1, duplicate: 1 },
      's.notes': { ...none, staged: 2, duplicate: 2 },
    });
  });

  it.each<[string, readonly number[], Partial<typeof none>]>([
    ['gains a child', [1, 2, 3], { staged: 3, inserted: 1, updated: 2 }],
    ['loses one', [2], { staged: 1, updated: 1, deleted: 1 }],
    ['loses all', [], { deleted: 2 }],
    ['has one twice', [1, 1], { staged: 2, stale: 1, updated: 1, deleted: 1 }],
  ])('is another once it %s, and the ledger counts what came and went', async (_, notes, counts) => {
    await load(batchOf(1, 7, [1, 2]));
    await load(batchOf(2, 7, notes));
    expect(await ledgerOf(batchOf(2, 7, []))).toMatchObject({
      's.roots': { ...none, staged: 1, updated: 1 },
      's.notes': { ...none, ...counts },
    });
  });

  it('is another where an older release, which keeps the hash of what it writes over, wrote it in between', async () => {
    await load(batchOf(1, 7, [1]));
    await session.run(
      "UPDATE s.roots SET value = 8, _batch = 'w-20260102T000000000Z', _observed = '2026-01-02+00'",
    );
    await load(batchOf(3, 7, [1]));
    expect(await session.run('SELECT value FROM s.roots')).toEqual([{ value: 7 }]);
  });

  it('is another where its batch has no hashes', async () => {
    await load(batchOf(1, 7, [1]));
    await load(batchOf(2, 8, [1]), contract);
    await load(batchOf(3, 7, [1]));
    expect(await session.run('SELECT value FROM s.roots')).toEqual([{ value: 7 }]);
  });

  it('is counted by its children that were there before, where the feed has another since', async () => {
    const [root, line] = contract.tables;
    if (root === undefined || line === undefined) throw new Error('two tables expected');
    const before = withRecordHash({ ...contract, tables: [root, line] });
    await load(batchOf(1, 7, [1, 2]), before);
    await load(batchOf(2, 8, [1, 2]));
    expect(await ledgerOf(batchOf(2, 8, []))).toMatchObject({
      's.lines': { ...none, staged: 1, updated: 1 },
      's.notes': { ...none, staged: 2, inserted: 2 },
    });
  });

  it('is another under a contract with a column more', async () => {
    await load(batchOf(1, 7, [1]));
    const [root, ...below] = contract.tables;
    if (root === undefined) throw new Error('a table expected');
    const more = { ...root.columns[2], name: 'more' } as (typeof root.columns)[number];
    const wider = withRecordHash({
      ...contract,
      tables: [{ ...root, columns: [...root.columns, more] }, ...below],
    });
    await session.run('ALTER TABLE s.roots ADD COLUMN more INTEGER');
    await load(batchOf(2, 7, [1]), wider);
    expect(await ledgerOf(batchOf(2, 7, []))).toMatchObject({
      's.roots': { updated: 1 },
      's.notes': { updated: 1 },
    });
  });
});

describe('staged rows that the load does not account for', () => {
  it('fail it, by batch, table and both counts', async () => {
    const [, contract] = familiesWithoutHash[0] ?? expect.unreachable('family expected');
    await startOver(contract);
    const orphan: ModelBatch = {
      batch: 'w-20260101T000000000Z',
      seal: 'seal-1',
      observed: '2026-01-01T00:00:00.000Z',
      tables: {
        's.roots': [{ values: { id: 'a', version: 1, value: 1 }, row: 1, parentRow: null }],
        's.lines': [
          { values: { root_id: 'a', position: 1, text: 'x' }, row: 1, parentRow: 1 },
          { values: { root_id: 'b', position: 1, text: 'y' }, row: 2, parentRow: 2 },
        ],
      },
    };
    await expect(runBatch(session, stageLoad(contract, [orphan], files, 'load-1'))).rejects.toThrow(
      'batch w-20260101T000000000Z staged 2 rows of s.lines, and the load accounts for 1',
    );
  });
});
