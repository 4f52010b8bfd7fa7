import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { realClock } from '../clock.ts';
import type { ExecutionRecord } from '../local-cloud.ts';
import { openSqlite } from '../open-sqlite.ts';
import { type CallJournal, openCallJournal } from './call-journal.ts';

/** An event or a schedule's time, on its way to a state machine. */
export interface Delivery {
  readonly id: string;
  readonly machine: string;
  readonly name: string;
  readonly trigger: string;
  /** JSON text. */
  readonly input: string;
}

export interface Ending {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT';
  readonly stopTime: string;
  readonly output?: string | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
  readonly failedState?: string | undefined;
}

/**
 * What was promised, on disk before anybody is told: a delivery once journaled is started, and started again after a
 * crash, until its execution has ended.
 */
export interface Journal {
  /** Journals an event's deliveries at once; false, and nothing done, for an event that it has already. */
  takeEvent(eventId: string, deliveries: readonly Delivery[]): boolean;
  add(deliveries: readonly Delivery[]): void;
  /** Machines that have deliveries whose execution has not ended. */
  unendedMachines(): readonly string[];
  /** A machine's first deliveries whose execution has not ended, in order. */
  unended(machine: string, limit: number): readonly ExecutionRecord[];
  countUnended(): number;
  started(id: string, startTime: string, traceId: string): ExecutionRecord;
  ended(id: string, ending: Ending): ExecutionRecord;
  all(): readonly ExecutionRecord[];
  /** Calls of functions that nobody waits for. */
  readonly calls: CallJournal;
  close(): void;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, takenAt INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS executions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    machine TEXT NOT NULL,
    name TEXT NOT NULL,
    trigger TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'DUE',
    input TEXT NOT NULL,
    starts INTEGER NOT NULL DEFAULT 0,
    startTime TEXT, stopTime TEXT, output TEXT, error TEXT, cause TEXT, failedState TEXT, traceId TEXT
  );
  CREATE INDEX IF NOT EXISTS unended_of ON executions (machine, seq) WHERE stopTime IS NULL;
  DROP INDEX IF EXISTS unended;
`;

const optionalText = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);
const row = z.object({
  id: z.string(),
  machine: z.string(),
  name: z.string(),
  trigger: z.string(),
  status: z.enum(['DUE', 'RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT']),
  input: z.string(),
  starts: z.number(),
  startTime: optionalText,
  stopTime: optionalText,
  output: optionalText,
  error: optionalText,
  cause: optionalText,
  failedState: optionalText,
  traceId: optionalText,
});

const machineOf = row.pick({ machine: true });

/** Absent fields are left out, so that records compare and print well. */
const toRecord = (raw: unknown): ExecutionRecord => {
  const { startTime, stopTime, output, error, cause, failedState, traceId, ...rest } = row.parse(raw);
  return {
    ...rest,
    ...(startTime !== undefined && { startTime }),
    ...(stopTime !== undefined && { stopTime }),
    ...(output !== undefined && { output }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    ...(failedState !== undefined && { failedState }),
    ...(traceId !== undefined && { traceId }),
  };
};

/** What has ended is kept so long, and so many of it, the newest; what is due or running is kept for ever. */
export const KEPT_DAYS = 30;
export const KEPT_EXECUTIONS = 20_000;

/** Drops history that no restart needs: ended executions, and events so old that nobody delivers them again. */
const prune = (db: DatabaseSync, now: number): void => {
  const before = now - KEPT_DAYS * 86_400_000;
  db.prepare('DELETE FROM executions WHERE stopTime < ?').run(new Date(before).toISOString());
  db.prepare(
    `DELETE FROM executions WHERE stopTime IS NOT NULL AND seq <=
     (SELECT seq FROM executions WHERE stopTime IS NOT NULL ORDER BY seq DESC LIMIT 1 OFFSET ?)`,
  ).run(KEPT_EXECUTIONS);
  db.prepare('DELETE FROM events WHERE takenAt < ?').run(before);
};

/** Opens `<data>/journal.sqlite`, and drops what is too old in it. */
export const openJournal = (file: string, now: () => number = realClock.now): Journal => {
  const data = dirname(file);
  const db = openSqlite(file, { data, madeAfter: join(data, 's3') });
  db.exec(SCHEMA);
  // A journal of an earlier version has no times of events; those count from now.
  const hasTimes = db.prepare("SELECT 1 FROM pragma_table_info('events') WHERE name = 'takenAt'").get();
  if (hasTimes === undefined) {
    db.exec(`ALTER TABLE events ADD COLUMN takenAt INTEGER NOT NULL DEFAULT ${Math.floor(now())}`);
  }
  prune(db, now());
  const insertEvent = db.prepare('INSERT OR IGNORE INTO events (id, takenAt) VALUES (?, ?)');
  const insert = db.prepare(
    'INSERT INTO executions (id, machine, name, trigger, input) VALUES (?, ?, ?, ?, ?)',
  );
  const start = db.prepare(
    "UPDATE executions SET status = 'RUNNING', starts = starts + 1, startTime = ?, traceId = ? WHERE id = ? RETURNING *",
  );
  const end = db.prepare(
    'UPDATE executions SET status = ?, stopTime = ?, output = ?, error = ?, cause = ?, failedState = ? WHERE id = ? RETURNING *',
  );
  const machines = db.prepare('SELECT DISTINCT machine FROM executions WHERE stopTime IS NULL');
  const unended = db.prepare(
    'SELECT * FROM executions WHERE machine = ? AND stopTime IS NULL ORDER BY seq LIMIT ?',
  );
  const count = db.prepare('SELECT count(*) AS n FROM executions WHERE stopTime IS NULL');
  const all = db.prepare('SELECT * FROM executions ORDER BY seq');
  const addAll = (deliveries: readonly Delivery[]): void => {
    for (const { id, machine, name, trigger, input } of deliveries)
      insert.run(id, machine, name, trigger, input);
  };
  const inTransaction = <T>(work: () => T): T => {
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      db.exec('COMMIT');
      return result;
    } catch (error) {
      db.exec('ROLLBACK');
      throw error;
    }
  };
  return {
    takeEvent: (eventId, deliveries) =>
      inTransaction(() => {
        if (insertEvent.run(eventId, now()).changes === 0) return false;
        addAll(deliveries);
        return true;
      }),
    add: (deliveries) => inTransaction(() => addAll(deliveries)),
    unendedMachines: () => machines.all().map((one) => machineOf.parse(one).machine),
    unended: (machine, limit) => unended.all(machine, limit).map(toRecord),
    countUnended: () => Number(count.get()?.n ?? 0),
    started: (id, startTime, traceId) => toRecord(start.get(startTime, traceId, id)),
    ended: (id, { status, stopTime, output, error, cause, failedState }) =>
      toRecord(
        end.get(status, stopTime, output ?? null, error ?? null, cause ?? null, failedState ?? null, id),
      ),
    all: () => all.all().map(toRecord),
    calls: openCallJournal(db),
    close: () => db.close(),
  };
};
