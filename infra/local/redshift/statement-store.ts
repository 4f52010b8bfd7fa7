import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { openSqlite } from '../open-sqlite.ts';
import {
  type Outcome,
  parseOutcome,
  type Statement,
  type Status,
  status as statusSchema,
} from './statement.ts';

/** The Data API remembers a token for 8 hours and a result for 24 (docs.aws.amazon.com/redshift/latest/mgmt/data-api.html). */
const TOKEN_MS = 8 * 3_600_000;
export const RESULT_MS = 24 * 3_600_000;

export interface NewStatement {
  readonly id: string;
  readonly name: string | undefined;
  readonly sqls: readonly string[];
  readonly isBatch: boolean;
  readonly withEvent: boolean;
  readonly token: string | undefined;
  readonly role: string | undefined;
  readonly createdMs: number;
}

/**
 * Requests and what became of them, kept through a kill: each call has committed when it returns. A request that ended 24
 * hours ago is not there any more.
 */
export interface StatementStore {
  /** Keeps a request, or gives the one that its token stands for. */
  add(statement: NewStatement): Statement;
  get(id: string): Statement | undefined;
  /** Newest first. */
  list(): readonly Statement[];
  /** Those that are not final, oldest first. */
  unfinished(): readonly Statement[];
  setStatus(id: string, status: Status, atMs: number): void;
  /** Keeps the outcome and, in the same transaction, does what `also` does. */
  finish(id: string, outcome: Outcome, atMs: number, also: () => void): void;
}

/** `now` in epoch milliseconds. */
export const openStatementStore = (database: DatabaseSync, now: () => number): StatementStore => {
  const { insert, byId, byToken, all, open, update, remove } = prepareQueries(database);
  const parse = outcomeParser();
  const toStatement = (row: Record<string, unknown> | undefined) => readStatement(row, parse);
  const get = (id: string): Statement | undefined => toStatement(byId.get(id, now() - RESULT_MS));
  const forget = (): void => {
    remove.run(now() - RESULT_MS);
  };
  forget();
  return {
    add: (statement) => {
      forget();
      const { id, token, createdMs } = statement;
      const known = token === undefined ? undefined : byToken.get(token, createdMs - TOKEN_MS);
      const earlier = toStatement(known);
      if (earlier !== undefined) return earlier;
      insert.run(...toRow(statement));
      const added = get(id);
      if (added === undefined) throw new Error(`statement ${id} was not kept`);
      return added;
    },
    get,
    list: () => all.all(now() - RESULT_MS).flatMap((row) => toStatement(row) ?? []),
    unfinished: () => open.all().flatMap((row) => toStatement(row) ?? []),
    setStatus: (id, status, atMs) => {
      update.run(status, atMs, null, id);
    },
    finish: (id, outcome, atMs, also) => {
      database.exec('BEGIN IMMEDIATE');
      try {
        update.run(outcome.status, atMs, JSON.stringify(outcome), id);
        also();
        database.exec('COMMIT');
      } catch (cause) {
        database.exec('ROLLBACK');
        throw cause;
      }
    },
  };
};

const toRow = ({ id, name, sqls, isBatch, withEvent, token, role, createdMs }: NewStatement) => {
  const flags = [Number(isBatch), Number(withEvent)];
  return [
    id,
    name ?? null,
    JSON.stringify(sqls),
    ...flags,
    token ?? null,
    role ?? null,
    createdMs,
    createdMs,
  ] as const;
};

const prepareQueries = (database: DatabaseSync) => {
  database.exec(`CREATE TABLE IF NOT EXISTS statement (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, name TEXT, sqls TEXT NOT NULL, is_batch INTEGER NOT NULL,
    with_event INTEGER NOT NULL, token TEXT, role TEXT, status TEXT NOT NULL, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, outcome TEXT)`);
  const isGone = 'outcome IS NOT NULL AND updated_ms < ?';
  return {
    insert: database.prepare(
      `INSERT INTO statement (id, name, sqls, is_batch, with_event, token, role, status, created_ms, updated_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'SUBMITTED', ?, ?)`,
    ),
    byId: database.prepare(`SELECT * FROM statement WHERE id = ? AND NOT (${isGone})`),
    byToken: database.prepare('SELECT * FROM statement WHERE token = ? AND created_ms > ?'),
    all: database.prepare(`SELECT * FROM statement WHERE NOT (${isGone}) ORDER BY number DESC`),
    open: database.prepare(
      `SELECT * FROM statement WHERE status IN ('SUBMITTED', 'PICKED', 'STARTED') ORDER BY number`,
    ),
    update: database.prepare(
      'UPDATE statement SET status = ?, updated_ms = ?, outcome = coalesce(?, outcome) WHERE id = ?',
    ),
    remove: database.prepare(`DELETE FROM statement WHERE ${isGone}`),
  };
};

/** Parses outcomes, the same one again at once: a large result is asked for page by page. */
const outcomeParser = (): ((text: string) => Outcome) => {
  let last: { readonly text: string; readonly outcome: Outcome } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, outcome: parseOutcome(text) };
    return last.outcome;
  };
};

const sqlsSchema = z.array(z.string());

const readStatement = (
  row: Record<string, unknown> | undefined,
  parse: (text: string) => Outcome,
): Statement | undefined => {
  if (row === undefined) return undefined;
  return {
    id: String(row.id),
    number: Number(row.number),
    name: row.name === null ? undefined : String(row.name),
    sqls: sqlsSchema.parse(JSON.parse(String(row.sqls))),
    isBatch: row.is_batch === 1,
    withEvent: row.with_event === 1,
    role: row.role === null ? undefined : String(row.role),
    status: statusSchema.parse(row.status),
    createdMs: Number(row.created_ms),
    updatedMs: Number(row.updated_ms),
    outcome: row.outcome === null ? undefined : parse(String(row.outcome)),
  };
};

/** Opens the file of the journal, which one process has at a time. */
export const openJournal = (path: string): DatabaseSync => {
  const database = openSqlite(path, { data: dirname(dirname(path)) });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  return database;
};
