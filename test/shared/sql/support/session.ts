import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { newPglite } from './new-pglite.ts';

/** One database session that takes Redshift's SQL as far as a load uses it: types and COPY are put into Postgres's. */
export interface Session {
  run(sql: string): Promise<readonly Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** What COPY finds under a manifest's URL: rows in the order of its column list. */
export type StagedFiles = Map<string, readonly (readonly (string | null)[])[]>;

/** Or a query for them, where there are too many. */
type Staged = ReadonlyMap<string, string | readonly (readonly (string | null)[])[]>;

const BOOTSTRAP = `SET TIME ZONE 'UTC';
CREATE OR REPLACE FUNCTION getdate() RETURNS timestamp LANGUAGE sql AS 'SELECT clock_timestamp()::timestamp';
CREATE OR REPLACE FUNCTION sysdate() RETURNS timestamp LANGUAGE sql STABLE AS 'SELECT transaction_timestamp()::timestamp';
CREATE OR REPLACE VIEW svv_columns AS SELECT table_schema::text, table_name::text, column_name::text,
  CASE WHEN data_type = 'jsonb' THEN 'super' ELSE data_type::text END AS data_type,
  character_maximum_length::int, numeric_precision::int, numeric_scale::int,
  table_catalog::text, column_default::text, is_nullable::text FROM information_schema.columns`;

const COPY = /^COPY ("[\w$]+") \((.*)\)\nFROM '([^']*)'/;

const literal = (value: string | null): string =>
  value === null ? 'NULL' : `'${value.replaceAll("'", "''")}'`;

const toPostgres = (sql: string, files: Staged): string => {
  const copy = COPY.exec(sql);
  if (copy === null)
    return sql
      .replaceAll(/(" )SUPER\b/g, '$1JSONB')
      .replaceAll('SYSDATE', 'sysdate()')
      .replace(' WITH NO SCHEMA BINDING', '');
  const [, stage, columns, manifest = ''] = copy;
  const rows = files.get(manifest);
  if (rows === undefined) throw new Error(`no such manifest ${manifest}`);
  if (typeof rows === 'string') return `INSERT INTO ${stage} (${columns}) ${rows}`;
  return `INSERT INTO ${stage} (${columns}) VALUES ${rows.map((row) => `(${row.map(literal).join(', ')})`).join(', ')}`;
};

export const openPglite = async (files: Staged): Promise<Session> => {
  const db = await newPglite();
  await db.exec(BOOTSTRAP);
  return {
    run: async (sql) => (await db.query<Record<string, unknown>>(toPostgres(sql, files))).rows,
    close: () => db.close(),
  };
};

/** The server for what takes several real sessions, as a URL of a role that may create databases; nothing else is asked. */
const url = process.env.MILLRACE_POSTGRES;

/** Whether there is a server for several sessions; says so where there is none. */
export const hasPostgres = (): boolean => {
  if (url === undefined)
    console.warn('MILLRACE_POSTGRES names no Postgres: tests of several sessions are skipped');
  return url !== undefined;
};

/** Opens sessions on a database of their own, of a random name, dropped when all are closed. */
export const openPostgres = async (
  files: Staged,
  sessions: number,
): Promise<{ readonly sessions: readonly Session[]; drop(): Promise<void> }> => {
  if (url === undefined) throw new Error('MILLRACE_POSTGRES is not set');
  const name = `millrace_test_${randomUUID().replaceAll('-', '')}`;
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  const clients = Array.from({ length: sessions }, () => new pg.Client({ connectionString: own.href }));
  for (const client of clients) {
    await client.connect();
    await client.query(BOOTSTRAP);
  }
  return {
    sessions: clients.map((client) => ({
      run: async (sql) => (await client.query(toPostgres(sql, files))).rows,
      close: () => client.end(),
    })),
    drop: async () => {
      for (const client of clients) await client.end();
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    },
  };
};
