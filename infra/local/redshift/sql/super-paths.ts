import { isFields, list, names, nodeOf } from './node-rules.ts';
import { notKnownHere } from './refusal.ts';
import { castNode, columnNode, ownCallNode, textNode } from './tree-nodes.ts';

/** What a name in FROM stands for: a table, with its schema where it was given, or the elements of an array. */
export interface Source {
  readonly kind: 'table' | 'elements';
  readonly schema?: string | undefined;
}

/** The names of FROM that an expression sees. */
export type Scope = ReadonlyMap<string, Source>;

/** Steps of a path: names of an object, numbers of an array. */
type Path = readonly string[];

/**
 * A name with dots is a column, which its table and schema may precede, and a path into its SUPER value
 * (https://docs.aws.amazon.com/redshift/latest/dg/query-super.html).
 */
const splitName = (parts: Path, scope: Scope): { readonly column: Path; readonly path: Path } => {
  const [first = '', second = ''] = parts;
  const source = scope.get(first);
  if (source?.kind === 'elements') return { column: [first, first], path: parts.slice(1) };
  if (source !== undefined) return { column: parts.slice(0, 2), path: parts.slice(2) };
  const isQualified = parts.length > 2 && scope.get(second)?.schema === first;
  const length = isQualified ? 3 : 1;
  return { column: parts.slice(0, length), path: parts.slice(length) };
};

const navigate = (value: unknown, path: Path): unknown =>
  path.length === 0 ? value : ownCallNode('super_get', [value, ...path.map(textNode)]);

/** Writes a name with dots; gives undefined where it is a column by itself. */
export const rewriteName = (node: Readonly<Record<string, unknown>>, scope: Scope): unknown => {
  const fields = list(node.fields);
  if (fields.some((field) => nodeOf(field, 'A_Star') !== undefined)) return undefined;
  const parts = names(fields);
  const { column, path } = splitName(parts, scope);
  if (path.length === 0 && column.length === parts.length) return undefined;
  return navigate(columnNode(column), path);
};

/** Writes `value[0].name`, whose value is written already. */
export const rewriteIndirection = (value: unknown, steps: readonly unknown[]): unknown =>
  navigate(
    value,
    steps.map((step) => {
      const index = nodeOf(nodeOf(step, 'A_Indices')?.uidx, 'A_Const')?.ival;
      if (isFields(index)) return String(index.ival ?? 0);
      const name = nodeOf(step, 'String')?.sval;
      if (typeof name === 'string') return name;
      throw notKnownHere('an index of a SUPER value that is not a number');
    }),
  );

/** Whether a written expression is certainly of type SUPER. */
export const isSuper = (node: unknown, scope: Scope): boolean => {
  if (names(nodeOf(node, 'FuncCall')?.funcname).at(-1) === 'super_get') return true;
  const parts = names(nodeOf(node, 'ColumnRef')?.fields);
  return parts.length === 2 && parts[0] === parts[1] && scope.get(parts[0] ?? '')?.kind === 'elements';
};

/** A scalar in SUPER is cast by its text: '5' as well as 5 is the number (super-configurations: dynamic typing). */
export const superText = (value: unknown): unknown => ownCallNode('super_text', [value]);

/** The other side of a comparison with a SUPER value, as SUPER. */
export const toSuper = (node: unknown): unknown =>
  ownCallNode('to_super', [nodeOf(node, 'A_Const')?.sval === undefined ? node : castNode(node, 'text')]);

/** Writes `FROM t, t.items AS x`, a row an element, which are visible as x (query-super, unnesting). */
export const rewriteUnnest = (relation: Readonly<Record<string, unknown>>, scope: Scope): unknown => {
  const alias = isFields(relation.alias) ? String(relation.alias.aliasname) : String(relation.relname);
  const parts = [relation.catalogname, relation.schemaname, relation.relname]
    .filter((part) => part !== undefined)
    .map(String);
  const { column, path } = splitName(parts, scope);
  const elements = ownCallNode('super_elements', [navigate(columnNode(column), path)]);
  const subquery = { SelectStmt: selectOf([{ ResTarget: { name: alias, val: elements } }]) };
  return { RangeSubselect: { lateral: true, subquery, alias: { aliasname: alias } } };
};

export const selectOf = (targetList: readonly unknown[], more: Readonly<Record<string, unknown>> = {}) => ({
  targetList,
  limitOption: 'LIMIT_OPTION_DEFAULT',
  op: 'SETOP_NONE',
  ...more,
});
