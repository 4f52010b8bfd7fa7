import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { type EventOutbox, eventOutbox } from '../event-outbox.ts';
import type { FromChild } from '../ipc.ts';
import { makePrivateFolder } from '../private-files.ts';
import { type Blobs, openBlobs } from './blobs.ts';
import { openDatabase, transact } from './database.ts';
import { type Due, openDue } from './due.ts';
import { openUploads, type Uploads } from './uploads.ts';
import { openVersions, type Versions } from './versions.ts';

/** Everything that lasts: objects, open uploads and events that nobody has taken over yet. */
export interface Store {
  readonly blobs: Blobs;
  readonly versions: Versions;
  readonly uploads: Uploads;
  readonly due: Due;
  readonly outbox: EventOutbox;
  /** When the folder was made, epoch milliseconds. */
  readonly createdAt: number;
  /** Runs one transaction; afterwards its events are sent and the files that it released unlinked. */
  commit<T>(work: () => T): T;
  /** The next number of the store's clock, for the order of versions and events. Call it inside a transaction. */
  tick(): number;
  close(): void;
}

/** What cannot be opened leaves the index free for who comes next. */
const openOrClose = <T>(db: DatabaseSync, open: () => T): T => {
  try {
    return open();
  } catch (cause) {
    db.close();
    throw cause;
  }
};

/** Opens the store in a folder; what a killed process left half-done is gone. Waits while another process has it open. */
export const openStore = (dir: string, send: (message: FromChild) => void): Store => {
  makePrivateFolder(dir);
  const db = openDatabase(join(dir, 'index.sqlite'));
  const blobs = openOrClose(db, () => openBlobs(join(dir, 'blobs'), db));
  const outbox = eventOutbox(db, send);
  const advance = db.prepare('UPDATE clock SET n = n + 1 RETURNING n');
  return {
    blobs,
    versions: openVersions(db),
    uploads: openUploads(db),
    due: openDue(db),
    outbox,
    createdAt: statSync(dir).birthtimeMs,
    commit: (work) => {
      const result = transact(db, work);
      blobs.unlinkReleased();
      outbox.deliver();
      return result;
    },
    tick: () => Number(advance.get()?.n),
    close: () => db.close(),
  };
};
