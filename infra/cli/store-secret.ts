import { open, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makePrivateFolder, PRIVATE_FILE } from '../local/private-files.ts';
import { readIfThere } from '../read-if-there.ts';
import { parseSecrets, type Secrets } from './secrets.ts';

/**
 * Puts one secret among those of a data folder, and answers them all. The file is its owner's alone, and is the old one or the new
 * one, whole, whenever the work is cut. Throws UsageError, which shows no value, where the file is no JSON object.
 */
export const storeSecret = async (
  data: string,
  id: string,
  fields: Readonly<Record<string, string>>,
): Promise<Secrets> => {
  makePrivateFolder(data);
  const path = join(data, 'secrets.json');
  const text = await readIfThere(path);
  const known = text === undefined ? {} : parseSecrets(text, path);
  const secrets = { ...known, [id]: fields };
  // A link is followed: what it leads to is what its owner keeps.
  await replaceWhole(
    text === undefined ? path : await realpath(path),
    `${JSON.stringify(secrets, null, 2)}\n`,
  );
  return secrets;
};

const replaceWhole = async (path: string, text: string): Promise<void> => {
  const unfinished = `${path}.new`;
  // What a killed command left, or somebody's link, goes; then the file has to be new.
  await rm(unfinished, { force: true });
  try {
    const file = await open(unfinished, 'wx', PRIVATE_FILE.mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
};
