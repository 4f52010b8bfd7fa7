import type { Contract } from '../../shared/model/contract.ts';
import { dispositionOf } from '../../shared/sql/dispositions/registry.ts';

/**
 * Why a range of a feed is never read again beside it, by how its tables keep rows; undefined where it may be. `addsOnly`: nothing of the range
 * is in the tables yet.
 */
export const whyNoRange = (
  { tables }: Contract,
  isOfFiles: boolean,
  addsOnly = false,
): string | undefined => {
  for (const table of tables) {
    if (table.parent !== undefined || table.deletes !== undefined) continue;
    const { isWhole, isRepeatable, keepsVersions } = dispositionOf(table);
    if (isOfFiles && keepsVersions && table.sequence.length === 0)
      return `table ${table.table} keeps versions of snapshots in the order that they landed: one that is read again late is none; give it a sequence`;
    if (isWhole)
      return `table ${table.table} holds what one batch has: a range would leave nothing else in it`;
    if (!isRepeatable && table.key.length === 0 && !addsOnly)
      return `table ${table.table} has no key: what it has of the range would be there twice; give it a key, or read a range before the window's start`;
  }
  return undefined;
};
