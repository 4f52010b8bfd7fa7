import { deleteBelow, updateMet } from '../apply-statements.ts';
import { planStaged } from '../plan-statements.ts';
import type { Target } from '../target.ts';
import type { Disposition } from './disposition.ts';
import { keepOne } from './merge.ts';

const hasKey = ({ table }: Target): boolean => table.key.length > 0;

/**
 * Every row is added. With a key its first version stays, so that late and repeated rows change nothing, whatever the order in
 * which they come.
 */
export const append: Disposition = {
  needsKey: false,
  isWhole: false,
  isRepeatable: false,
  keepsVersions: false,
  whyNoDeletes: 'whose rows are added and never touched again',
  // With a key its first version stays: what is landed again is a later one, whatever its sequence.
  fillAdvice: ({ key }) =>
    key.length > 0
      ? 'they stay so: the first row of a key stays, and files that are landed again change none'
      : 'they stay so: landing files again would double their rows',
  isMet: hasKey,
  createPlan: (family) => (hasKey(family.root) ? keepOne(family, 'ASC') : planStaged(family, { stale: [] })),
  change: (family) => (hasKey(family.root) ? [updateMet(family), ...deleteBelow(family)] : []),
};
