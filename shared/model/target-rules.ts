import { TargetChanged } from '../errors.ts';
import type { TableContract } from './contract.ts';

/**
 * What decides which version of a row a target keeps, as one line: `merge; key item_id; sequence modified`. Rows that were kept by one
 * such line are not in the order of another, and a key that is less may have several of them, so a target has one for good. The order of a key's columns
 * says nothing.
 */
export const rulesOf = ({ disposition, key, sequence, parent }: TableContract): string => {
  const above = parent?.columns.map((of) => `${of.child} = ${of.parent}`).toSorted();
  return [
    disposition,
    ...named('key', key.toSorted()),
    ...named('sequence', sequence),
    ...(above === undefined ? [] : named(`parent ${parent?.table} by`, above)),
  ]
    .join('; ')
    .toLowerCase();
};

const named = (word: string, columns: readonly string[]): readonly string[] =>
  columns.length === 0 ? [] : [`${word} ${columns.join(' ')}`];

/** How a target is named where its rules are kept. */
export const targetOf = ({ table }: TableContract): string => table.toLowerCase();

/** Throws TargetChanged, where a target is kept by other rules than a contract's. */
export const checkRules = (table: TableContract, kept: string | undefined, where: string): void => {
  const rules = rulesOf(table);
  if (kept === undefined || kept === rules) return;
  throw new TargetChanged(
    `table ${table.table} is kept by "${kept}" (${where}), and the feed says "${rules}": rows in two orders of versions would mix; ` +
      `undo the change, or have the table made anew by the feed as it is now: npx millrace rebuild ${table.table}`,
  );
};
