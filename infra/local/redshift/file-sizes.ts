import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { damaged } from '../damaged.ts';

/** Files without which Postgres makes a new database, or gives up without their names. */
const NEEDED = ['PG_VERSION', 'global/pg_control', 'global/pg_filenode.map', 'base/1/PG_VERSION'];

const sizesFile = z.record(z.string(), z.number());

/** Lies beside Postgres' folder while that is closed: the size of each of its files. */
const sizesPath = (dir: string): string => join(dir, 'pg-sizes.json');

/**
 * Checks Postgres' files before it sees them. It takes a folder without PG_VERSION for an empty one, and reads a table whose
 * file was cut as one with fewer rows. After a kill there are no sizes to compare with, and the journal of Postgres says what its files
 * have to be. Throws TerminalError, naming the first file that is gone or has another size.
 */
export const checkFiles = (dir: string): void => {
  const pg = join(dir, 'pg');
  const refuse = (file: string, what: string): never => {
    throw damaged(join(pg, file), what, dirname(dir));
  };
  for (const file of NEEDED) if (!existsSync(join(pg, file))) refuse(file, 'is gone');
  const sizes = readSizes(dir);
  for (const [file, bytes] of Object.entries(sizes)) {
    const found = statSync(join(pg, file), { throwIfNoEntry: false })?.size;
    if (found === undefined) refuse(file, 'is gone');
    if (found !== bytes) refuse(file, `has ${found} bytes, it had ${bytes} when the warehouse was closed`);
  }
};

/** Writes down the sizes after Postgres has closed its files. */
export const keepSizes = (dir: string): void => {
  const pg = join(dir, 'pg');
  const files = readdirSync(pg, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const sizes = files.map(({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path.slice(pg.length + 1), statSync(path).size];
  });
  writeFileSync(sizesPath(dir), JSON.stringify(Object.fromEntries(sizes)));
};

/** Called before Postgres opens its files: from then on their sizes change. */
export const forgetSizes = (dir: string): void => rmSync(sizesPath(dir), { force: true });

const readSizes = (dir: string): Readonly<Record<string, number>> => {
  if (!existsSync(sizesPath(dir))) return {};
  try {
    return sizesFile.parse(JSON.parse(readFileSync(sizesPath(dir), 'utf8')));
  } catch (cause) {
    // A kill while they were written: the files had been closed, and Postgres checks what it can.
    if (cause instanceof SyntaxError || cause instanceof z.ZodError) return {};
    throw cause;
  }
};
