import { deleteBelow, takeGone, updateMet } from '../apply-statements.ts';
import { isThere, metTarget, planDeleted, planStaged } from '../plan-statements.ts';
import { keyExpression } from '../target.ts';
import { goneFrom, staleByTombstone } from '../tombstones.ts';
import { comesBeyond, nthVersion } from '../versions.ts';
import type { Disposition } from './disposition.ts';
import { readAgain } from './fill-advice.ts';

/** Of a key the last version stays, whatever the order in which they come. */
export const merge: Disposition = {
  needsKey: true,
  isWhole: false,
  isRepeatable: true,
  keepsVersions: false,
  whyNoDeletes: undefined,
  fillAdvice: (_, feed) => readAgain(feed),
  isMet: () => true,
  createPlan: (family) => {
    const { tombstones } = family;
    const staged = keepOne(family, 'DESC');
    if (tombstones === undefined) return staged;
    const going = {
      from: goneFrom(tombstones),
      batch: 'd."_batch"',
      observed: 'd."_observed"',
      deletedAt: 'd.deleted_at',
    };
    return `${staged}\n${planDeleted(family, going)}`;
  },
  change: (family) => [
    updateMet(family),
    ...(family.tombstones === undefined ? [] : [takeGone(family)]),
    ...deleteBelow(family),
  ],
};

/** Of a key's versions, in the load and in the target, the last one stays, or the first where they go by ASC. */
export const keepOne = (
  family: Parameters<Disposition['createPlan']>[0],
  direction: 'ASC' | 'DESC',
  met: string = metTarget(family),
): string => {
  const { root } = family;
  const keys = root.table.key.map((name) => keyExpression(root, 's', name));
  return planStaged(family, {
    met,
    stale: [
      `${nthVersion(root, keys, direction)} > 1`,
      `${isThere(root)} AND NOT COALESCE(${comesBeyond(root, direction === 'DESC' ? '>' : '<')}, FALSE)`,
      ...staleByTombstone(family.tombstones),
    ],
  });
};
