import { existsSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { damaged } from './damaged.ts';
import { openPrivateDatabase } from './private-files.ts';

export interface SqliteOptions {
  /** The data folder, which the message of a damaged file names. */
  readonly data: string;
  /** What is made after the file: where it is there, the file was. @default - nothing is */
  readonly madeAfter?: string;
  /** How long another process that has the file is waited for. @default 0 */
  readonly patienceMs?: number;
}

/** SQLITE_CORRUPT and SQLITE_NOTADB (sqlite.org/rescode.html). */
const DAMAGED_CODES: ReadonlySet<unknown> = new Set([11, 26]);

/**
 * Opens a SQLite file, or makes it, and checks its pages and indexes. Throws TerminalError, naming the file, where it is
 * damaged, or gone while what was made after it is there.
 */
export const openSqlite = (file: string, options: SqliteOptions): DatabaseSync => {
  const { data, madeAfter, patienceMs = 0 } = options;
  // A kill may leave a file without a page yet, which SQLite takes for a new database.
  const isNew = !existsSync(file) || statSync(file).size === 0;
  if (isNew && madeAfter !== undefined && existsSync(madeAfter)) {
    throw damaged(file, `is gone or empty, while ${madeAfter} is there`, data);
  }
  const database = openPrivateDatabase(file, { timeout: patienceMs });
  if (isNew) return database;
  try {
    const found = database.prepare('PRAGMA quick_check(1)').get()?.quick_check;
    if (found !== 'ok') throw damaged(file, `is no whole SQLite database (${found})`, data);
    return database;
  } catch (cause) {
    database.close();
    throw isDamage(cause)
      ? damaged(file, `is no whole SQLite database (${cause.message})`, data, cause)
      : cause;
  }
};

/** Whether SQLite says that a file is none of its own, or no longer whole. */
export const isDamage = (cause: unknown): cause is Error =>
  cause instanceof Error &&
  'errcode' in cause &&
  typeof cause.errcode === 'number' &&
  DAMAGED_CODES.has(cause.errcode & 0xff);
