import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Contract } from '../../../shared/model/contract.ts';
import { prepareLedgerMutex } from '../../../shared/sql/isolation.ts';
import { prepareStatements } from '../../../shared/sql/prepare-statements.ts';
import { column, contractOf, table, varchar } from './support/contracts.ts';
import { expectTables, readTables, runBatch, stageLoad } from './support/loading.ts';
import { type ModelBatch, modelTables } from './support/model.ts';
import { hasPostgres, openPostgres, type StagedFiles } from './support/session.ts';

/** Fifty loads of five feeds at the same time, each in a session of its own. */

const LOADS = 50;
const FEEDS = 5;
const files: StagedFiles = new Map();

const feedOf = (n: number, target: string): Contract => ({
  ...contractOf([
    table(target, {
      disposition: 'merge',
      key: ['id'],
      sequence: ['modified'],
      columns: [
        column('id', 'bigint', { required: true }),
        column('summary', varchar(100)),
        column('modified', 'bigint', { required: true }),
      ],
    }),
  ]),
  feed: `feed_${n}`,
});

/** Three rows: one of its own, and two keys that all loads have, the latest of which wins. */
const batchOf = (n: number, target: string): ModelBatch => ({
  batch: `w-${String(n).padStart(3, '0')}`,
  seal: `seal-${n}`,
  observed: '2026-01-01T00:00:00.000Z',
  tables: {
    [target]: [100 + n, 1, 2].map((id, at) => ({
      values: { id, summary: `load ${n}`, modified: (n * 7) % LOADS },
      row: at + 1,
      parentRow: null,
    })),
  },
});

describe.runIf(hasPostgres())('fifty loads at once, from five feeds', () => {
  let opened: Awaited<ReturnType<typeof openPostgres>>;
  beforeAll(async () => {
    opened = await openPostgres(files, LOADS);
  });
  afterAll(() => opened.drop());

  it.each([
    ['on one target', 'REPEATABLE READ', () => 's.items'],
    ['on one target', 'SERIALIZABLE', () => 's.items'],
    ['on a target each', 'REPEATABLE READ', (n: number) => `s.items_${n % FEEDS}`],
    ['on a target each', 'SERIALIZABLE', (n: number) => `s.items_${n % FEEDS}`],
  ] as const)(
    '%s meet no deadlock and no isolation error, and the ledger is exact: %s',
    async (_, isolation, targetOf) => {
      const [first] = opened.sessions;
      if (first === undefined) throw new Error('sessions expected');
      await first.run('DROP SCHEMA IF EXISTS s CASCADE');
      await first.run('DROP SCHEMA IF EXISTS millrace CASCADE');
      for (let n = 0; n < FEEDS; n += 1) {
        const existing = prepareStatements(feedOf(n, targetOf(n)));
        for (const sql of existing) await first.run(sql.replace(/^CREATE VIEW/, 'CREATE OR REPLACE VIEW'));
      }
      const isSerializable = isolation === 'SERIALIZABLE';
      if (isSerializable) for (const sql of prepareLedgerMutex()) await first.run(sql);

      await Promise.all(
        opened.sessions.map((session, n) => {
          const contract = feedOf(n % FEEDS, targetOf(n));
          const sqls = stageLoad(contract, [batchOf(n, targetOf(n))], files, `load-${n}`, {}, isSerializable);
          return runBatch(session, sqls, undefined, isolation);
        }),
      );

      for (const target of new Set(opened.sessions.map((_, n) => targetOf(n)))) {
        const batches = opened.sessions.flatMap((_, n) =>
          targetOf(n) === target ? [batchOf(n, target)] : [],
        );
        const contract = feedOf(0, target);
        expect(await readTables(first, contract)).toEqual(
          expectTables(contract, modelTables(contract, batches)),
        );
      }
      const ledger = await first.run(
        `SELECT COUNT(*)::int AS rows, COUNT(DISTINCT (feed, batch, seal))::int AS batches, SUM(staged)::int AS staged,
        SUM(staged - duplicate - stale - inserted - updated)::int AS unaccounted, SUM(inserted - deleted)::int AS grown FROM millrace.ledger`,
      );
      const targets = new Set(opened.sessions.map((_, n) => targetOf(n))).size;
      expect(ledger).toEqual([
        { rows: LOADS, batches: LOADS, staged: 3 * LOADS, unaccounted: 0, grown: LOADS + 2 * targets },
      ]);
    },
  );
});
