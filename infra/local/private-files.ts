import { chmodSync, closeSync, lstatSync, openSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type DatabaseSyncOptions } from 'node:sqlite';
import { makeFolder } from '../make-folder.ts';

/**
 * The data folder holds keys, secrets, and rows of whatever the feeds read. All in it is its owner's alone, whatever the umask.
 */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const OTHERS = 0o077;

export const PRIVATE_FILE = { mode: FILE_MODE } as const;

/** Makes a folder where it is not there. */
export const makePrivateFolder = (path: string): void => {
  makeFolder(path, FOLDER_MODE);
};

/** SQLite's name for a database without a file. */
const IN_MEMORY = ':memory:';

/** Opens a database, and makes it where it is not there. SQLite gives its log the modes of the database itself. */
export const openPrivateDatabase = (path: string, options: DatabaseSyncOptions = {}): DatabaseSync => {
  if (path !== IN_MEMORY) closeSync(openSync(path, 'a', FILE_MODE));
  return new DatabaseSync(path, options);
};

/**
 * Takes others' rights from all that is in a folder already, and from the folder last, so that one whose narrowing was cut short is
 * narrowed at the next start. A folder of somebody else's, or with anything that is not named in `own`, stays as it is: it is not
 * ours alone, and each thing that is made in it is.
 */
export const narrowFolder = (folder: string, own: ReadonlySet<string>): void => {
  const { mode, uid } = statSync(folder);
  if ((mode & OTHERS) === 0 || uid !== (process.getuid?.() ?? uid)) return;
  const names = readdirSync(folder);
  if (!names.every((name) => own.has(name))) return;
  for (const name of names) narrow(join(folder, name));
  chmodSync(folder, FOLDER_MODE);
};

/** Takes others' rights from a file, or from a folder and all that is in it; links are not followed. */
export const narrow = (path: string): void => {
  const found = lstatSync(path);
  if (found.isSymbolicLink()) return;
  if (found.isDirectory()) for (const name of readdirSync(path)) narrow(join(path, name));
  if ((found.mode & OTHERS) !== 0) chmodSync(path, found.mode & 0o777 & ~OTHERS);
};
