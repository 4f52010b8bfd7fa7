import { readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { TransientError } from '../../shared/errors.ts';

export interface Lock {
  release(): void;
}

/**
 * Takes the lock of a folder, for this process alone. SQLite holds it by a lock of the operating system, which ends with
 * the process even when that is killed, so there are no stale ones; the file beside it names the holder for
 * people. Throws TransientError, naming the holder, while another has it; waits so long for that one to end first, during
 * which this process does nothing else.
 */
export const takeLock = (path: string, patienceMs = 0): Lock => {
  const database = new DatabaseSync(`${path}.sqlite`, { timeout: patienceMs });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw new TransientError(`${path} is held by ${readHolder(path)}`, { cause });
  }
  writeFileSync(path, `${process.pid}\n`);
  return { release: () => database.close() };
};

const readHolder = (path: string): string => {
  try {
    return `process ${readFileSync(path, 'utf8').trim()}`;
  } catch {
    return 'another process';
  }
};
