import { quoteIdentifier, timeLiteral } from './quote.ts';
import { columnOf, type Target } from './target.ts';

/**
 * The order of a key's versions: by the sequence, nulls first, then `observed`, batch and row. A staged row is `s`, its batch `b`, the
 * target's row `t`.
 *
 * Only documented Redshift SQL: no IS DISTINCT FROM (c_unsupported-postgresql-functions.html), no NULLS FIRST in
 * windows (c_unsupported-postgresql-features.html), no correlated subquery (r_correlated_subqueries.html).
 */

/** What the target's row is ordered by where no load of ours wrote it: before every batch. */
const FOREIGN = { observed: timeLiteral('1970-01-01T00:00:00.000Z'), batch: "''", row: '0' } as const;

export const equalOrBothNull = (a: string, b: string): string =>
  `(${a} = ${b} OR (${a} IS NULL AND ${b} IS NULL))`;

/** The target's columns that say where a row stands in the order. */
export const orderColumns = (target: Target): readonly string[] => [
  ...target.table.sequence.map(quoteIdentifier),
  '"_observed"',
  '"_batch"',
  '"_row"',
];

/** Where a version stands in the order: expressions that are compared one after the other. */
export type Place = readonly { readonly sql: string; readonly mayBeNull: boolean }[];

const isLaterBy = (a: Place[number], b: Place[number], rest: string): string => {
  const nulls = b.mayBeNull
    ? [a.mayBeNull ? `(${b.sql} IS NULL AND ${a.sql} IS NOT NULL)` : `${b.sql} IS NULL`]
    : [];
  const equal = a.mayBeNull && b.mayBeNull ? equalOrBothNull(a.sql, b.sql) : `${a.sql} = ${b.sql}`;
  const next = rest === '' ? [] : [`(${equal} AND ${rest})`];
  return `(${[`${a.sql} > ${b.sql}`, ...nulls, ...next].join(' OR ')})`;
};

/** Whether one version comes after another: nulls come first. Null where one of them is not there. */
export const isLater = (a: Place, b: Place): string =>
  a.reduceRight((rest, column, at) => {
    const other = b[at];
    return other === undefined ? rest : isLaterBy(column, other, rest);
  }, '');

/** Whether the target's row was observed before a time. */
export const isObservedBefore = (time: string): string =>
  `COALESCE(t."_observed", ${FOREIGN.observed}) < ${time}`;

const never = (sql: string): Place[number] => ({ sql, mayBeNull: false });

/** Of the staged row `s` of the batch `b`. */
export const stagedPlace = (target: Target): Place => [
  ...target.table.sequence.map((name) => ({
    sql: `s.${quoteIdentifier(name)}`,
    mayBeNull: !columnOf(target, name).required,
  })),
  never('b.observed'),
  never('s."_batch"'),
  never('s."_row"'),
];

/** Of the target's row `t`, whose sequence may be null even of a required column: one that was added later. */
export const targetPlace = (target: Target): Place => [
  ...target.table.sequence.map((name) => ({ sql: `t.${quoteIdentifier(name)}`, mayBeNull: true })),
  never(`COALESCE(t."_observed", ${FOREIGN.observed})`),
  never(`COALESCE(t."_batch", ${FOREIGN.batch})`),
  never(`COALESCE(t."_row", ${FOREIGN.row})`),
];

/** Whether the staged row comes before or after the target's. */
export const comesBeyond = (target: Target, beyond: '<' | '>'): string =>
  beyond === '>'
    ? isLater(stagedPlace(target), targetPlace(target))
    : isLater(targetPlace(target), stagedPlace(target));

/** A required column is never null; another's nulls are put first by a flag of their own. */
const sequenceOrder = (target: Target, direction: 'ASC' | 'DESC'): readonly string[] =>
  target.table.sequence.flatMap((name) => {
    const column = `s.${quoteIdentifier(name)}`;
    const flag = `CASE WHEN ${column} IS NULL THEN 0 ELSE 1 END ${direction}`;
    return [...(columnOf(target, name).required ? [] : [flag]), `${column} ${direction}`];
  });

const nth = (partition: readonly string[], order: readonly string[]): string =>
  `ROW_NUMBER() OVER (PARTITION BY ${partition.join(', ')} ORDER BY ${order.join(', ')})`;

/** Counts a key's staged rows over all batches of the load: 1 is the last version, or the first where they go by ASC. */
export const nthVersion = (target: Target, keys: readonly string[], direction: 'ASC' | 'DESC'): string => {
  const tail = ['b.observed', 's."_batch"', 's."_row"'].map((column) => `${column} ${direction}`);
  return nth(keys, [...sequenceOrder(target, direction), ...tail]);
};

/** Counts a key's rows within one batch, or within what else `within` says: 1 is the last. */
export const nthWithin = (target: Target, within: readonly string[], keys: readonly string[]): string =>
  nth([...within, ...keys], [...sequenceOrder(target, 'DESC'), 's."_row" DESC']);
