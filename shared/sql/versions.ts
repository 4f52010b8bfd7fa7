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

const equalOrBothNull = (a: string, b: string): string => `(${a} = ${b} OR (${a} IS NULL AND ${b} IS NULL))`;

/** The target's columns that say where a row stands in the order. */
export const orderColumns = (target: Target): readonly string[] => [
  ...target.table.sequence.map(quoteIdentifier),
  '"_observed"',
  '"_batch"',
  '"_row"',
];

/** Whether the staged row comes before or after the target's. */
export const comesBeyond = (target: Target, beyond: '<' | '>'): string => {
  const columns = [
    ...target.table.sequence.map((name) => {
      const column = quoteIdentifier(name);
      // The target's may be null even of a required column: one that was added later.
      const nulls = columnOf(target, name).required ? ('target' as const) : ('both' as const);
      return { s: `s.${column}`, t: `t.${column}`, nulls };
    }),
    { s: 'b.observed', t: `COALESCE(t."_observed", ${FOREIGN.observed})`, nulls: 'none' as const },
    { s: 's."_batch"', t: `COALESCE(t."_batch", ${FOREIGN.batch})`, nulls: 'none' as const },
    { s: 's."_row"', t: `COALESCE(t."_row", ${FOREIGN.row})`, nulls: 'none' as const },
  ];
  return columns.reduceRight((rest, { s, t, nulls }) => {
    const [low, high] = beyond === '>' ? [t, s] : [s, t];
    const first = {
      none: [],
      target: beyond === '>' ? [`${t} IS NULL`] : [],
      both: [`(${low} IS NULL AND ${high} IS NOT NULL)`],
    }[nulls];
    const equal = nulls === 'both' ? equalOrBothNull(s, t) : `${s} = ${t}`;
    const next = rest === '' ? [] : [`(${equal} AND ${rest})`];
    return `(${[`${s} ${beyond} ${t}`, ...first, ...next].join(' OR ')})`;
  }, '');
};

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
