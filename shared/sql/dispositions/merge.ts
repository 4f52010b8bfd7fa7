import { deleteBelow, updateMet } from '../apply-statements.ts';
import { isThere, narrowTarget, planStaged } from '../plan-statements.ts';
import { keyExpression } from '../target.ts';
import { comesBeyond, nthVersion } from '../versions.ts';
import type { Disposition } from './disposition.ts';

/** Of a key the last version stays, whatever the order in which they come. */
export const merge: Disposition = {
  needsKey: true,
  isWhole: false,
  isRepeatable: true,
  keepsVersions: false,
  isMet: () => true,
  createPlan: (family) => keepOne(family, 'DESC'),
  change: (family) => [updateMet(family), ...deleteBelow(family)],
};

/** Of a key's versions, in the load and in the target, the last one stays, or the first where they go by ASC. */
export const keepOne = (
  family: Parameters<Disposition['createPlan']>[0],
  direction: 'ASC' | 'DESC',
  met: string = narrowTarget(family.root, 'staged'),
): string => {
  const { root } = family;
  const keys = root.table.key.map((name) => keyExpression(root, 's', name));
  return planStaged(family, {
    met,
    stale: [
      `${nthVersion(root, keys, direction)} > 1`,
      `${isThere(root)} AND NOT COALESCE(${comesBeyond(root, direction === 'DESC' ? '>' : '<')}, FALSE)`,
    ],
  });
};
