import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { damaged } from '../damaged.ts';
import { installCache, makeCached } from '../install-cache.ts';
import { narrow } from '../private-files.ts';
import { checkFiles, keepSizes } from './file-sizes.ts';
import { SYSTEM_OBJECTS } from './system-objects.ts';

/** Throws TerminalError where there was a database: its journal tells of one. */
export const checkNew = (dir: string): void => {
  const journal = join(dir, 'statements.sqlite');
  if (existsSync(journal)) throw damaged(join(dir, 'pg'), `is gone, while ${journal} is there`, dirname(dir));
};

const DRAFT = 'pg.draft-';

/**
 * Makes Postgres' folder in a warehouse's, of the one that was made once for this installation: making one costs 8 CPU-s, a copy
 * 0.1. It gets its name when it is whole: a kill leaves a draft, which the next start takes away.
 */
export const createDatabase = async (dir: string, cache = installCache()): Promise<void> => {
  checkNew(dir);
  for (const name of readdirSync(dir)) {
    if (name.startsWith(DRAFT)) {
      // Whoever makes it may have outlived the kill by a moment.
      rmSync(join(dir, name), { recursive: true, force: true, maxRetries: 10 });
    }
  }
  const draft = mkdtempSync(join(dir, DRAFT));
  if (cache === undefined) await initialize(draft);
  else await cp(join(await findTemplate(cache), 'pg'), draft, { recursive: true });
  narrow(draft); // PGlite unpacks its first files with modes of its own
  renameSync(draft, join(dir, 'pg'));
};

const initialize = async (folder: string): Promise<void> => {
  await promisify(execFile)(process.execPath, [CREATE_DATABASE, folder], { env: {} });
};

const CREATE_DATABASE = fileURLToPath(new URL('./create-database.ts', import.meta.url));

/** A folder with a new database in `pg`, and the sizes of its files. One that is not whole any more is made anew. */
const findTemplate = async (cache: string): Promise<string> => {
  const template = join(cache, `database-${templateVersion()}`);
  if (existsSync(template)) {
    try {
      checkFiles(template);
      return template;
    } catch {
      rmSync(template, { recursive: true, force: true });
    }
  }
  await makeCached(template, async (draft) => {
    await initialize(join(draft, 'pg'));
    keepSizes(draft);
  });
  return template;
};

/** Of all that a new database is made of. */
const templateVersion = (): string => {
  const pglite = findPackageJSON('@electric-sql/pglite', import.meta.url);
  const hash = createHash('sha256').update(SYSTEM_OBJECTS).update(readFileSync(CREATE_DATABASE));
  return hash
    .update(pglite === undefined ? '' : readFileSync(pglite))
    .digest('hex')
    .slice(0, 16);
};
