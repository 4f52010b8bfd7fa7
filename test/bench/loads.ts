import { keepSorted } from '../../infra/local/redshift/keep-sorted.ts';
import { admitStatement } from '../../infra/local/redshift/sql/gate.ts';
import type { Contract } from '../../shared/model/contract.ts';
import { prepareStatements } from '../../shared/sql/prepare-statements.ts';
import { runBatch, statementsOf } from '../shared/sql/support/loading.ts';
import { hasPostgres, openPglite, openPostgres, type Session } from '../shared/sql/support/session.ts';
import { isHistory, LOAD_SHAPES, series } from './load-shapes.ts';
import { round } from './numbers.ts';

/**
 * What a load costs by what its target holds: a batch of 10,000 records, of which one half is there, and a half of those has changed. On the embedded
 * engine, as the local warehouse keeps its tables, and on the Postgres that MILLRACE_POSTGRES names.
 */

const BATCH = 10_000;
const LOADS = 3;

const fill = async (session: Session, contract: Contract, from: number, to: number): Promise<void> => {
  const at = "TIMESTAMPTZ '2026-01-01 00:00:00+00'";
  const items = series(contract, 'ewm.work_items', [from, to, to + 1], 'fill');
  const [validity, valid] = isHistory(contract)
    ? [', _valid_from, _valid_to, _is_current', ', s.modified, NULL, TRUE']
    : ['', ''];
  // A hash that is of the row beside it, with no count of comments.
  await session.run(
    `INSERT INTO ewm.work_items (item_id, summary, modified, _hash, _batch, _row, _observed, _loaded_at${validity}) SELECT s.item_id, s.summary, s.modified, s.hash || '.x ' || s.n || ' fill', s.batch, s.n, ${at}, ${at}${valid} FROM (${items}) s (item_id, summary, modified, hash, batch, n)`,
  );
  if (!isHistory(contract))
    await session.run(
      `INSERT INTO ewm.comments (item_id, position, content, _batch, _row, _parent_row, _observed, _loaded_at) SELECT s.*, ${at}, ${at} FROM (${series(contract, 'ewm.comments', [from, to, 0], 'fill')}) s`,
    );
  await session.run('VACUUM ANALYZE');
};

/** As the local warehouse runs statements, which keeps tables sorted by the columns that these meet them by. */
const asLocal = (session: Session): Session => {
  const postgres = {
    query: async (text: string) => ({
      columns: [],
      rows: (await session.run(text)).map((row) =>
        Object.values(row).map((value) =>
          typeof value === 'boolean' ? (String(value)[0] ?? '') : String(value),
        ),
      ),
    }),
    run: async (text: string) => (await session.run(text)).length,
    copyIn: async () => undefined,
    close: session.close,
  };
  return {
    close: session.close,
    run: async (sql) => {
      if (/^(UPDATE|DELETE) /.test(sql)) {
        const admitted = await admitStatement(sql, { isInTransaction: true });
        for (const met of admitted.kind === 'command' ? (admitted.met ?? []) : [])
          await keepSorted(met, postgres);
      }
      return session.run(sql);
    },
  };
};

const scansOf = async (session: Session): Promise<Readonly<Record<string, number>>> => {
  const rows = await session.run(
    "SELECT relname, (seq_scan + COALESCE(idx_scan, 0))::int AS scans FROM pg_stat_xact_user_tables WHERE relname IN ('work_items', 'comments')",
  );
  return Object.fromEntries(rows.map(({ relname, scans }) => [relname, Number(scans)]));
};

const measureOne = async ({ session, files, contract }: Measured, n: number, held: number) => {
  const batch = `w-${String(held + n).padStart(10, '0')}`;
  const from = held - BATCH / 2 + n;
  for (const { table } of contract.tables)
    files.set(
      `s3://bucket/${table}`,
      series(contract, table, [from, from + BATCH - 1, held - BATCH / 4], batch),
    );
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

interface Measured {
  readonly session: Session;
  readonly files: Map<string, string>;
  readonly contract: Contract;
}

const measureShape = async (measured: Measured, sizes: readonly number[]) => {
  const { session, contract } = measured;
  for (const schema of ['ewm', 'millrace']) await session.run(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  for (const statement of prepareStatements(contract)) await session.run(statement);
  const figures: Record<string, object> = {};
  let held = 0;
  let first: number | undefined;
  for (const size of sizes) {
    await fill(session, contract, held + 1, size);
    const runs = [];
    for (let n = 1; n <= LOADS; n += 1) runs.push(await measureOne(measured, n, size));
    held = size + BATCH;
    const best = runs.toSorted((a, b) => a.seconds - b.seconds)[0];
    if (best === undefined) continue;
    first ??= best.seconds;
    figures[size] = {
      seconds: round(best.seconds),
      rowsPerSecond: Math.round((contract.tables.length * BATCH) / best.seconds),
      timesTheFirst: round(best.seconds / first),
      statements: best.statements,
      scans: best.scans,
    };
  }
  return figures;
};

const measureOn = async (session: Session, files: Map<string, string>, sizes: readonly number[]) => {
  const figures: Record<string, object> = {};
  for (const [shape, contract] of Object.entries(LOAD_SHAPES))
    figures[shape] = await measureShape({ session, files, contract }, sizes);
  return figures;
};

/** Loads into targets of so many rows. */
export const measureLoads = async (sizes: readonly number[]): Promise<object> => {
  const files = new Map<string, string>();
  const embedded = await openPglite(files);
  const figures: Record<string, object> = {};
  try {
    figures.embedded = await measureOn(
      asLocal(embedded),
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
    if (session === undefined) return figures;
    // It compiles a statement for half a second anew each time; Redshift keeps what it compiled.
    await session.run('SET jit = off');
    figures.postgres = await measureOn(session, files, sizes);
  } finally {
    await drop();
  }
  return figures;
};
