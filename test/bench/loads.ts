import pg from 'pg';
import { withRecordHash } from '../../shared/model/record-hash.ts';
import { loadStatements } from '../../shared/sql/load-statements.ts';
import { prepareStatements } from '../../shared/sql/prepare-statements.ts';
import { workItems } from '../shared/sql/support/contracts.ts';
import { BOOTSTRAP, toPostgresTypes } from '../shared/sql/support/session.ts';

/**
 * What a load costs by what its target holds: a batch of 10,000 work items with a comment each, of which one half is there, and a half of those has
 * changed. On the server that MILLRACE_POSTGRES names.
 */

const contract = withRecordHash(workItems);
const BATCH = 10_000;

/** Rows of a work item or a comment from a series `i`, `version` by what is to have changed. */
const staged = (table: string, from: number, changedFrom: number, batch: string): string => {
  const version = `CASE WHEN i >= ${changedFrom} THEN 2 ELSE 1 END`;
  const hash = `md5(i || '/' || ${version})::varchar(22)`;
  const series = `FROM generate_series(${from}, ${from + BATCH - 1}) i`;
  return table.endsWith('comments')
    ? `SELECT i, 1, 'comment ' || i || ' ' || repeat('x', 200), '${batch}', i - ${from} + 1, i - ${from} + 1 ${series}`
    : `SELECT i, 'summary ' || i || ' ' || repeat('y', 100), TIMESTAMPTZ '2026-01-01 00:00:00+00', ${hash}, '${batch}', i - ${from} + 1 ${series}`;
};

const COPY = /^COPY ("[\w$]+") \((.*)\)\nFROM '([^']*)'/;

const load = async (client: pg.Client, n: number, from: number, changedFrom: number) => {
  const batch = `w-${String(n).padStart(8, '0')}`;
  const statements = loadStatements({
    feed: contract.feed,
    load: batch,
    contract,
    batches: [
      {
        batch,
        seal: batch,
        observed: '2026-01-02T00:00:00.000Z',
        rows: { 'ewm.work_items': BATCH, 'ewm.comments': BATCH },
        rejected: 0,
      },
    ],
    manifests: { 'ewm.work_items': 's3://ewm.work_items', 'ewm.comments': 's3://ewm.comments' },
    copyRole: 'role',
  });
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  const started = performance.now();
  const slow: [string, number][] = [];
  for (const sql of statements) {
    const at = performance.now();
    const copy = COPY.exec(sql);
    await client.query(
      copy === null
        ? toPostgresTypes(sql)
        : `INSERT INTO ${copy[1]} (${copy[2]}) ${staged(copy[3] ?? '', from, changedFrom, batch)}`,
    );
    slow.push([sql.slice(0, 60).replaceAll('\n', ' '), performance.now() - at]);
    if (sql.startsWith('COPY')) await client.query(`ANALYZE ${copy?.[1]}`);
  }
  await client.query('COMMIT');
  await client.query('DISCARD TEMP');
  return { seconds: (performance.now() - started) / 1000, slow, statements: statements.length };
};

const url = process.env.MILLRACE_POSTGRES;
if (url === undefined) throw new Error('MILLRACE_POSTGRES names no server');
const admin = new pg.Client({ connectionString: url });
await admin.connect();
await admin.query('DROP DATABASE IF EXISTS millrace_bench');
await admin.query('CREATE DATABASE millrace_bench');
const own = new URL(url);
own.pathname = '/millrace_bench';
const client = new pg.Client({ connectionString: own.href });
await client.connect();
await client.query(BOOTSTRAP);
for (const statement of prepareStatements(contract)) await client.query(toPostgresTypes(statement));
let held = 0;
for (const size of process.argv.slice(2).map(Number)) {
  await client.query(
    `INSERT INTO ewm.work_items SELECT i, 'summary ' || i || ' ' || repeat('y', 100), TIMESTAMPTZ '2026-01-01 00:00:00+00', md5(i || '/1')::varchar(22) || '.x.1 ' || i || ' fill', 'fill', i, '2026-01-01', '2026-01-01' FROM generate_series(${held + 1}, ${size}) i`,
  );
  await client.query(
    `INSERT INTO ewm.comments SELECT i, 1, 'comment ' || i || ' ' || repeat('x', 200), 'fill', i, '2026-01-01', '2026-01-01', i FROM generate_series(${held + 1}, ${size}) i`,
  );
  await client.query('VACUUM ANALYZE');
  held = size;
  const runs = [];
  for (let n = 1; n <= 3; n += 1)
    runs.push(await load(client, size + n, size - BATCH / 2 + 1 + n * 2, size - BATCH / 4));
  runs.sort((a, b) => a.seconds - b.seconds);
  console.log(size, runs.map(({ seconds }) => seconds.toFixed(2)).join(' '), runs[0]?.statements);
  for (const [sql, ms] of runs[0]?.slow ?? []) if (ms > 100) console.log('   ', ms.toFixed(0), sql);
}
await client.end();
await admin.query('DROP DATABASE millrace_bench WITH (FORCE)');
await admin.end();
