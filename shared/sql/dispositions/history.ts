import { insertRoot } from '../apply-statements.ts';
import { spansName } from '../names.ts';
import type { Target } from '../target.ts';
import type { Disposition } from './disposition.ts';
import { isOrderedByDocument, readAgain } from './fill-advice.ts';
import { byCursor } from './history/by-cursor.ts';
import { bySnapshots } from './history/by-snapshots.ts';
import { checkHistory } from './history/check.ts';
import type { HistoryForm } from './history/form.ts';

const formOf = ({ table }: Target): HistoryForm => (table.sequence.length === 0 ? bySnapshots : byCursor);

/**
 * Every version of a key stays, with the time for which it held (SCD type 2). What is a version its form says; of both, `spans` has
 * the times of new ones, beside what the plan says of them.
 */
export const history: Disposition = {
  needsKey: true,
  isWhole: false,
  isRepeatable: true,
  keepsVersions: true,
  whyNoDeletes: 'whose versions all stay',
  fillAdvice: (root, feed) =>
    isOrderedByDocument(root)
      ? readAgain(feed)
      : 'they stay so: each record of the next snapshot becomes a new version; do not land old files again',
  isMet: () => true,
  check: checkHistory,
  batches: (family) => formOf(family.root).batches?.(family) ?? { columns: [], joins: [] },
  meet: (family) => formOf(family.root).meet(family),
  createPlan: (family) => formOf(family.root).createPlan(family),
  change: (family) => formOf(family.root).change(family),
  insert: (family) =>
    insertRoot(family, {
      values: { _valid_from: 'p.valid_from', _valid_to: 'p.valid_to', _is_current: '(p.valid_to IS NULL)' },
      plan: spansName(family.root.n),
    }),
};
