import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder, and those above it, where they are not there. Node's own recursive way tries for ever where the system says that a
 * folder in a folder that is there does not exist, as /proc does. Throws an error that names what stands in the way.
 */
export const makeFolder = (path: string, mode?: number): void => {
  if (isFolder(path)) return;
  const above = dirname(path);
  if (above !== path) makeFolder(above, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (isFolder(path)) return;
    throw new Error(`the folder ${path} cannot be made: ${reasonOf(error)}`, { cause: error });
  }
};

const isFolder = (path: string): boolean => {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
};

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EEXIST') return 'what is there is no folder';
  return error.message.split(',', 1)[0] ?? '';
};
