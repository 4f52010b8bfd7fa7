import { HASH_NAME } from '../model/record-hash.ts';
import { stagedBelow } from './family.ts';
import { belongsToPlan, type Family } from './plan-statements.ts';
import { LOADED_AT, quoteIdentifier } from './quote.ts';
import { keyExpression, type Target } from './target.ts';
import { MARK } from './tombstones.ts';

/** What the plan decided, done to the targets. */

/** Columns that a staged row gives to its target's, quoted, but for the hash. */
const writtenColumns = ({ table, parent }: Target): readonly string[] => [
  ...table.columns
    .map(({ name }) => name)
    .filter((name) => name !== HASH_NAME)
    .map(quoteIdentifier),
  '"_batch"',
  '"_row"',
  ...(parent === undefined ? [] : ['"_parent_row"']),
];

const hashColumn = ({ table }: Target): readonly string[] =>
  table.columns.some(({ name }) => name === HASH_NAME) ? [quoteIdentifier(HASH_NAME)] : [];

/**
 * Writes over the root's rows that a staged row has the key of: columns that the contract does not have keep their values, and a record
 * that has not changed the time of its load. FROM takes tables by their names, as DELETE's USING does
 * (https://docs.aws.amazon.com/redshift/latest/dg/r_UPDATE.html).
 */
export const updateMet = ({ root, marks }: Family): string => {
  const { stage, plan, table, name } = root;
  const row = quoteIdentifier(table.name);
  const set = [
    ...writtenColumns(root).map((column) => `${column} = ${stage}.${column}`),
    ...hashColumn(root).map((column) => `${column} = ${plan}.record`),
    ...(marks ? [`${MARK} = ${plan}.deleted_at`] : []),
    `"_observed" = ${plan}."_observed"`,
    `"_loaded_at" = CASE WHEN ${plan}."_fate" = 'updated' THEN ${LOADED_AT} ELSE ${row}."_loaded_at" END`,
  ];
  const same = table.key.map(
    (key) => `${keyExpression(root, row, key)} = ${keyExpression(root, stage, key)}`,
  );
  return `UPDATE ${name} SET
  ${set.join(',\n  ')}
FROM ${stage} JOIN ${plan} ON ${plan}."_batch" = ${stage}."_batch" AND ${plan}."_row" = ${stage}."_row" AND ${plan}."_fate" IN ('updated', 'unchanged')
WHERE ${same.join(' AND ')}`;
};

/** Takes away the rows of a table whose record has one of these fates (https://docs.aws.amazon.com/redshift/latest/dg/r_DELETE.html). */
export const deleteByPlan = (target: Target, fates: readonly string[]): string => {
  const { plan } = target.root;
  const row = quoteIdentifier(target.table.name);
  const list = fates.map((fate) => `'${fate}'`).join(', ');
  return `DELETE FROM ${target.name}\nUSING ${plan}\nWHERE ${belongsToPlan(target, row)} AND ${plan}."_fate" IN (${list})`;
};

/** The rows of all children whose record has changed or goes. */
export const deleteBelow = ({ children }: Family): readonly string[] =>
  children.map((child) => deleteByPlan(child, ['updated', 'deleted']));

/** Deletes the root's rows that are gone at the source, or marks them. */
export const takeGone = ({ root, marks }: Family): string => {
  if (!marks) return deleteByPlan(root, ['deleted']);
  const { plan, table, name } = root;
  return `UPDATE ${name} SET ${MARK} = ${plan}.deleted_at, "_loaded_at" = ${LOADED_AT}\nFROM ${plan}\nWHERE ${belongsToPlan(root, quoteIdentifier(table.name))} AND ${plan}."_fate" = 'marked'`;
};

/** Columns that a target has beside those of the staged rows: by name, what is written there, and the table that has it beside what the plan has. */
export interface MoreColumns {
  readonly values: Readonly<Record<string, string>>;
  readonly plan: string;
}

/** The root's rows that are new. */
export const insertRoot = ({ root, marks }: Family, more?: MoreColumns): string => {
  const columns = writtenColumns(root);
  const mark = marks ? [MARK] : [];
  return `INSERT INTO ${root.name} (${[...columns, ...hashColumn(root), ...mark, '"_observed"', '"_loaded_at"', ...Object.keys(more?.values ?? {}).map(quoteIdentifier)].join(', ')})
SELECT ${[...columns.map((column) => `s.${column}`), ...hashColumn(root).map(() => 'p.record'), ...mark.map(() => 'p.deleted_at'), 'p."_observed"', LOADED_AT, ...Object.values(more?.values ?? {})].join(', ')}
FROM ${root.stage} s
JOIN ${more?.plan ?? root.plan} p ON p."_batch" = s."_batch" AND p."_row" = s."_row"
WHERE p."_fate" = 'inserted'`;
};

/** The condition that a row of a child is the one that `k` was kept of. */
const isKept = (child: Target): string =>
  child.identity.map((name, at) => `k.key_${at + 1} = ${keyExpression(child, 'd', name)}`).join(' AND ');

/**
 * Columns that the contract does not have, of the rows that give way: what comes in their place keeps their values. Undefined
 * where nothing tells rows apart.
 */
export const keepForeign = (child: Target, foreign: readonly string[]): string | undefined => {
  if (foreign.length === 0 || child.identity.length === 0 || child.rootKey.length === 0) return undefined;
  const row = quoteIdentifier(child.table.name);
  const keys = child.identity.map((name, at) => `${keyExpression(child, row, name)} AS key_${at + 1}`);
  const values = foreign.map((name) => `${row}.${quoteIdentifier(name)}`);
  const { plan } = child.root;
  return `CREATE TEMP TABLE ${child.kept} AS
SELECT ${[...keys, ...values].join(', ')}
FROM ${child.name}
JOIN ${plan} ON ${belongsToPlan(child, row)} AND ${plan}."_fate" = 'updated'`;
};

/** The rows of a child whose record is new or has changed; those in the place of one with columns of others by a statement of their own. */
export const insertBelow = (child: Target, foreign: readonly string[]): readonly string[] => {
  if (keepForeign(child, foreign) === undefined) return [insertStaged(child, [], '')];
  const join = `LEFT JOIN ${child.kept} k ON ${isKept(child)}`;
  return [
    insertStaged(child, [], `${join}\nWHERE k.key_1 IS NULL AND`),
    insertStaged(child, foreign.map(quoteIdentifier), `${join.replace('LEFT ', '')}\nWHERE`),
  ];
};

const insertStaged = (child: Target, theirs: readonly string[], joined: string): string => {
  const columns = writtenColumns(child);
  return `INSERT INTO ${child.name} (${[...columns, '"_observed"', '"_loaded_at"', ...theirs].join(', ')})
SELECT ${[...columns.map((column) => `d.${column}`), 'p."_observed"', LOADED_AT, ...theirs.map((column) => `k.${column}`)].join(', ')}
FROM (${stagedBelow(child)}) d
JOIN ${child.root.plan} p ON p."_batch" = d."_batch" AND p."_row" = d.root_row AND p."_fate" IN ('inserted', 'updated')
${joined === '' ? 'WHERE' : joined} d.nth = 1`;
};
