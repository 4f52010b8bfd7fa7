import { deleteBelow, deleteByPlan, updateMet } from '../apply-statements.ts';
import { BATCHES } from '../names.ts';
import { type Family, narrowTarget, planDeleted, planStaged, sameKey } from '../plan-statements.ts';
import { quoteIdentifier } from '../quote.ts';
import { keyExpression, type Target } from '../target.ts';
import { nthWithin } from '../versions.ts';
import type { Disposition } from './disposition.ts';
import { isAfterApplied, joinApplied } from './newest-applied.ts';

const hasKey = ({ table }: Target): boolean => table.key.length > 0;

/** Whether a batch is the snapshot that this load applies: `b.latest_1`. */
const latestOf = ({ n }: Target): string => `latest_${n}`;

/** The newest complete snapshot stays: the newest of the load's, if it is newer than all that were ever applied. */
export const replace: Disposition = {
  needsKey: false,
  isWhole: true,
  isRepeatable: true,
  keepsVersions: false,
  whyNoDeletes: 'whose every batch says by itself which rows there are',
  fillAdvice: () => 'the next snapshot fills them; do not land old files again',
  isMet: hasKey,
  batches: ({ root, children }) => ({
    columns: [
      `${newestOfLoad(root)} AS ${latestOf(root)}`,
      ...countedByHand(root, children).map(({ n }) => `h${n}.n AS had_${n}`),
    ],
    joins: [
      joinApplied(root),
      ...countedByHand(root, children).map(
        ({ n, name }) => `CROSS JOIN (SELECT COUNT(*) AS n FROM ${name}) h${n}`,
      ),
    ],
  }),
  createPlan: (family) => {
    const { root } = family;
    const notLatest = `NOT b.${latestOf(root)}`;
    if (!hasKey(root)) return planStaged(family, { stale: [notLatest] });
    const keys = root.table.key.map((name) => keyExpression(root, 's', name));
    const staged = planStaged(family, {
      met: narrowTarget(family, 'all'),
      stale: [notLatest, `${nthWithin(root, ['s."_batch"'], keys)} > 1`],
    });
    return `${staged}\n${planDeleted(family, { from: goneFrom(family), batch: 'b.batch', observed: 'b.observed', deletedAt: 'b.observed' })}`;
  },
  change: (family) => {
    const { root, children } = family;
    if (hasKey(root)) return [updateMet(family), deleteByPlan(root, ['deleted']), ...deleteBelow(family)];
    return [root, ...children].map(
      ({ name }) =>
        `DELETE FROM ${name}\nWHERE (SELECT COUNT(*) FROM ${BATCHES} WHERE ${latestOf(root)}) > 0`,
    );
  },
  deleted: ({ root }, { n }) =>
    hasKey(root) ? undefined : `CASE WHEN b.${latestOf(root)} THEN b.had_${n} ELSE 0 END`,
};

const newestOfLoad = (root: Target): string =>
  `l.batch IS NULL AND ROW_NUMBER() OVER (PARTITION BY l.batch ORDER BY b.observed DESC, b.batch DESC) = 1 AND ${isAfterApplied(root)}`;

/** Without a key all rows go and all come, and no plan says how many there were. */
const countedByHand = (root: Target, children: Family['children']): readonly Target[] =>
  hasKey(root) ? [] : [root, ...children];

/** Rows of the target whose key the newest snapshot does not have. */
const goneFrom = (family: Family): string => {
  const { root } = family;
  const keys = root.table.key.map(quoteIdentifier).join(', ');
  return `FROM ${narrowTarget(family, 'all')} t
JOIN ${BATCHES} b ON b.${latestOf(root)}
LEFT JOIN (SELECT DISTINCT ${keys} FROM ${root.stage} s JOIN ${BATCHES} c ON c.batch = s."_batch" AND c.${latestOf(root)}) s ON ${sameKey(root, 't', 's')}
WHERE s.${quoteIdentifier(root.table.key[0] ?? '')} IS NULL`;
};
