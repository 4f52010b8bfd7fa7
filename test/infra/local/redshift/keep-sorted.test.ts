import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openObjectSource } from '../../../../infra/local/redshift/copy/object-source.ts';
import { openPostgres, type Postgres } from '../../../../infra/local/redshift/postgres.ts';
import { runStatements } from '../../../../infra/local/redshift/run-statements.ts';
import { metColumns } from '../../../../infra/local/redshift/sql/met-column.ts';

let dir: string;
let postgres: Postgres;
const objects = openObjectSource('http://127.0.0.1:1', 'eu-central-1');
let requests = 0;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sorted-'));
  postgres = await openPostgres(dir);
}, 120_000);
afterAll(async () => {
  await postgres.close();
  objects.close();
  rmSync(dir, { recursive: true });
});

const finish = async (...sqls: readonly string[]): Promise<void> => {
  requests += 1;
  const times = { createdMs: 0, updatedMs: 0, outcome: undefined };
  const by = { name: undefined, role: undefined, withEvent: false, status: 'STARTED' as const };
  const isBatch = sqls.length > 1;
  const outcome = await runStatements(
    { id: `r-${requests}`, number: requests, sqls, isBatch, ...by, ...times },
    { postgres, objects, checkpoint: async () => {}, beforeStatement: () => {}, now: () => 0 },
  );
  expect(outcome).toMatchObject({ status: 'FINISHED' });
};

beforeEach(async () => {
  await postgres.run('DROP SCHEMA IF EXISTS s CASCADE');
  await finish('CREATE SCHEMA IF NOT EXISTS s');
  await finish('CREATE TABLE s.t (id BIGINT NOT NULL, code VARCHAR(40), long VARCHAR(60000), v INT)');
  await finish("INSERT INTO s.t SELECT 1, 'a', 'b', 2");
});

const indexes = async (): Promise<readonly string[]> => {
  const { rows } = await postgres.query("SELECT indexdef FROM pg_indexes WHERE schemaname = 's'");
  return rows.map(([text]) => text?.replace(/^.* USING /, '') ?? '');
};

const change = (column: string): readonly string[] => [
  `CREATE TEMP TABLE p AS SELECT ${column}, v FROM s.t`,
  `UPDATE s.t SET v = p.v FROM p WHERE "t".${column} = p.${column} AND p.v > 0`,
  `DELETE FROM s.t USING p WHERE t.${column} = p.${column} AND p.v = 0`,
];

it('keeps an index of the column by which rows are changed, and one alone', async () => {
  await finish(...change('id'));
  await finish(...change('id'));
  expect(await indexes()).toEqual(['btree (id)']);
});

it('keeps one for what a procedure does', async () => {
  const [made, ...changes] = change('code');
  const executes = changes.map((sql) => `EXECUTE '${sql.replaceAll("'", "''")}';`).join(' ');
  const procedure = `CREATE OR REPLACE PROCEDURE s.p() AS $$ BEGIN ${executes} END; $$ LANGUAGE plpgsql`;
  await finish(made ?? '', procedure, 'CALL s.p()', 'DROP PROCEDURE s.p()');
  expect(await indexes()).toEqual(['btree (code)']);
});

it('keeps none of what may be too long for it, and lets a column get longer than that', async () => {
  await finish(...change('long'));
  await finish(...change('code'));
  await finish('ALTER TABLE s.t ALTER COLUMN code TYPE VARCHAR(65535)');
  await finish(`UPDATE s.t SET code = '${Array.from({ length: 4000 }, (_, n) => n.toString(36)).join('')}'`);
  await finish(...change('code'));
  expect(await indexes()).toEqual([]);
});

it('knows how many rows there are, as it has grown', async () => {
  await finish(...change('id'));
  for (let n = 0; n < 12; n += 1) await finish('INSERT INTO s.t SELECT id + 1, code, long, v FROM s.t');
  await finish(...change('id'));
  const { rows } = await postgres.query("SELECT reltuples FROM pg_class WHERE oid = 's.t'::regclass");
  expect(Number(rows[0]?.[0])).toBe(4096);
});

it('looks at nothing else', () => {
  for (const of of [undefined, {}, { SelectStmt: {} }, { UpdateStmt: { relation: { relname: 't' } } }])
    expect(metColumns(of)).toEqual([]);
});
