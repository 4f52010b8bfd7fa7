import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { damaged } from '../damaged.ts';

const row = z.object({ blob: z.string(), size: z.number() });

/** Bytes that are not in the index itself: each has a file from before the commit that refers to it until after the one that does no longer. */
const FILES = `
  SELECT blob, size FROM version_blobs WHERE blob NOT IN (SELECT blob FROM small_blobs)
  UNION SELECT blob, size FROM parts WHERE blob NOT IN (SELECT blob FROM small_blobs)`;

/**
 * Looks whether what the index refers to is there. A kill may leave an index that has nothing yet, without the folder. Throws TerminalError, naming
 * the first file that is gone or has another size.
 */
export const checkBlobs = (dir: string, db: DatabaseSync, pathOf: (blob: string) => string): void => {
  const data = dirname(dirname(dir));
  const isUsed = db.prepare('SELECT 1 FROM versions LIMIT 1').get() !== undefined;
  if (isUsed && !existsSync(dir)) throw damaged(dir, 'is gone, while the index beside it has objects', data);
  for (const found of db.prepare(FILES).iterate()) {
    const { blob, size } = row.parse(found);
    const bytes = statSync(pathOf(blob), { throwIfNoEntry: false })?.size;
    if (bytes === undefined) throw damaged(pathOf(blob), 'is gone, while the index has its object', data);
    if (bytes !== size) throw damaged(pathOf(blob), `has ${bytes} bytes, the index says ${size}`, data);
  }
};
