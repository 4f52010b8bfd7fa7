import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Contract } from '../../../shared/model/contract.ts';
import { withRecordHash } from '../../../shared/model/record-hash.ts';
import { loadStatements } from '../../../shared/sql/load-statements.ts';
import { prepareStatements } from '../../../shared/sql/prepare-statements.ts';
import { column, table, workItems } from './support/contracts.ts';
import { families, snapshots } from './support/generate.ts';
import { stageLoad } from './support/loading.ts';
import type { ModelBatch } from './support/model.ts';
import { openPglite, type Session, type StagedFiles } from './support/session.ts';

/** What a load reads of its targets: a user that may read the narrow columns alone runs it, and its scans are counted. */

const contract: Contract = withRecordHash(workItems);
const NARROW: Readonly<Record<string, string>> = {
  'ewm.work_items': 'item_id, modified, _observed, _batch, _row, _hash, _loaded_at',
  'ewm.comments': 'item_id',
};

const files: StagedFiles = new Map();
let session: Session;
beforeAll(async () => {
  session = await openPglite(files);
  await session.run('CREATE ROLE loader');
});
afterAll(() => session.close());

beforeEach(async () => {
  for (const schema of ['ewm', 'millrace']) await session.run(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await session.run('DROP SCHEMA IF EXISTS s CASCADE');
  await prepare(contract, NARROW);
});

const prepare = async (of: Contract, narrow: Readonly<Record<string, string>>): Promise<void> => {
  for (const statement of prepareStatements(of)) await session.run(statement);
  for (const schema of [...new Set(of.tables.map(({ schema }) => schema)), 'millrace'])
    await session.run(`GRANT USAGE ON SCHEMA ${schema} TO loader`);
  await session.run('GRANT ALL ON ALL TABLES IN SCHEMA millrace TO loader');
  for (const [table, columns] of Object.entries(narrow)) {
    await session.run(`GRANT INSERT, UPDATE, DELETE ON ${table} TO loader`);
    await session.run(`GRANT SELECT (${columns}) ON ${table} TO loader`);
  }
};

const batchOf = (n: number, summaries: readonly string[]): ModelBatch => ({
  batch: `w-2026010${n}T000000000Z`,
  seal: `seal-${n}`,
  observed: `2026-01-0${n}T00:00:00.000Z`,
  tables: {
    'ewm.work_items': summaries.map((summary, at) => ({
      values: { item_id: at, summary, modified: '2026-01-01 00:00:00+00' },
      row: at + 1,
      parentRow: null,
    })),
    'ewm.comments': summaries.map((content, at) => ({
      values: { item_id: at, position: 1, content },
      row: at + 1,
      parentRow: at + 1,
    })),
  },
});

const SCANS = `SELECT relname, (seq_scan + COALESCE(idx_scan, 0))::int AS scans FROM pg_stat_xact_user_tables
WHERE relname IN ('work_items', 'comments', 'roots') ORDER BY relname`;

const readScans = async (): Promise<Readonly<Record<string, number>>> =>
  Object.fromEntries((await session.run(SCANS)).map(({ relname, scans }) => [relname, Number(scans)]));

/** Scans of each target in one load, by a user that may read narrowly. */
const scansOf = async (batch: ModelBatch, of = contract): Promise<Readonly<Record<string, number>>> => {
  // Counts of before are flushed at the end of a transaction only.
  await session.run('BEGIN ISOLATION LEVEL REPEATABLE READ');
  const before = await readScans();
  await session.run('SET LOCAL ROLE loader');
  for (const statement of stageLoad(of, [batch], files, batch.batch)) await session.run(statement);
  const after = await readScans();
  await session.run('COMMIT');
  await session.run('DISCARD TEMP');
  return Object.fromEntries(
    Object.entries(after).map(([name, scans]) => [name, scans - (before[name] ?? 0)]),
  );
};

describe('a load', () => {
  it('reads key, order and hash of a root, twice at most, and the key alone of a child, once', async () => {
    await scansOf(batchOf(1, ['a', 'b', 'c']));
    const scans = await scansOf(batchOf(2, ['a', 'B', 'c', 'd']));
    expect(scans).toEqual({ work_items: 2, comments: 1 });
    expect(await session.run('SELECT summary FROM ewm.work_items ORDER BY item_id')).toEqual(
      ['a', 'B', 'c', 'd'].map((summary) => ({ summary })),
    );
  });

  it.each([
    ['by a cursor, once and for what it writes', families['history by an instant'], 'changed, _valid_to', 3],
    ['of snapshots, once and for what it closes', snapshots['all columns'], '_is_current', 2],
  ])('looks for versions %s', async (_, of, more, expected) => {
    if (of === undefined) throw new Error('a family expected');
    await prepare(of, { 's.roots': `id, _observed, _batch, _row, _hash, _loaded_at, ${more}` });
    const rootsOf = (n: number, days: readonly number[]): ModelBatch => ({
      ...batchOf(n, []),
      tables: {
        's.roots': days.map((day, at) => ({
          values: { id: 'a', value: n, changed: `2026-01-0${day} 00:00:00+00` },
          row: at + 1,
          parentRow: null,
        })),
      },
    });
    await scansOf(rootsOf(1, [1, 2]), of);
    expect(await scansOf(rootsOf(2, [2, 3]), of)).toMatchObject({ roots: expected });
    expect(await session.run('SELECT COUNT(*)::int AS n FROM s.roots WHERE _is_current')).toEqual([{ n: 1 }]);
  });

  it('takes eight tables of one family in the statements that one transaction may have', () => {
    const [root, child] = workItems.tables;
    if (root === undefined || child === undefined) throw new Error('two tables expected');
    const below = Array.from({ length: 7 }, (_, n) => ({ ...child, table: `ewm.c${n}`, name: `c${n}` }));
    const wide = withRecordHash({ ...workItems, tables: [root, ...below] });
    const manifests = Object.fromEntries(wide.tables.map(({ table }) => [table, 's3://bucket/manifest']));
    const batches = [
      { batch: 'w-1', seal: 's', observed: '2026-01-01T00:00:00.000Z', rows: {}, rejected: 0 },
    ];
    const text = { feed: 'f', load: 'l', contract: wide, batches, manifests, copyRole: 'r' };
    expect(loadStatements(text)).toHaveLength(38);
  });
});

describe('a comparison of keys', () => {
  it('reads the root narrowly once, counts it once and deletes from it once, and scans a child once', async () => {
    await scansOf(batchOf(1, ['a', 'b', 'c']));
    const compared: Contract = {
      ...contract,
      hash: 'fefefefefefefefe',
      tables: [
        table('ewm.work_items$keys', {
          disposition: 'merge',
          key: ['item_id'],
          columns: [column('item_id', 'bigint', { required: true })],
        }),
      ],
      compares: { mode: 'delete', atMost: { count: 1, percent: 0 }, tables: contract.tables },
    };
    const keys = [0, 2].map((item_id, at) => ({ values: { item_id }, row: at + 1, parentRow: null }));
    const batch = { ...batchOf(2, []), batch: 'k-1', tables: { 'ewm.work_items$keys': keys } };
    expect(await scansOf(batch, compared)).toEqual({ work_items: 3, comments: 1 });
    expect(await session.run('SELECT item_id::int FROM ewm.comments ORDER BY item_id')).toEqual([
      { item_id: 0 },
      { item_id: 2 },
    ]);
  });
});
