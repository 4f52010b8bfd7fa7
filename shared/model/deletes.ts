import * as z from 'zod';
import { kept } from './kept.ts';

/**
 * Tombstones: rows of a document that say which rows of a table are gone at the source. A contract has them as a table of their own, behind
 * those of the feed, so that they are read, typed, staged and counted as any rows are.
 */

/** What a tombstone does to its row. A new one is its place in this list. */
export const DELETE_MODES = [
  { word: 'delete', says: 'The row and its children are deleted. The default.' },
  { word: 'mark', says: 'They stay, and the row has `_deleted_at`, a timestamptz.' },
] as const;

export const deleteMode = z.enum(DELETE_MODES.map(({ word }) => word));

/** How many rows may go at once: they are too many when they are over both. */
export const deleteLimit = kept({ count: z.int(), percent: z.number() });
export type DeleteLimit = z.infer<typeof deleteLimit>;

/** Of a table of tombstones: whose rows they delete, and how. */
export const deletes = kept({ table: z.string(), mode: deleteMode });

/** The name of a table's tombstones. No feed can have a table of that name: it has no dollar sign in any. */
export const tombstonesName = (name: string): string => `${name}$deleted`;

/** What the ledger calls a rebuild of a table, and the batches that it held already. */
export const rebuiltName = (name: string): string => `${name}$rebuilt`;

/** The name of the keys that a comparison lists of a table: no feed's either. */
export const keysName = (name: string): string => `${name}$keys`;
