import { TargetChanged } from '../errors.ts';
import type { TableContract } from './contract.ts';

/**
 * What decides which version of a row a target keeps, as one line: `merge; key item_id; sequence modified`. Rows that were kept by one
 * such line are not in the order of another, so a target has one for good.
 */
export const rulesOf = ({ disposition, key, sequence, parent }: TableContract): string =>
  [
    disposition,
    ...(key.length === 0 ? [] : [`key ${key.join(' ')}`]),
    ...(sequence.length === 0 ? [] : [`sequence ${sequence.join(' ')}`]),
    ...(parent === undefined
      ? []
      : [
          `parent ${parent.table} by ${parent.columns.map(({ child, parent: of }) => `${child} = ${of}`).join(' ')}`,
        ]),
  ]
    .join('; ')
    .toLowerCase();

/** How a target is named where its rules are kept. */
export const targetOf = ({ table }: TableContract): string => table.toLowerCase();

/** Throws TargetChanged, where a target is kept by other rules than a contract's. */
export const checkRules = (table: TableContract, kept: string | undefined, where: string): void => {
  const rules = rulesOf(table);
  if (kept === undefined || kept === rules) return;
  throw new TargetChanged(
    `table ${table.table} is kept by "${kept}" (${where}), and the feed says "${rules}": rows in two orders of versions would mix; ` +
      'undo the change, or give the table another name; docs/runbook.md, "TargetChanged", has how to make it anew',
  );
};
