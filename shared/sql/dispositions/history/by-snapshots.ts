import { InvalidInput } from '../../../errors.ts';
import { BATCHES, heldName, spansName } from '../../names.ts';
import { type Family, narrowTarget, planStaged } from '../../plan-statements.ts';
import { LOADED_AT, quoteIdentifier } from '../../quote.ts';
import { isHashed, keyExpression, type Target } from '../../target.ts';
import { nthWithin } from '../../versions.ts';
import { isAfterApplied, joinApplied } from '../newest-applied.ts';
import { asKeys, type HistoryForm, hasKeys, keyList } from './form.ts';

/**
 * A batch says what each of its keys is at the time when it was observed. A version begins with the first one that says something else than
 * the one before it: so batches count in their order alone, and one that comes too late does nothing. What has not changed is not written.
 */
export const bySnapshots: HistoryForm = {
  batches: ({ root }) => ({
    columns: [`${isAfterApplied(root)} AS ${inOrder(root)}`],
    joins: [joinApplied(root)],
  }),
  meet: (family) => [gatherHeld(family)],
  createPlan: (family) =>
    planStaged(family, {
      met: heldName(family.root.n),
      on: 't."_batch" = s."_batch" AND t."_row" = s."_row"',
      stale: ['t."_row" IS NULL'],
      fates: [`WHEN t.hash_before = s."_hash" THEN 'unchanged'`],
      otherwise: 'inserted',
    }),
  change: ({ root }) => [createSpans(root), closeCurrent(root)],
};

/** Whether a batch comes after all that were applied, and so was not applied itself: `b.in_order_1`. */
const inOrder = ({ n }: Target): string => `in_order_${n}`;

/**
 * The staged rows that count, each with the hash of what its key was before it: in this load, or else in the target. LAG is over the rows
 * that WHERE leaves (https://docs.aws.amazon.com/redshift/latest/dg/r_WF_LAG.html).
 */
const gatherHeld = (family: Family): string => {
  const { root } = family;
  const { n, stage, table } = root;
  if (!isHashed(root))
    throw new InvalidInput(
      `table ${table.table} is kept by history without a sequence, and its contract has no hash of records`,
    );
  const keys = table.key.map((name) => keyExpression(root, 's', name));
  return `CREATE TEMP TABLE ${heldName(n)} AS
SELECT c."_batch", c."_row",
  COALESCE(LAG(c.hash) OVER (PARTITION BY ${keyList(table.key, 'c')} ORDER BY c.observed, c."_batch"), SPLIT_PART(t.had, '.', 1)) AS hash_before
FROM (
  SELECT s."_batch", s."_row", b.observed, s."_hash" AS hash, ${asKeys(root, 's', table.key)},
    ${nthWithin(root, ['s."_batch"'], keys)} AS nth
  FROM ${stage} s
  JOIN ${BATCHES} b ON b.batch = s."_batch" AND b.${inOrder(root)}
) c
LEFT JOIN ${narrowTarget(family, 'staged', ['_is_current'])} t ON ${hasKeys(root, 't', table.key, 'c')} AND t."_is_current"
WHERE c.nth = 1`;
};

/** Each new version holds from its batch on, until the next one of its key; the first closes the one that the target has. */
const createSpans = ({ n, plan, table }: Target): string => {
  const keys = keyList(table.key, 'p');
  const order = `OVER (PARTITION BY ${keys} ORDER BY p."_observed", p."_batch")`;
  return `CREATE TEMP TABLE ${spansName(n)} AS
SELECT ${keys}, p."_batch", p."_row", p."_observed", p.record, p."_fate", p."_observed" AS valid_from, LEAD(p."_observed") ${order} AS valid_to, ROW_NUMBER() ${order} AS nth
FROM ${plan} p
WHERE p."_fate" = 'inserted'`;
};

const closeCurrent = (root: Target): string => {
  const spans = spansName(root.n);
  const row = quoteIdentifier(root.table.name);
  return `UPDATE ${root.name} SET
  "_valid_to" = ${spans}.valid_from,
  "_is_current" = FALSE,
  "_loaded_at" = ${LOADED_AT}
FROM ${spans}
WHERE ${hasKeys(root, row, root.table.key, spans)} AND ${row}."_is_current" AND ${spans}.nth = 1`;
};
