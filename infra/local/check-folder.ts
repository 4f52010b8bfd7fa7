import { statSync } from 'node:fs';
import { join } from 'node:path';
import { TerminalError } from '../../shared/errors.ts';
import { damaged } from './damaged.ts';
import { checkThere } from './open-sqlite.ts';
import { checkNew } from './redshift/new-database.ts';

/** What else in a data folder tells of. */
const FOLDERS = ['redshift', 'redshift/pg', 's3', 's3/blobs'];
const FILES = ['journal.sqlite', 's3/index.sqlite', 'redshift/statements.sqlite'];

/** Made anew by the next start, whatever was in them. */
const SPARE_FOLDERS = ['cdk.out', 'compiled', 'feeds', 'logs', 'traces'];

/** Looks whether folders of a data folder are folders and its files files. Throws TerminalError that names the first that is not. */
export const checkFolder = (data: string): void => {
  for (const name of FOLDERS) {
    if (kindOf(join(data, name)) === 'file')
      throw damaged(join(data, name), 'is a file, allowed a folder', data);
  }
  for (const name of FILES) {
    if (kindOf(join(data, name)) === 'folder')
      throw damaged(join(data, name), 'is a folder, allowed a file', data);
  }
  for (const name of SPARE_FOLDERS) {
    const path = join(data, name);
    if (kindOf(path) === 'file') {
      throw new TerminalError(
        `${path} is a file, allowed a folder; each start makes what belongs there: remove it and run again: rm '${path}'`,
      );
    }
  }
};

/** Each file with what is made after it. */
const MADE_AFTER: readonly (readonly [file: string, after: string])[] = [
  ['journal.sqlite', 's3'],
  ['s3/index.sqlite', 's3/blobs'],
];

/** Looks whether a part is gone that others tell of, as whoever opens it does. Throws TerminalError that names the first. */
export const checkParts = (data: string): void => {
  checkFolder(data);
  for (const [file, after] of MADE_AFTER) checkThere(join(data, file), join(data, after), data);
  if (kindOf(join(data, 'redshift/pg')) === 'absent') checkNew(join(data, 'redshift'));
};

const kindOf = (path: string): 'file' | 'folder' | 'absent' => {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file';
  } catch {
    // Below a file, or not to be looked at: what opens it says so.
    return 'absent';
  }
};
