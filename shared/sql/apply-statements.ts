import { BATCHES, LEDGER } from './names.ts';
import { belongsToPlan, isMatched } from './plan-statements.ts';
import { quoteIdentifier, timeLiteral, varcharLiteral } from './quote.ts';
import { keyExpression, type Target } from './target.ts';

/** What the plan decided, done to the target; and the ledger's account of it. */

/** The start of the load's transaction, with microseconds: all that it writes bears it (https://docs.aws.amazon.com/redshift/latest/dg/r_SYSDATE.html). */
const LOADED_AT = 'CAST(SYSDATE AS TIMESTAMPTZ)';

/** Whether a row of the target is not of this load; one that no load wrote has no time. */
const isEarlier = (row: string): string =>
  `COALESCE(${row}"_loaded_at", ${timeLiteral('1970-01-01T00:00:00.000Z')}) <> ${LOADED_AT}`;

/**
 * Writes over the rows of the target that a staged row has the key of: columns that the contract does not have keep their values.
 * Undefined where no rows are told apart. FROM takes tables by their names, as DELETE's USING does
 * (https://docs.aws.amazon.com/redshift/latest/dg/r_UPDATE.html).
 */
export const updateMatched = (target: Target): string | undefined => {
  if (!isMatched(target)) return undefined;
  const { stage, plan, table } = target;
  const row = quoteIdentifier(table.name);
  const set = writtenColumns(target).map((column) => `  ${column} = ${stage}.${column}`);
  const same = target.identity.map(
    (name) => `${keyExpression(target, row, name)} = ${keyExpression(target, stage, name)}`,
  );
  return `UPDATE ${target.name} SET
${[...set, `  "_observed" = ${plan}."_observed"`, `  "_loaded_at" = ${LOADED_AT}`].join(',\n')}
FROM ${stage} JOIN ${plan} ON ${plan}."_batch" = ${stage}."_batch" AND ${plan}."_row" = ${stage}."_row" AND ${plan}."_fate" IN ('updated', 'unchanged')
WHERE ${same.join(' AND ')}`;
};

/**
 * Takes away what gives way and was not written over; undefined where nothing ever does. USING takes tables by their names
 * (https://docs.aws.amazon.com/redshift/latest/dg/r_DELETE.html).
 */
export const deleteReplaced = (target: Target): string | undefined => {
  if (target.rule === 'replace') {
    const latest = `SELECT COUNT(*) FROM ${BATCHES} WHERE latest_${target.root.n}`;
    return `DELETE FROM ${target.name}\nWHERE (${latest}) > 0 AND ${isEarlier('')}`;
  }
  if (target.rule === 'append' || target.parent === undefined) return undefined;
  const { plan } = target.root;
  const row = quoteIdentifier(target.table.name);
  return `DELETE FROM ${target.name}\nUSING ${plan}\nWHERE ${belongsToPlan(target, row, plan)} AND ${plan}."_fate" <> 'stale' AND ${isEarlier(`${row}.`)}`;
};

export const insertSurvivors = (target: Target): string => {
  const columns = writtenColumns(target);
  const values = columns.map((column) => `s.${column}`);
  return `INSERT INTO ${target.name} (${[...columns, '"_observed"', '"_loaded_at"'].join(', ')})
SELECT ${values.join(', ')}, p."_observed", ${LOADED_AT}
FROM ${target.stage} s
JOIN ${target.plan} p ON p."_batch" = s."_batch" AND p."_row" = s."_row"
WHERE p."_fate" = 'inserted'`;
};

/** What a staged row gives to its target's, quoted. */
const writtenColumns = ({ table, parent }: Target): readonly string[] => [
  ...table.columns.map((column) => quoteIdentifier(column.name)),
  '"_batch"',
  '"_row"',
  ...(parent === undefined ? [] : ['"_parent_row"']),
];

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
  COALESCE(p.unchanged, 0), COALESCE(p.stale, 0), COALESCE(p.inserted, 0), COALESCE(p.updated, 0), ${deleted(target)}, ${target.n === 1 ? 'b.rejected' : '0'}, ${LOADED_AT}
FROM ${BATCHES} b
LEFT JOIN (SELECT "_batch", ${['stale', 'inserted', 'updated', 'unchanged', 'replaced'].map(tally).join(', ')} FROM ${target.plan} GROUP BY "_batch") p ON p."_batch" = b.batch
WHERE b.is_new`;

/** One row a new batch and table; a batch's rejects are counted in the row of its first table. */
export const insertLedger = (feed: string, load: string, targets: readonly Target[]): string =>
  `INSERT INTO ${LEDGER} (feed, batch, seal, target, observed, load_key, staged, duplicate, stale, inserted, updated, deleted, rejected, loaded_at)
${targets.map((target) => ledgerRows(feed, load, target)).join('\nUNION ALL\n')}`;
