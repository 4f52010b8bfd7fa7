import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { prepareStatements } from '../../../shared/sql/prepare-statements.ts';
import { families } from './support/generate.ts';
import { runBatch, stageLoad } from './support/loading.ts';
import type { ModelBatch } from './support/model.ts';
import { openPglite, type Session, type StagedFiles } from './support/session.ts';

const files: StagedFiles = new Map();
const contract = families['merge with tombstones and children'] ?? expect.unreachable('a family expected');
let session: Session;
beforeAll(async () => {
  session = await openPglite(files);
});
afterAll(() => session.close());
beforeEach(async () => {
  for (const schema of ['s', 'millrace']) await session.run(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  for (const statement of prepareStatements(contract)) await session.run(statement);
});

const load = (n: number, tables: ModelBatch['tables']) => {
  const batch = `w-2026010${n}T000000000Z`;
  const sealed = { batch, seal: `seal-${n}`, observed: `2026-01-0${n}T00:00:00.000Z`, tables };
  return runBatch(session, stageLoad(contract, [sealed], files, batch));
};
const item = (version: number) => ({ values: { id: 'a', version, value: version }, row: 1, parentRow: null });
const gone = (version: number) => ({ values: { id: 'a', version }, row: 1, parentRow: null });
const versions = () => session.run('SELECT version::int FROM s.roots');
const tableOfKept = async () => {
  const [table] = await session.run(
    "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'deleted_%'",
  );
  return `millrace.${table?.table_name}`;
};
const kept = async () => session.run(`SELECT version::int FROM ${await tableOfKept()}`);

describe('a tombstone', () => {
  it('is kept, so that an older version which is loaded later stays away', async () => {
    await load(1, { 's.roots$deleted': [gone(2)] });
    await load(2, { 's.roots': [item(1)] });
    expect(await versions()).toEqual([]);
    await load(3, { 's.roots': [item(3)] });
    expect(await versions()).toEqual([{ version: 3 }]);
  });

  it('is no row of a table, for those who read the views', async () => {
    await load(1, { 's.roots': [item(1)], 's.roots$deleted': [gone(2)] });
    const counts = 'tables::int, staged::int, inserted::int';
    const [{ tables = 0 } = {}] = await session.run(
      "SELECT COUNT(DISTINCT target)::int AS tables FROM millrace.ledger WHERE target NOT LIKE '%$%'",
    );
    expect(tables).toBeGreaterThan(0);
    for (const view of ['feeds', 'batches'])
      expect(await session.run(`SELECT ${counts} FROM millrace.${view}`)).toEqual([
        { tables, staged: 1, inserted: 0 },
      ]);
  });

  it('deletes the record of its own batch and version', async () => {
    await load(1, { 's.roots': [item(2)], 's.roots$deleted': [gone(2)] });
    expect(await versions()).toEqual([]);
  });

  it('goes thirty days after its load', async () => {
    await load(1, { 's.roots$deleted': [gone(2)] });
    expect(await kept()).toEqual([{ version: 2 }]);
    const back = async (days: number) =>
      session.run(`UPDATE ${await tableOfKept()} SET _loaded_at = now() - INTERVAL '${days} days'`);
    await back(29);
    await load(2, { 's.roots': [item(1)] });
    expect([await kept(), await versions()]).toEqual([[{ version: 2 }], []]);
    await back(31);
    await load(3, { 's.roots$deleted': [gone(5)] });
    expect(await kept()).toEqual([{ version: 5 }]);
  });
});
