import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { damaged } from '../damaged.ts';
import { makePrivateFolder } from '../private-files.ts';
import { takeLock } from '../take-lock.ts';
import { readAnswer, toQueryMessage } from './answer.ts';
import { checkFiles, forgetSizes, keepSizes } from './file-sizes.ts';
import { createDatabase } from './new-database.ts';
import { REDSHIFT_FUNCTIONS } from './redshift-functions.ts';
import type { ResultColumn, ResultTable } from './result-table.ts';
import { QUALIFY_COLUMN } from './sql/rewrite-tree.ts';
import { SYSTEM_SCHEMA } from './system-objects.ts';
import { withoutOptimisation } from './webassembly-tier.ts';

/** The embedded Postgres, which has one session: whoever opens a transaction has to end it. */
export interface Postgres {
  query(text: string): Promise<ResultTable>;
  /** Runs one statement; gives the number of rows changed. */
  run(text: string): Promise<number>;
  /** Runs a COPY … FROM '/dev/blob' of these bytes. */
  copyIn(text: string, parts: readonly Buffer[]): Promise<void>;
  close(): Promise<void>;
}

/** Whether a warehouse was ever opened in this folder. */
export const hasWarehouse = (dir: string): boolean => existsSync(join(dir, 'pg'));

/**
 * Opens the warehouse in a folder, which it makes if need be, and locks it: PGlite itself would let two processes
 * write one folder. Throws TransientError, naming the process, while another has it open, and has it still after `patienceMs`.
 */
export const openPostgres = async (dir: string, patienceMs = 0): Promise<Postgres> => {
  makePrivateFolder(dir);
  const lock = takeLock(join(dir, 'lock'), patienceMs);
  try {
    if (!hasWarehouse(dir)) await createDatabase(dir);
    checkFiles(dir);
    forgetSizes(dir);
    const database = await openDatabase(dir);
    await installFunctions(database);
    return wrap(database, () => {
      keepSizes(dir);
      lock.release();
    });
  } catch (cause) {
    lock.release();
    throw cause;
  }
};

const openDatabase = async (dir: string): Promise<PGlite> => {
  try {
    return await withoutOptimisation(async () => {
      // Imported here: the installed command is CommonJS, and the package's own CommonJS finds its files by a URL in which a # or % of the path is not escaped.
      const { PGlite } = await import('@electric-sql/pglite');
      const database = await PGlite.create({ dataDir: join(dir, 'pg') });
      // Redshift's functions stand before those of the same name that Postgres has.
      await database.exec(`SET search_path = public, ${SYSTEM_SCHEMA}, pg_catalog; SET timezone = 'UTC'`);
      return database;
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw damaged(join(dir, 'pg'), `cannot be opened by Postgres (${reason})`, dirname(dir), cause);
  }
};

/** Once a warehouse and version of the functions, which the comment of their schema tells. */
const installFunctions = async (database: PGlite): Promise<void> => {
  const version = createHash('sha256').update(REDSHIFT_FUNCTIONS).digest('hex').slice(0, 16);
  const { rows } = await database.query<{ found: string | null }>(
    `SELECT obj_description('${SYSTEM_SCHEMA}'::regnamespace, 'pg_namespace') AS found`,
  );
  if (rows[0]?.found === version) return;
  await database.exec(
    `BEGIN; ${REDSHIFT_FUNCTIONS} COMMENT ON SCHEMA ${SYSTEM_SCHEMA} IS '${version}'; COMMIT`,
  );
};

/** The type number of jsonb, which SUPER is here. */
const SUPER = 3802;

/** Postgres writes jsonb with spaces, Redshift SUPER without. */
const toCompactJson = (json: string): string => json.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');

const withoutColumn = (table: ResultTable, name: string): ResultTable => {
  const isKept = table.columns.map((column) => column.name !== name);
  if (!isKept.includes(false)) return table;
  return {
    columns: table.columns.filter((_, at) => isKept[at]),
    rows: table.rows.map((row) => row.filter((_, at) => isKept[at])),
  };
};

const compactOf = (column: ResultColumn | undefined, value: string | null): string | null =>
  value !== null && column?.typeOid === SUPER ? toCompactJson(value) : value;

const wrap = (database: PGlite, release: () => void): Postgres => {
  return {
    query: async (text) => {
      const { data } = await database.execProtocol(toQueryMessage(text));
      const { columns, rows } = withoutColumn(readAnswer(data), QUALIFY_COLUMN);
      if (!columns.some(({ typeOid }) => typeOid === SUPER)) return { columns, rows };
      return { columns, rows: rows.map((row) => row.map((value, at) => compactOf(columns[at], value))) };
    },
    run: async (text) => (await database.query(text)).affectedRows ?? 0,
    copyIn: async (text, parts) => {
      await database.query(text, [], { blob: new Blob([...parts]) });
    },
    close: async () => {
      await database.close();
      release();
    },
  };
};
