import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TerminalError, TransientError } from '../../shared/errors.ts';
import { checkFolder } from './check-folder.ts';
import { CLIENT_FILE } from './local-cloud.ts';
import { isDamage } from './open-sqlite.ts';
import { makePrivateFolder, narrowFolder, openPrivateDatabase, PRIVATE_FILE } from './private-files.ts';

export interface Lock {
  release(): void;
}

/**
 * Takes the lock of a folder, for this process alone. SQLite holds it by a lock of the operating system, which ends with
 * the process even when that is killed, so there are no stale ones; the file beside it names the holder for
 * people. Throws TransientError, naming the holder, while another has it, TerminalError where the file is damaged; waits so long for that one to end first, during
 * which this process does nothing else.
 */
export const takeLock = (path: string, patienceMs = 0, toMessage = heldBy(path)): Lock => {
  const database = openPrivateDatabase(`${path}.sqlite`, { timeout: patienceMs });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    if (isDamage(cause)) {
      const file = `${path}.sqlite`;
      throw new TerminalError(
        `${file} is damaged (${cause.message}); it holds nothing but the lock: where no run is under way in that folder, remove it: rm '${file}'`,
        { cause },
      );
    }
    throw new TransientError(toMessage(readHolder(path)), { cause });
  }
  writeFileSync(path, `${process.pid}\n`, PRIVATE_FILE);
  return { release: () => database.close() };
};

const heldBy =
  (path: string) =>
  (holder: string): string =>
    `${path} is held by ${holder}`;

/** All that the local cloud, the demo and the reader's own secrets put into a data folder. */
const OWN: ReadonlySet<string> = new Set([
  'compiled',
  ...['cdk.out', 'cdk.out.new', 'feeds', 'logs', 'redshift', 's3', 'traces'],
  ...['cloud.json', CLIENT_FILE, 'jazz.json', 'lock', 'secrets.json', 'secrets.json.new'],
  ...['journal.sqlite', 'lock.sqlite'].flatMap((name) => [
    name,
    `${name}-journal`,
    `${name}-shm`,
    `${name}-wal`,
  ]),
]);

/**
 * Takes a data folder for this process alone, and makes it where it is not there. What is in it is its owner's alone then. All
 * that a run changes below it, it changes under this lock: the code of a running cloud lies there too. Throws TransientError that says what to do, and
 * TerminalError where the folder is damaged.
 */
export const lockFolder = (data: string): Lock => {
  makePrivateFolder(data);
  checkFolder(data);
  narrowFolder(data, OWN);
  return takeLock(
    join(data, 'lock'),
    0,
    (holder) => `another millrace run uses ${data} (${holder}): wait for it, end it, or give another --data`,
  );
};

const readHolder = (path: string): string => {
  try {
    return `process ${readFileSync(path, 'utf8').trim()}`;
  } catch {
    return 'another process';
  }
};
