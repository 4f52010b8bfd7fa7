import { BATCHES, LEDGER } from './names.ts';
import { belongsToPlan } from './plan-statements.ts';
import { quoteIdentifier, varcharLiteral } from './quote.ts';
import type { Target } from './target.ts';

/** What the plan decided, done to the target; and the ledger's account of it. */

/**
 * Takes away what gives way; undefined where nothing ever does. USING takes tables by their names
 * (https://docs.aws.amazon.com/redshift/latest/dg/r_DELETE.html).
 */
export const deleteReplaced = (target: Target): string | undefined => {
  switch (target.rule) {
    case 'append':
      return undefined;
    case 'replace':
      return `DELETE FROM ${target.name}\nWHERE (SELECT COUNT(*) FROM ${BATCHES} WHERE latest_${target.root.n}) > 0`;
    case 'keepFirst':
    case 'keepLast': {
      const { plan } = target.root;
      const row = quoteIdentifier(target.table.name);
      return `DELETE FROM ${target.name}\nUSING ${plan}\nWHERE ${belongsToPlan(target, row, plan)} AND ${plan}."_fate" <> 'stale'`;
    }
  }
};

export const insertSurvivors = (target: Target): string => {
  const own = target.table.columns.map((column) => quoteIdentifier(column.name));
  const linked = target.parent === undefined ? [] : ['"_parent_row"'];
  const columns = [...own, '"_batch"', '"_row"', ...linked, '"_observed"', '"_loaded_at"'];
  const values = [...own, '"_batch"', '"_row"', ...linked].map((column) => `s.${column}`);
  return `INSERT INTO ${target.name} (${columns.join(', ')})
SELECT ${values.join(', ')}, p."_observed", CAST(GETDATE() AS TIMESTAMPTZ)
FROM ${target.stage} s
JOIN ${target.plan} p ON p."_batch" = s."_batch" AND p."_row" = s."_row"
WHERE p."_fate" IN ('inserted', 'updated', 'unchanged')`;
};

const tally = (fate: string): string => `SUM(CASE WHEN "_fate" = '${fate}' THEN 1 ELSE 0 END) AS ${fate}`;

/**
 * Rows of the target that went and came back are no deletion: those that gave way, less those that were matched. A
 * merged root has no `replaced` rows, and deletes nothing.
 */
const deleted = (target: Target): string =>
  target.rule === 'replace' || (target.parent !== undefined && target.rule !== 'append')
    ? 'COALESCE(p.replaced - p.updated - p.unchanged, 0)'
    : '0';

const ledgerRows = (feed: string, load: string, target: Target): string =>
  `SELECT ${varcharLiteral(feed)}, b.batch, b.seal, ${varcharLiteral(target.table.table)}, b.observed, ${varcharLiteral(load)}, b.staged_${target.n},
  COALESCE(p.unchanged, 0), COALESCE(p.stale, 0), COALESCE(p.inserted, 0), COALESCE(p.updated, 0), ${deleted(target)}, ${target.n === 1 ? 'b.rejected' : '0'}, CAST(GETDATE() AS TIMESTAMPTZ)
FROM ${BATCHES} b
LEFT JOIN (SELECT "_batch", ${['stale', 'inserted', 'updated', 'unchanged', 'replaced'].map(tally).join(', ')} FROM ${target.plan} GROUP BY "_batch") p ON p."_batch" = b.batch
WHERE b.is_new`;

/** One row a new batch and table; a batch's rejects are counted in the row of its first table. */
export const insertLedger = (feed: string, load: string, targets: readonly Target[]): string =>
  `INSERT INTO ${LEDGER} (feed, batch, seal, target, observed, load_key, staged, duplicate, stale, inserted, updated, deleted, rejected, loaded_at)
${targets.map((target) => ledgerRows(feed, load, target)).join('\nUNION ALL\n')}`;
