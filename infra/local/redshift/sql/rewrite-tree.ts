import { defaultSizeOf } from './default-sizes.ts';
import { type Fields, isFields, list, names, nodeOf } from './node-rules.ts';
import { notKnownHere } from './refusal.ts';
import { callName, rewriteCall } from './rewrite-calls.ts';
import { MARKS } from './rewrite-tokens.ts';
import {
  isSuper,
  rewriteIndirection,
  rewriteName,
  rewriteUnnest,
  type Scope,
  type Source,
  selectOf,
  superText,
  toSuper,
} from './super-paths.ts';

/** The column that QUALIFY adds; it is taken out of results. */
export const QUALIFY_COLUMN = 'millrace qualify';

/** Statements whose every table stands in a FROM that is read here, so that names with dots can be told apart. */
const WITH_PATHS: readonly string[] = ['SelectStmt', 'CreateTableAsStmt', 'InsertStmt'];

/** Writes the parse tree of an allowed statement of Redshift for Postgres: the same tree where both read it alike. */
export const toPostgresTree = (statement: Fields): Fields => {
  const hasPaths = WITH_PATHS.includes(Object.keys(statement)[0] ?? '');
  const written = rewrite(statement, new Map(), hasPaths);
  return isFields(written) ? written : statement;
};

const rewrite = (value: unknown, scope: Scope, hasPaths: boolean): unknown => {
  if (Array.isArray(value)) return value.map((item) => rewrite(item, scope, hasPaths));
  if (!isFields(value)) return value;
  const select = nodeOf(value, 'SelectStmt');
  if (select !== undefined) return { SelectStmt: rewriteSelect(select, scope, hasPaths) };
  const name = nodeOf(value, 'ColumnRef');
  if (name !== undefined) return (hasPaths ? rewriteName(name, scope) : undefined) ?? value;
  const call = nodeOf(value, 'FuncCall');
  // The word in front of dateadd and its like is a date part, no column.
  if (call !== undefined) return rewriteFunction(call, scope, hasPaths);
  return rewriteExpression(rewriteFields(value, scope, hasPaths), scope);
};

const rewriteFields = (value: Fields, scope: Scope, hasPaths: boolean): Fields =>
  Object.fromEntries(
    Object.entries(value).map(([field, inner]) => [
      field,
      // An operand of UNION is a SELECT without the name of its kind.
      isFields(inner) && (field === 'larg' || field === 'rarg') && inner.op !== undefined
        ? rewriteSelect(inner, scope, hasPaths)
        : rewrite(inner, scope, hasPaths),
    ]),
  );

const rewriteFunction = (call: Fields, scope: Scope, hasPaths: boolean): unknown => {
  const written = rewriteFields(call, scope, hasPaths);
  return rewriteCall(written) ?? { FuncCall: written };
};

/** Casts, comparisons and subscripts, whose parts are written already. */
const rewriteExpression = (node: Fields, scope: Scope): unknown => {
  const indirection = nodeOf(node, 'A_Indirection');
  if (indirection !== undefined) return rewriteIndirection(indirection.arg, list(indirection.indirection));
  const cast = nodeOf(node, 'TypeCast');
  if (cast !== undefined) {
    const sized = { ...cast, ...sizeOf(cast) };
    return { TypeCast: isSuper(cast.arg, scope) ? { ...sized, arg: superText(cast.arg) } : sized };
  }
  const operation = nodeOf(node, 'A_Expr');
  if (operation?.kind !== 'AEXPR_OP' || !/^(?:[<>]=?|=|<>)$/.test(names(operation.name)[0] ?? ''))
    return node;
  const [left, right] = [isSuper(operation.lexpr, scope), isSuper(operation.rexpr, scope)];
  if (left === right) return node;
  const sides = left ? { rexpr: toSuper(operation.rexpr) } : { lexpr: toSuper(operation.lexpr) };
  return { A_Expr: { ...operation, ...sides } };
};

/** The type of a cast with the size that Redshift gives it; nothing where it has one, or needs none. */
const sizeOf = ({ typeName }: Fields): Fields => {
  if (!isFields(typeName) || list(typeName.typmods).length > 0) return {};
  const type = names(typeName.names).at(-1) ?? '';
  const size = defaultSizeOf(type);
  if (size === undefined) return {};
  const typmods = size.map((ival) => ({ A_Const: { ival: ival === 0 ? {} : { ival } } }));
  const written = type === 'text' ? [{ String: { sval: 'varchar' } }] : typeName.names;
  return { typeName: { ...typeName, names: written, typmods } };
};

const rewriteSelect = (select: Fields, outer: Scope, hasPaths: boolean): Fields => {
  const scope = new Map(outer);
  const fromClause = list(select.fromClause).map((item) => rewriteSource(item, scope, hasPaths));
  const rest = rewriteFields({ ...select, fromClause: [] }, scope, hasPaths);
  const written = { ...rest, ...(select.fromClause === undefined ? {} : { fromClause }) };
  const { fromClause: _, ...without } = written;
  return liftQualify(liftTop(nameCalls(select.fromClause === undefined ? without : written, select)));
};

