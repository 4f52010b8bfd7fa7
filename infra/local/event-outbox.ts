import type { DatabaseSync } from 'node:sqlite';
import { type BusEvent, busEvent, type FromChild } from './ipc.ts';

/** Events journaled in the transaction that commits what they tell of, and kept until the parent has them. */
export interface EventOutbox {
  /** Journals an event. Call it inside the transaction of what it tells of. */
  add(event: BusEvent): void;
  /** Sends, in commit order, each event not yet sent since the start. Call it after the transaction is committed. */
  deliver(): void;
  /** Forgets an event that the parent has taken over. */
  acknowledge(id: number): void;
  /** How many events are journaled and not acknowledged. */
  unacknowledged(): number;
}

/** Opens the outbox table of a child's own database. `send` is the channel to the parent. */
export const eventOutbox = (db: DatabaseSync, send: (message: FromChild) => void): EventOutbox => {
  db.exec('CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL)');
  const insert = db.prepare('INSERT INTO outbox (event) VALUES (?)');
  const unsent = db.prepare('SELECT id, event FROM outbox WHERE id > ? ORDER BY id LIMIT 100');
  const remove = db.prepare('DELETE FROM outbox WHERE id = ?');
  const count = db.prepare('SELECT count(*) AS n FROM outbox');
  let lastSent = 0;
  return {
    add: (event) => {
      insert.run(JSON.stringify(event));
    },
    deliver: () => {
      for (;;) {
        const rows = unsent.all(lastSent);
        if (rows.length === 0) return;
        for (const row of rows) {
          lastSent = Number(row.id);
          send({ type: 'event', id: lastSent, event: busEvent.parse(JSON.parse(String(row.event))) });
        }
      }
    },
    acknowledge: (id) => {
      remove.run(id);
    },
    unacknowledged: () => Number(count.get()?.n ?? 0),
  };
};
