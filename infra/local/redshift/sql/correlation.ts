import { type Fields, isFields, list, names, nodeOf } from './node-rules.ts';
import { redshiftRefuses } from './refusal.ts';

/**
 * Correlated subqueries that Redshift's planner cannot take apart (r_correlated_subqueries). A column counts as one of a query around by
 * the table that is written before it: without one, only the catalog could say.
 */

/** A query block: the tables of its FROM, and what stands in it. */
interface Block {
  readonly tables: ReadonlySet<string>;
  readonly around: Block | undefined;
  /** What a correlation of it is refused for, besides the blocks that it skips. */
  readonly forbids: string | undefined;
}

const PAGE = 'r_correlated_subqueries';
const TABLES: Readonly<Record<string, readonly string[]>> = {
  SelectStmt: ['fromClause'],
  UpdateStmt: ['relation', 'fromClause'],
  DeleteStmt: ['relation', 'usingClause'],
};

/** The names that a FROM gives, those of joins too; not those within its subqueries. */
const tablesIn = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(tablesIn);
  if (!isFields(value)) return [];
  const join = nodeOf(value, 'JoinExpr');
  if (join !== undefined) return [...tablesIn(join.larg), ...tablesIn(join.rarg)];
  const table = nodeOf(value, 'RangeVar') ?? nodeOf(value, 'RangeSubselect') ?? value;
  const alias = isFields(table.alias) ? table.alias.aliasname : table.relname;
  return typeof alias === 'string' ? [alias] : [];
};

/** Whether a node of this kind stands in a block itself, not in a query within it. */
const has = (value: unknown, kind: string, isRoot = true): boolean => {
  if (Array.isArray(value)) return value.some((item) => has(item, kind, isRoot));
  if (!isFields(value)) return false;
  return Object.entries(value).some(
    ([key, inner]) => key === kind || (key !== 'SelectStmt' && has(inner, kind, false)),
  );
};

const isAggregate = (node: Fields): boolean =>
  list(node.targetList).some((target) => {
    const value = nodeOf(target, 'ResTarget')?.val;
    const call = nodeOf(value, 'FuncCall');
    return (
      call !== undefined &&
      call.over === undefined &&
      !['min', 'max'].includes(names(call.funcname).at(-1) ?? '')
    );
  });

const isSet = (node: Fields): boolean => node.larg !== undefined;

/** What of a subquery forbids that it names a table of the query around it. */
const forbidden = (node: Fields, link: Link | undefined): string | undefined => {
  if (link?.isOuterJoin === true) return 'the ON clause of an outer join';
  if (link?.isGroup === true) return 'a value of GROUP BY';
  if (has(node, 'WindowDef') || has(node, 'over')) return 'a subquery with a window function';
  if (link?.isIn === true && node.groupClause !== undefined && isAggregate(node))
    return 'a subquery of IN with an aggregate and GROUP BY';
  return undefined;
};

/** How a subquery hangs in the block around it. */
interface Link {
  readonly isOuterJoin: boolean;
  readonly isIn: boolean;
  readonly isGroup: boolean;
}
const NO_LINK: Link = { isOuterJoin: false, isIn: false, isGroup: false };

/** Throws SqlRefused for a correlation that Redshift does not support. */
export const checkCorrelation = (statement: unknown): void => walk(statement, undefined, NO_LINK);

const walk = (value: unknown, block: Block | undefined, link: Link): void => {
  if (Array.isArray(value)) for (const item of value) walk(item, block, link);
  if (!isFields(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    if (!isFields(inner) && !Array.isArray(inner)) continue;
    if (isFields(inner) && TABLES[key] !== undefined) walkBlock(key, inner, block, link);
    else if (key === 'ColumnRef' && isFields(inner)) checkColumn(inner, block);
    else if (key === 'JoinExpr' && isFields(inner)) walkJoin(inner, block, link);
    else if (key === 'SubLink' && isFields(inner))
      walk(inner, block, { ...link, isIn: inner.subLinkType === 'ANY_SUBLINK' });
    else walk(inner, block, link);
  }
};

const walkJoin = (join: Fields, block: Block | undefined, link: Link): void => {
  walk([join.larg, join.rarg], block, link);
  walk(join.quals, block, { ...link, isOuterJoin: link.isOuterJoin || join.jointype !== 'JOIN_INNER' });
};

/** The arms of a UNION are queries beside each other, held without their kind. */
const walkBlock = (kind: string, node: Fields, around: Block | undefined, link: Link): void => {
  if (isSet(node)) {
    for (const arm of [node.larg, node.rarg]) if (isFields(arm)) walkBlock(kind, arm, around, link);
    walk(node.withClause, around, link);
    return;
  }
  const tables = new Set((TABLES[kind] ?? []).flatMap((field) => tablesIn(node[field])));
  const block = { tables, around, forbids: forbidden(node, link) };
  const grouped = new Set(
    list(node.groupClause).flatMap((item) => names(nodeOf(item, 'ColumnRef')?.fields).slice(-1)),
  );
  for (const target of list(node.targetList)) {
    const name = nodeOf(target, 'ResTarget')?.name;
    walk(target, block, { ...NO_LINK, isGroup: typeof name === 'string' && grouped.has(name) });
  }
  const { targetList: _, groupClause, ...rest } = node;
  walk(groupClause, block, { ...NO_LINK, isGroup: true });
  walk(rest, block, NO_LINK);
};

const checkColumn = ({ fields }: Fields, block: Block | undefined): void => {
  const table = names(fields).at(-2);
  if (table === undefined || block === undefined || block.tables.has(table)) return;
  let [outer, skipped] = [block.around, 0];
  while (outer !== undefined && !outer.tables.has(table)) [outer, skipped] = [outer.around, skipped + 1];
  if (outer === undefined) return;
  if (skipped > 0) throw redshiftRefuses(`the correlation with ${table}, which skips a query block,`, PAGE);
  if (block.forbids !== undefined)
    throw redshiftRefuses(`the correlation with ${table} in ${block.forbids}`, PAGE);
};
