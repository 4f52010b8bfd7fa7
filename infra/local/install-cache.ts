import { mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUNDLE_CACHE, hashOf } from '../bundle-cache.ts';
import { makeFolder } from '../make-folder.ts';
import { makePrivateFolder } from './private-files.ts';

/**
 * What can be made again from the installed packages and takes long. It goes when they go: `npm ci` removes it.
 * Never in a folder for all users, where another could plant what runs here.
 */
const FOLDER = fileURLToPath(new URL('../../node_modules/.cache/millrace', import.meta.url));
/** Several checkouts may use the same installed packages. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OTHERS_WRITE = 0o022;

/** The cache's folder; undefined where it cannot be had as this user's own, and work goes on without it. */
export const installCache = (folder = FOLDER): string | undefined => {
  try {
    // The folder above is for other tools and other users too.
    makeFolder(dirname(folder));
    makePrivateFolder(folder);
    const { mode, uid } = statSync(folder);
    return uid === (process.getuid?.() ?? uid) && (mode & OTHERS_WRITE) === 0 ? folder : undefined;
  } catch {
    return undefined; // somebody else's installation, or a disk that is read only
  }
};

/** The variable by which a process of ours takes up what another one has compiled: loading a service costs half the CPU then. */
export const compileCache = (cache = installCache()): Readonly<Record<string, string>> =>
  cache === undefined ? {} : { NODE_COMPILE_CACHE: join(cache, 'compiled') };

/** The variable by which a synthesis takes up what an earlier one bundled of the same sources. */
export const bundleCache = (cache = installCache()): Readonly<Record<string, string>> =>
  cache === undefined ? {} : { [BUNDLE_CACHE]: join(cache, `bundles-${hashOf(ROOT).slice(0, 12)}`) };

/** Has a folder of the cache made whole or not at all: of several that make it at once one's work stays. */
export const makeCached = async (path: string, make: (draft: string) => Promise<void>): Promise<void> => {
  const draft = mkdtempSync(`${path}.draft-`);
  try {
    await make(draft);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!isThere(path)) throw error;
  }
};

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;
