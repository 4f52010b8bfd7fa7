import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
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

/** A kill may leave a file without a page yet, which SQLite takes for a new database. */
const isAbsent = (file: string): boolean => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0;

/** Throws TerminalError where a file is gone or empty, and what is made after it is there. */
export const checkThere = (file: string, madeAfter: string, data: string): void => {
  if (isAbsent(file) && existsSync(madeAfter))
    throw damaged(file, `is gone or empty, while ${madeAfter} is there`, data);
};

const HEAD_BYTES = 100;
const MAGIC = 'SQLite format 3\0';

/** SQLITE_CORRUPT and SQLITE_NOTADB (sqlite.org/rescode.html). */
const DAMAGED_CODES: ReadonlySet<unknown> = new Set([11, 26]);

/**
 * Opens a SQLite file, or makes it, and checks its pages and indexes. Throws TerminalError, naming the file, where it is
 * damaged, or gone while what was made after it is there.
 */
export const openSqlite = (file: string, options: SqliteOptions): DatabaseSync => {
  const { data, madeAfter, patienceMs = 0 } = options;
  if (madeAfter !== undefined) checkThere(file, madeAfter, data);
  const isNew = isAbsent(file);
  if (!isNew) checkSize(file, data);
  const database = openPrivateDatabase(file, { timeout: patienceMs });
  if (isNew) return database;
  try {
    const found = database.prepare('PRAGMA quick_check(1)').get()?.quick_check;
    if (found !== 'ok') throw damaged(file, `is no whole SQLite database (${toLine(found)})`, data);
    return database;
  } catch (cause) {
    database.close();
    throw isDamage(cause)
      ? damaged(file, `is no whole SQLite database (${toLine(cause.message)})`, data, cause)
      : cause;
  }
};

/** What SQLite finds it says in several lines, and a message is one. */
const toLine = (text: unknown): string => String(text).replaceAll(/\s+/g, ' ').trim();

/**
 * SQLite fills a page that was cut up with zeros, which may pass for a page. The head says how many pages there are (sqlite.org/fileformat.html, 1.3);
 * a log beside the file, as a kill leaves one, has newer pages than that.
 */
const checkSize = (file: string, data: string): void => {
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) return;
  const head = readHead(file);
  const pageBytes = head.readUInt16BE(16);
  const bytes = (pageBytes === 1 ? 65_536 : pageBytes) * head.readUInt32BE(28);
  const found = statSync(file).size;
  if (found < bytes) {
    throw damaged(file, `is no whole SQLite database (it has ${found} bytes, its head says ${bytes})`, data);
  }
};

/** What is shorter, or has no such head, SQLite itself refuses. */
const readHead = (file: string): Buffer => {
  const head = Buffer.alloc(HEAD_BYTES);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, head, 0, HEAD_BYTES, 0);
  } finally {
    closeSync(descriptor);
  }
  return head.toString('latin1', 0, MAGIC.length) === MAGIC ? head : Buffer.alloc(HEAD_BYTES);
};

/** Whether SQLite says that a file is none of its own, or no longer whole. */
export const isDamage = (cause: unknown): cause is Error =>
  cause instanceof Error &&
  'errcode' in cause &&
  typeof cause.errcode === 'number' &&
  DAMAGED_CODES.has(cause.errcode & 0xff);
