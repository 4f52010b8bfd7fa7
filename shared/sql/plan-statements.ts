import { BATCHES } from './names.ts';
import { quoteIdentifier, timeLiteral, varcharLiteral } from './quote.ts';
import { columnOf, keyExpression, type Target } from './target.ts';

/**
 * The plan of a table: one row a staged row of a new batch, with its fate
 * - stale: another version of its key, or of its parent, or a newer snapshot wins;
 * - inserted, updated: it goes into the target; unchanged: likewise, and equals what it replaces;
 * and, where rows of the target give way, one row `replaced` for each.
 *
 * Only documented Redshift SQL: no IS DISTINCT FROM (c_unsupported-postgresql-functions.html), no NULLS FIRST in
 * windows (c_unsupported-postgresql-features.html), no correlated subquery (r_correlated_subqueries.html).
 */

const equalOrBothNull = (a: string, b: string): string => `(${a} = ${b} OR (${a} IS NULL AND ${b} IS NULL))`;

/** What the target's row is ordered by where no load of ours wrote it: before every batch. */
const FOREIGN = { observed: timeLiteral('1970-01-01T00:00:00.000Z'), batch: "''", row: '0' } as const;

/** Whether the staged row comes before or after the target's in the order of versions, nulls first. */
const comesBeyond = (target: Target, beyond: '<' | '>'): string => {
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

/** Best version first. A required column is never null; another's nulls are put first by a flag of their own. */
const sequenceOrder = (target: Target, direction: 'ASC' | 'DESC'): readonly string[] =>
  target.table.sequence.flatMap((name) => {
    const column = `s.${quoteIdentifier(name)}`;
    const flag = `CASE WHEN ${column} IS NULL THEN 0 ELSE 1 END ${direction}`;
    return [...(columnOf(target, name).required ? [] : [flag]), `${column} ${direction}`];
  });

const rank = (partition: readonly string[], order: readonly string[]): string =>
  `ROW_NUMBER() OVER (PARTITION BY ${partition.join(', ')} ORDER BY ${order.join(', ')}) > 1`;

/** Whether the join found a row of the target: its key is not null then, as the staged one is not. */
const isThere = ({ identity: [first = ''] }: Target): string => `t.${quoteIdentifier(first)} IS NOT NULL`;

/** The conditions under which a staged row loses, in the order in which they are asked. */
const staleWhen = (target: Target): readonly string[] => {
  const keys = target.ownKey.map((name) => keyExpression(target, 's', name));
  if (target.parent !== undefined) {
    const partition = ['s."_batch"', 's."_parent_row"', ...keys];
    const order = [...sequenceOrder(target, 'DESC'), 's."_row" DESC'];
    return [
      `p."_fate" = 'stale'`,
      ...(keys.length === 0 || target.rule === 'append' ? [] : [rank(partition, order)]),
    ];
  }
  switch (target.rule) {
    case 'append':
      return [];
    case 'replace':
      return [
        `NOT b.latest_${target.n}`,
        ...(keys.length === 0
          ? []
          : [rank(['s."_batch"', ...keys], [...sequenceOrder(target, 'DESC'), 's."_row" DESC'])]),
      ];
    case 'keepLast':
    case 'keepFirst': {
      const direction = target.rule === 'keepLast' ? 'DESC' : 'ASC';
      const tail = ['b.observed', 's."_batch"', 's."_row"'].map((column) => `${column} ${direction}`);
      const wins = comesBeyond(target, target.rule === 'keepLast' ? '>' : '<');
      return [
        rank(keys, [...sequenceOrder(target, direction), ...tail]),
        `${isThere(target)} AND NOT COALESCE(${wins}, FALSE)`,
      ];
    }
  }
};

/** Whether a staged row may have the key of a row of the target. */
export const isMatched = (target: Target): boolean => target.rule !== 'append' && target.identity.length > 0;

const fate = (target: Target): string => {
  if (target.rule === 'append' && target.parent === undefined)
    return `  ${varcharLiteral('inserted')} AS "_fate"`;
  const compared = target.table.columns
    .map(({ name }) => name)
    .filter((name) => !target.identity.includes(name));
  const same = compared.map((name) =>
    equalOrBothNull(`s.${quoteIdentifier(name)}`, `t.${quoteIdentifier(name)}`),
  );
  return [
    '  CASE',
    ...staleWhen(target).map((condition) => `    WHEN ${condition} THEN 'stale'`),
    ...(isMatched(target)
      ? [
          `    WHEN NOT ${isThere(target)} THEN 'inserted'`,
          `    WHEN ${same.length === 0 ? 'TRUE' : same.join('\n      AND ')} THEN 'unchanged'`,
          `    ELSE 'updated'`,
        ]
      : [`    ELSE 'inserted'`]),
    '  END AS "_fate"',
  ].join('\n');
};

/** A root's plan carries its key, so that its children's rows are found by it. */
const planKeys = (target: Target): readonly string[] =>
  target.parent === undefined ? target.rootKey.map((_, at) => `key_${at + 1}`) : [];

/** The condition that a row of the target belongs to a row of the root's plan. */
export const belongsToPlan = (target: Target, row: string, plan: string): string =>
  target.rootKey
    .map((pair, at) => `${keyExpression(target, row, pair.own)} = ${plan}.key_${at + 1}`)
    .join(' AND ');

/** Rows of the target that give way, beyond those that a staged row of a root updates. */
const replaced = (target: Target): string | undefined => {
  const rootKeys = planKeys(target).map((key, at) => {
    const name = target.rootKey[at]?.own ?? '';
    return `, ${keyExpression(target, 't', name)} AS ${key}`;
  });
  if (target.rule === 'replace') {
    return `SELECT b.batch, CAST(NULL AS BIGINT), b.observed, ${varcharLiteral('replaced')}${rootKeys.join('')}
FROM ${target.name} t
JOIN ${BATCHES} b ON b.latest_${target.root.n}`;
  }
  if (target.parent === undefined || target.rule === 'append') return undefined;
  return `SELECT p."_batch", CAST(NULL AS BIGINT), p."_observed", ${varcharLiteral('replaced')}
FROM ${target.name} t
JOIN ${target.root.plan} p ON ${belongsToPlan(target, 't', 'p')} AND p."_fate" <> 'stale'`;
};

export const createPlan = (target: Target): string => {
  const keys = planKeys(target).map((key, at) => {
    const name = target.rootKey[at]?.own ?? '';
    return `  ${keyExpression(target, 's', name)} AS ${key}`;
  });
  const { parent } = target;
  const staged = [
    `CREATE TEMP TABLE ${target.plan} AS`,
    'SELECT',
    ['  s."_batch"', '  s."_row"', '  b.observed AS "_observed"', fate(target), ...keys].join(',\n'),
    `FROM ${target.stage} s`,
    `JOIN ${BATCHES} b ON b.batch = s."_batch" AND b.is_new`,
    ...(parent === undefined
      ? []
      : [`JOIN ${parent.plan} p ON p."_batch" = s."_batch" AND p."_row" = s."_parent_row"`]),
    ...(isMatched(target)
      ? [
          `LEFT JOIN ${target.name} t ON ${target.identity
            .map((name) => `${keyExpression(target, 't', name)} = ${keyExpression(target, 's', name)}`)
            .join(' AND ')}`,
        ]
      : []),
  ].join('\n');
  const gone = replaced(target);
  return gone === undefined ? staged : `${staged}\nUNION ALL\n${gone}`;
};