/** Writes one item of FROM and adds its names to the scope, which the items after it see. */
const rewriteSource = (item: unknown, scope: Map<string, Source>, hasPaths: boolean): unknown => {
  const join = nodeOf(item, 'JoinExpr');
  if (join !== undefined) {
    const larg = rewriteSource(join.larg, scope, hasPaths);
    const rarg = rewriteSource(join.rarg, scope, hasPaths && joinsAll(join));
    const { larg: _l, rarg: _r, ...rest } = join;
    return { JoinExpr: { ...rewriteFields(rest, scope, hasPaths), larg, rarg } };
  }
  const relation = nodeOf(item, 'RangeVar');
  const subselect = nodeOf(item, 'RangeSubselect');
  const alias = relation?.alias ?? subselect?.alias;
  const name = isFields(alias) ? String(alias.aliasname) : String(relation?.relname ?? '');
  const first = relation?.catalogname ?? relation?.schemaname;
  if (hasPaths && relation !== undefined && typeof first === 'string' && scope.has(first)) {
    const unnest = rewriteUnnest(relation, scope);
    scope.set(name, { kind: 'elements' });
    return unnest;
  }
  const written = rewrite(item, scope, hasPaths);
  const schema = isFields(alias) ? undefined : relation?.schemaname;
  scope.set(name, { kind: 'table', schema: typeof schema === 'string' ? schema : undefined });
  return written;
};

/**
 * Elements are joined ON TRUE (query-super, unnesting): they belong to their row already. With another condition `s.roots` is a
 * table, also where a schema has the name of an alias.
 */
const joinsAll = ({ quals }: Fields): boolean => {
  const constant = nodeOf(quals, 'A_Const')?.boolval;
  return quals === undefined || (isFields(constant) && constant.boolval === true);
};

/** A column without a name has that of its function, which the written one may lack. */
const nameCalls = (written: Fields, select: Fields): Fields => {
  const before = list(select.targetList);
  const targetList = list(written.targetList).map((item, at) => {
    const target = nodeOf(item, 'ResTarget');
    const called = nameOf(nodeOf(before[at], 'ResTarget')?.val);
    if (target === undefined || target.name !== undefined || called === undefined) return item;
    if (called === nameOf(target.val) || called === MARKS.top || called === MARKS.qualify) return item;
    return { ResTarget: { ...target, name: called === MARKS.distinctList ? 'listagg' : called } };
  });
  return written.targetList === undefined ? written : { ...written, targetList };
};

/** The name of a column that is a call, a name with dots or a path; undefined for another expression. */
const nameOf = (value: unknown): string | undefined => {
  const steps = nodeOf(value, 'A_Indirection')?.indirection ?? nodeOf(value, 'ColumnRef')?.fields;
  const named = names(steps).findLast((name) => name !== '');
  return callName(value) ?? named;
};

const takeMark = (
  select: Fields,
  mark: string,
): { readonly arg: unknown; readonly rest: Fields } | undefined => {
  const targets = list(select.targetList);
  const at = targets.findIndex((item) => callName(nodeOf(item, 'ResTarget')?.val) === mark);
  if (at === -1) return undefined;
  const call = nodeOf(nodeOf(targets[at], 'ResTarget')?.val, 'FuncCall');
  return { arg: list(call?.args)[0], rest: { ...select, targetList: targets.toSpliced(at, 1) } };
};

/** TOP n is LIMIT n (r_SELECT_list). */
const liftTop = (select: Fields): Fields => {
  const top = takeMark(select, MARKS.top);
  if (top === undefined) return select;
  if (select.limitCount !== undefined) throw notKnownHere('TOP and LIMIT in one SELECT');
  return { ...top.rest, limitCount: top.arg, limitOption: 'LIMIT_OPTION_COUNT' };
};

/**
 * QUALIFY filters by window functions (r_QUALIFY_clause): it is a column of a query inside another that filters. The order
 * stays inside, where it may name what is not selected, and Postgres keeps it; LIMIT counts what is left.
 */
const liftQualify = (select: Fields): Fields => {
  const qualify = takeMark(select, MARKS.qualify);
  if (qualify === undefined) return select;
  if (select.distinctClause !== undefined) throw notKnownHere('QUALIFY in SELECT DISTINCT');
  const { limitCount, limitOffset, limitOption, withClause, ...inner } = qualify.rest;
  const val = withoutAliases(qualify.arg, list(inner.targetList));
  const condition = { ResTarget: { name: QUALIFY_COLUMN, val } };
  const subquery = {
    SelectStmt: {
      ...inner,
      limitOption: 'LIMIT_OPTION_DEFAULT',
      targetList: [...list(inner.targetList), condition],
    },
  };
  return selectOf([{ ResTarget: { val: { ColumnRef: { fields: [{ A_Star: {} }] } } } }], {
    fromClause: [{ RangeSubselect: { subquery, alias: { aliasname: 'qualified' } } }],
    whereClause: { ColumnRef: { fields: [{ String: { sval: QUALIFY_COLUMN } }] } },
    limitOption,
    ...(limitCount === undefined ? {} : { limitCount }),
    ...(limitOffset === undefined ? {} : { limitOffset }),
    ...(withClause === undefined ? {} : { withClause }),
  });
};

/** The condition may name a column of the list by its alias: the expression stands in for it. */
const withoutAliases = (value: unknown, targets: readonly unknown[]): unknown => {
  if (Array.isArray(value)) return value.map((item) => withoutAliases(item, targets));
  if (!isFields(value)) return value;
  const parts = names(nodeOf(value, 'ColumnRef')?.fields);
  const target = targets
    .map((item) => nodeOf(item, 'ResTarget'))
    .find((one) => parts.length === 1 && one?.name === parts[0]);
  if (target !== undefined) return target.val;
  return Object.fromEntries(
    Object.entries(value).map(([field, inner]) => [field, withoutAliases(inner, targets)]),
  );
};
