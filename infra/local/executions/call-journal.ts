import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';

const call = z.strictObject({
  requestId: z.string(),
  functionArn: z.string(),
  /** JSON text. */
  payload: z.string(),
  traceId: z.string(),
  /** The state's subsegment. */
  parent: z.string(),
});

/** A call of a function whose caller does not wait. */
export type AsyncCall = z.infer<typeof call>;

/** Calls that were taken over, on disk until they have ended: what was promised is done, whatever stops the cloud. */
export interface CallJournal {
  add(call: AsyncCall): void;
  drop(requestId: string): void;
  all(): readonly AsyncCall[];
}

/** Opens the table of calls in the journal's database. */
export const openCallJournal = (db: DatabaseSync): CallJournal => {
  db.exec('CREATE TABLE IF NOT EXISTS calls (requestId TEXT PRIMARY KEY, call TEXT NOT NULL) WITHOUT ROWID');
  const insert = db.prepare('INSERT INTO calls (requestId, call) VALUES (?, ?)');
  const remove = db.prepare('DELETE FROM calls WHERE requestId = ?');
  const all = db.prepare('SELECT call FROM calls ORDER BY requestId');
  return {
    add: (one) => void insert.run(one.requestId, JSON.stringify(one)),
    drop: (requestId) => void remove.run(requestId),
    all: () => all.all().map((row) => call.parse(JSON.parse(String(row.call)))),
  };
};
