import { InvalidInput } from '../errors.ts';
import type { Compares, Contract } from '../model/contract.ts';
import { deleteByPlan, takeGone } from './apply-statements.ts';
import { BATCHES, LEDGER, stageName } from './names.ts';
import { type Family, familiesOf, narrowTarget, sameKey, selectDeleted } from './plan-statements.ts';
import { LOADED_AT, quoteIdentifier, quoteLiteral, varcharLiteral } from './quote.ts';
import { type Staged, toTargets } from './target.ts';
import { MARK } from './tombstones.ts';
import { isObservedBefore } from './versions.ts';

/**
 * A comparison's load: rows of the target whose key is not listed go with all that lies below them, or are marked, as far as they were
 * observed before the listing was begun. A load has one comparison, since each is held to its own limit.
 */

export interface Comparison {
  /** The listed keys. */
  readonly keys: Staged;
  readonly family: Family;
  readonly atMost: Compares['atMost'];
  /** A row that is listed loses the mark that it had before the listing was begun. */
  readonly unmarks: boolean;
}

/** What a contract compares; undefined of one that compares nothing. Throws InvalidInput. */
export const toComparison = (contract: Contract): Comparison | undefined => {
  const { compares, tables } = contract;
  if (compares === undefined) return undefined;
  const targets = toTargets(contract);
  const [table] = tables;
  const [family] = familiesOf(targets);
  if (table === undefined || family === undefined)
    throw new InvalidInput(`contract ${contract.hash} of feed ${contract.feed} compares no table`);
  const n = targets.length + 1;
  const { atMost, unmarks = false } = compares;
  return { keys: { n, table, stage: stageName(n) }, family, atMost, unmarks };
};

/** Which rows change, of those that were observed before the listing. A row that is marked already keeps the mark that it has. */
const isGone = ({ family: { root, marks }, unmarks }: Comparison): string => {
  const key = `s.${quoteIdentifier(root.table.key[0] ?? '')}`;
  if (!marks) return `${key} IS NULL`;
  const gone = `(${key} IS NULL AND t.${MARK} IS NULL)`;
  return unmarks ? `(${gone} OR (${key} IS NOT NULL AND t.${MARK} < b.observed))` : gone;
};

/** The target's rows that go, or whose mark comes or goes: the one look at it, narrow. */
const createPlan = (comparison: Comparison): string => {
  const { keys, family } = comparison;
  const { root } = family;
  const columns = root.table.key.map(quoteIdentifier);
  const going = {
    from: [
      `FROM ${narrowTarget(family, 'all')} t`,
      `JOIN ${BATCHES} b ON b.is_new`,
      `LEFT JOIN (SELECT DISTINCT ${columns.join(', ')} FROM ${keys.stage}) s ON ${sameKey(root, 't', 's')}`,
      `WHERE ${isGone(comparison)} AND ${isObservedBefore('b.observed')}`,
    ].join('\n'),
    batch: 'b.batch',
    observed: 'b.observed',
    deletedAt: `CASE WHEN s.${columns[0]} IS NULL THEN b.observed END`,
  };
  return `CREATE TEMP TABLE ${root.plan} AS\n${selectDeleted(family, going)}`;
};

/** The limit as the feed file has it. */
const showLimit = ({ count, percent }: Comparison['atMost']): string =>
  [...(count > 0 || percent === 0 ? [String(count)] : []), ...(percent > 0 ? [`${percent}%`] : [])].join(
    ' or ',
  );

/** How many rows go, if they may; else the cast of a sentence that says how many it would have been, which fails. */
const allowed = ({ family: { root }, atMost }: Comparison): string => {
  const gone = 'CAST(COALESCE(p.deleted, 0) AS BIGINT)';
  const isAllowed = [
    `${gone} <= ${atMost.count}`,
    // Percent by a whole number: a millionth of the rows is as exact as anybody writes it.
    `${gone} * 1000000 <= c.n * ${Math.round(atMost.percent * 10_000)}`,
  ].join(' OR ');
  const sentence = [
    "'batch '",
    'b.batch',
    "' would delete '",
    `CAST(${gone} AS VARCHAR(20))`,
    "' of '",
    'CAST(c.n AS VARCHAR(20))',
    quoteLiteral(` rows of ${root.table.table}, allowed ${showLimit(atMost)}`),
  ].join(' || ');
  return `CAST(CASE WHEN ${isAllowed} THEN CAST(${gone} AS VARCHAR(20)) ELSE ${sentence} END AS BIGINT)`;
};

const ledgerRow = (feed: string, load: string, target: string, counts: string, from: string): string =>
  `SELECT ${varcharLiteral(feed)}, b.batch, b.seal, ${varcharLiteral(target)}, b.observed, ${varcharLiteral(load)}, ${counts}, b.rejected, ${LOADED_AT}
FROM ${BATCHES} b
${from}WHERE b.is_new`;

/** The ledger's account, before anything goes: all keys change nothing, and their absence deletes what the plan says. */
const insertLedger = (feed: string, load: string, comparison: Comparison): string => {
  const { keys, family } = comparison;
  const { root, children, marks } = family;
  const came = marks ? 'SUM(CASE WHEN deleted_at IS NULL THEN 1 ELSE 0 END)' : '0';
  const sums = [
    `COUNT(*) - ${came} AS deleted`,
    `${came} AS came`,
    ...children.map(({ n }) => `SUM(${marks ? '0' : `had_${n}`}) AS deleted_${n}`),
  ];
  const plan = `LEFT JOIN (SELECT "_batch", ${sums.join(', ')} FROM ${root.plan} GROUP BY "_batch") p ON p."_batch" = b.batch\n`;
  const live = marks ? ` WHERE ${MARK} IS NULL` : '';
  const whole = `CROSS JOIN (SELECT COUNT(*) AS n FROM ${root.name}${live}) c\n`;
  const rows = [
    ledgerRow(feed, load, keys.table.table, `b.staged_${keys.n}, b.staged_${keys.n}, 0, 0, 0, 0`, ''),
    ledgerRow(
      feed,
      load,
      root.table.table,
      `0, 0, 0, 0, COALESCE(p.came, 0), ${allowed(comparison)}`,
      `${plan}${whole}`,
    ),
    ...children.map(({ n, table }) =>
      ledgerRow(feed, load, table.table, `0, 0, 0, 0, 0, COALESCE(p.deleted_${n}, 0)`, plan),
    ),
  ];
  return `INSERT INTO ${LEDGER} (feed, batch, seal, target, observed, load_key, staged, duplicate, stale, inserted, updated, deleted, rejected, loaded_at)
${rows.join('\nUNION ALL\n')}`;
};

/** What a comparison does once its keys are staged. */
export const compareStatements = (feed: string, load: string, comparison: Comparison): readonly string[] => {
  const { family } = comparison;
  return [
    createPlan(comparison),
    insertLedger(feed, load, comparison),
    takeGone(family),
    ...(family.marks ? [] : family.children.map((child) => deleteByPlan(child, ['deleted']))),
  ];
};
