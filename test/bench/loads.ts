import { withRecordHash } from '../../shared/model/record-hash.ts';
import { prepareStatements } from '../../shared/sql/prepare-statements.ts';
import { workItems } from '../shared/sql/support/contracts.ts';
import { runBatch, statementsOf } from '../shared/sql/support/loading.ts';
import { hasPostgres, openPglite, openPostgres, type Session } from '../shared/sql/support/session.ts';
import { round } from './compare-stages.ts';

/**
 * What a load costs by what its target holds: a batch of 10,000 work items with a comment each, of which one half is there, and a half of those has
 * changed. On the embedded engine, and on the Postgres that MILLRACE_POSTGRES names.
 */

const contract = withRecordHash(workItems);
const BATCH = 10_000;
const LOADS = 3;

/** Work items or comments numbered `i`; those from `changedFrom` on are in another state than they were. */
const series = (table: string, from: number, to: number, changedFrom: number, batch: string): string => {
  const state = `CASE WHEN i >= ${changedFrom} THEN 2 ELSE 1 END`;
  const place = `'${batch}', i - ${from} + 1`;
  const rows = `FROM generate_series(${from}::bigint, ${to}::bigint) i`;
  return table === 'ewm.comments'
    ? `SELECT i, 1, 'comment ' || i || repeat('x', 200), ${place}, i - ${from} + 1 ${rows}`
    : `SELECT i, 'summary ' || i || repeat('y', 100), TIMESTAMPTZ '2026-01-01 00:00:00+00', md5(i || '/' || ${state})::varchar(22), ${place} ${rows}`;
};

const fill = async (session: Session, from: number, to: number): Promise<void> => {
  const at = "TIMESTAMPTZ '2026-01-01 00:00:00+00'";
  const items = series('ewm.work_items', from, to, to + 1, 'fill');
  await session.run(
    `INSERT INTO ewm.work_items (item_id, summary, modified, _hash, _batch, _row, _observed, _loaded_at) SELECT s.*, ${at}, ${at} FROM (${items}) s`,
  );
  // A hash that is of the row beside it, with no count of comments.
  await session.run(
    `UPDATE ewm.work_items SET _hash = _hash || '.x ' || _row || ' fill' WHERE item_id >= ${from}`,
  );
  await session.run(
    `INSERT INTO ewm.comments (item_id, position, content, _batch, _row, _parent_row, _observed, _loaded_at) SELECT s.*, ${at}, ${at} FROM (${series('ewm.comments', from, to, 0, 'fill')}) s`,
  );
  await session.run('VACUUM ANALYZE');
};

const scansOf = async (session: Session): Promise<Readonly<Record<string, number>>> => {
  const rows = await session.run(
    "SELECT relname, (seq_scan + COALESCE(idx_scan, 0))::int AS scans FROM pg_stat_xact_user_tables WHERE relname IN ('work_items', 'comments')",
  );
  return Object.fromEntries(rows.map(({ relname, scans }) => [relname, Number(scans)]));
};

const measureOne = async (session: Session, files: Map<string, string>, n: number, held: number) => {
  const batch = `w-${String(held + n).padStart(10, '0')}`;
  const from = held - BATCH / 2 + n;
  for (const { table } of contract.tables)
    files.set(`s3://bucket/${table}`, series(table, from, from + BATCH - 1, held - BATCH / 4, batch));
  const rows = Object.fromEntries(contract.tables.map(({ table }) => [table, BATCH]));
  const observed = '2026-01-02T00:00:00.000Z';
  const statements = statementsOf(
    contract,
    [{ batch, seal: batch, observed, rows, rejected: 0 }],
    (table) => `s3://bucket/${table}`,
  );
  const before = await scansOf(session);
  let scans: Readonly<Record<string, number>> = {};
  const started = performance.now();
  await runBatch(session, statements, async () => {
    scans = await scansOf(session);
  });
  const seconds = (performance.now() - started) / 1000;
  const scanned = Object.entries(scans).map(([table, count]) => [table, count - (before[table] ?? 0)]);
  return { seconds, statements: statements.length, scans: Object.fromEntries(scanned) };
};

const measureOn = async (session: Session, files: Map<string, string>, sizes: readonly number[]) => {
  for (const statement of prepareStatements(contract)) await session.run(statement);
  const figures: Record<string, object> = {};
  let held = 0;
  let first: number | undefined;
  for (const size of sizes) {
    await fill(session, held + 1, size);
    const runs = [];
    for (let n = 1; n <= LOADS; n += 1) runs.push(await measureOne(session, files, n, size));
    held = size + BATCH;
    const best = runs.toSorted((a, b) => a.seconds - b.seconds)[0];
    if (best === undefined) continue;
    first ??= best.seconds;
    figures[size] = {
      seconds: round(best.seconds),
      rowsPerSecond: Math.round((2 * BATCH) / best.seconds),
      timesTheFirst: round(best.seconds / first),
      statements: best.statements,
      scans: best.scans,
    };
  }
  return figures;
};

/** Loads into targets of so many rows. */
export const measureLoads = async (sizes: readonly number[]): Promise<object> => {
  const files = new Map<string, string>();
  const embedded = await openPglite(files);
  const figures: Record<string, object> = {};
  try {
    figures.embedded = await measureOn(
      embedded,
      files,
      sizes.filter((size) => size <= 1_000_000),
    );
  } finally {
    await embedded.close();
  }
  if (!hasPostgres()) return { ...figures, postgres: 'skipped: MILLRACE_POSTGRES names none' };
  const { sessions, drop } = await openPostgres(files, 1);
  try {
    const [session] = sessions;
    if (session !== undefined) figures.postgres = await measureOn(session, files, sizes);
  } finally {
    await drop();
  }
  return figures;
};
