import { nearest } from '../../../../shared/model/nearest.ts';
import { SYSTEM_SCHEMA } from '../system-objects.ts';
import { defaultSizeOf } from './default-sizes.ts';
import { AGGREGATES, FRAMED, FUNCTIONS, isKnownToRedshift, ORDERED, SYNTAX_FUNCTIONS } from './functions.ts';
import { GUIDE, notKnownHere, redshiftRefuses, SqlRefused } from './refusal.ts';

/** One node of the parse tree, its fields unread. */
export type Fields = Readonly<Record<string, unknown>>;

/** Looks at one node, whose fields the table of shapes allows. Throws SqlRefused. */
export type NodeRule = (node: Fields) => void;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The fields of a wrapped node of this kind, else undefined. */
export const nodeOf = (value: unknown, kind: string): Fields | undefined => {
  const inner = isFields(value) ? value[kind] : undefined;
  return isFields(inner) ? inner : undefined;
};

/** The texts of a list of String nodes. */
export const names = (value: unknown): readonly string[] =>
  list(value).map((item) => String(nodeOf(item, 'String')?.sval ?? ''));

const OPERATORS: ReadonlySet<string> = new Set(
  '= <> < > <= >= + - * / % || ~ !~ ~~ !~~ ~~* !~~* ^ & | # << >> BETWEEN'.split(' ').concat('NOT BETWEEN'),
);
const EXPRESSION_KINDS: ReadonlySet<string> = new Set(
  'OP IN LIKE ILIKE SIMILAR BETWEEN NOT_BETWEEN NULLIF'.split(' ').map((kind) => `AEXPR_${kind}`),
);

const checkExpression: NodeRule = (node) => {
  const kind = String(node.kind);
  const name = names(node.name);
  if (kind === 'AEXPR_DISTINCT' || kind === 'AEXPR_NOT_DISTINCT') {
    throw redshiftRefuses('IS [NOT] DISTINCT FROM', 'r_comparison_condition');
  }
  if (kind === 'AEXPR_OP_ANY' || kind === 'AEXPR_OP_ALL') {
    throw redshiftRefuses('ANY or ALL of an array', 'c_unsupported-postgresql-features');
  }
  if (!EXPRESSION_KINDS.has(kind)) throw notKnownHere(`the expression ${kind}`);
  const operator = name[0] ?? '';
  if (name.length !== 1 || !OPERATORS.has(operator)) {
    throw redshiftRefuses(`the operator ${name.join('.')}`, 'r_SYMBOLS');
  }
};

const checkFunction: NodeRule = (node) => {
  const path = names(node.funcname);
  const name = path.at(-1) ?? '';
  if (path.length === 2 && path[0] === 'pg_catalog' && node.funcformat === 'COERCE_SQL_SYNTAX') {
    if (!SYNTAX_FUNCTIONS.has(name)) throw notKnownHere(`the function ${name}`);
    return;
  }
  checkOrdered(name, node);
  if (path.length !== 1 || !FUNCTIONS.has(name)) {
    throw refusedFunction(path);
  }
  if (name === 'concat' && list(node.args).length !== 2) {
    throw redshiftRefuses('concat of other than two values', 'r_CONCAT');
  }
  checkFrame(name, node.over);
};

const refusedFunction = (path: readonly string[]): SqlRefused => {
  const name = path.join('.');
  if (isKnownToRedshift(name)) return notKnownHere(`the function ${name}, which Redshift has`);
  const near = nearest(
    name,
    [...FUNCTIONS].filter((one) => /^\w+$/.test(one)),
  );
  const hint = near === undefined ? '' : `, the nearest is ${near}`;
  return new SqlRefused(`Redshift has no function ${name}${hint}; see ${GUIDE}c_SQL_functions.html`);
};

const checkOrdered = (name: string, node: Fields): void => {
  const isOrdered = node.agg_within_group === true;
  if (node.agg_order !== undefined && !(isOrdered && ORDERED.includes(name))) {
    throw redshiftRefuses(`ORDER BY in the aggregate ${name}`, 'c_Aggregate_Functions');
  }
  if (!name.startsWith('percentile_')) return;
  if (!isOrdered) throw redshiftRefuses(`${name} without WITHIN GROUP`, 'c_Aggregate_Functions');
  if (node.over !== undefined) throw notKnownHere(`${name} OVER`);
};

/** Bits of frameOptions in Postgres' parsenodes.h. */
const FRAME = { written: 0x1, rows: 0x4, excludes: 0x38000 };

/** Frames count rows, and an aggregate in order needs one (r_Window_function_synopsis). */
const checkFrame = (name: string, over: unknown): void => {
  if (!isFields(over)) return;
  const options = Number(over.frameOptions ?? 0);
  const isWritten = (options & FRAME.written) !== 0;
  if (isWritten && ((options & FRAME.rows) === 0 || (options & FRAME.excludes) !== 0)) {
    throw redshiftRefuses('a window frame other than ROWS', 'r_Window_function_synopsis');
  }
  if (!isWritten && AGGREGATES.includes(name) && over.orderClause !== undefined) {
    throw redshiftRefuses(`${name}() OVER (ORDER BY …) without a frame clause`, 'r_Window_function_synopsis');
  }
  if (isWritten && !FRAMED.includes(name)) {
    throw redshiftRefuses(`a frame clause of ${name}()`, 'r_Window_function_synopsis');
  }
};

const CAST_TYPES: ReadonlySet<string> = new Set(
  'int2 int4 int8 float4 float8 bool date timestamp timestamptz super bpchar interval'.split(' '),
);

/** Rows are compared, never selected. */
const checkTarget: NodeRule = (node) => {
  if (nodeOf(node.val, 'RowExpr') !== undefined) {
    throw redshiftRefuses('a row constructor', 'c_unsupported-postgresql-features');
  }
};

const checkRow: NodeRule = (node) => {
  if (node.row_format !== 'COERCE_IMPLICIT_CAST') {
    throw redshiftRefuses('a row constructor', 'c_unsupported-postgresql-features');
  }
};

const checkType: NodeRule = (node) => {
  const name = names(node.names).at(-1) ?? '';
  if (defaultSizeOf(name) !== undefined) return;
  if (!CAST_TYPES.has(name)) {
    throw redshiftRefuses(`the data type ${name}`, 'c_unsupported-postgresql-datatypes');
  }
};

const checkSubLink: NodeRule = (node) => {
  const kind = String(node.subLinkType);
  if (!['EXISTS_SUBLINK', 'ANY_SUBLINK', 'EXPR_SUBLINK'].includes(kind) || node.operName !== undefined) {
    throw notKnownHere(`the subquery ${kind.toLowerCase()}`);
  }
};

const checkSelect: NodeRule = (node) => {
  if (node.intoClause !== undefined) throw notKnownHere('SELECT INTO: write CREATE TABLE AS');
  if (node.limitOption === 'LIMIT_OPTION_WITH_TIES') {
    throw redshiftRefuses('FETCH … WITH TIES', 'r_ORDER_BY_clause');
  }
  const distinct = list(node.distinctClause);
  if (distinct.some((item) => isFields(item) && Object.keys(item).length > 0)) {
    throw redshiftRefuses('DISTINCT ON', 'r_SELECT_list');
  }
};

/** Of the values without parentheses, those that are not of the leader node alone (c_leader_node_only functions). */
const checkValueFunction: NodeRule = (node) => {
  if (node.op !== 'SVFOP_CURRENT_DATE') {
    throw notKnownHere(`${String(node.op).replace('SVFOP_', '')}: write getdate()`);
  }
};

const checkCte: NodeRule = (node) => {
  if (node.ctematerialized !== 'CTEMaterializeDefault') {
    throw redshiftRefuses('[NOT] MATERIALIZED', 'r_WITH_clause');
  }
  if (nodeOf(node.ctequery, 'SelectStmt') === undefined) {
    throw redshiftRefuses('a statement that writes in WITH', 'r_WITH_clause');
  }
};

const checkConstant: NodeRule = (node) => {
  if (node.bsval !== undefined) throw redshiftRefuses('a bit string', 'c_unsupported-postgresql-datatypes');
};

/** Of the catalog's own tables, those that tell who owns what (c_join_PG_examples). */
export const CATALOG_TABLES: readonly string[] = ['pg_class', 'pg_namespace', 'pg_user'];

const checkRelation: NodeRule = (node) => {
  if (node.inh !== true) throw redshiftRefuses('ONLY', 'c_unsupported-postgresql-features');
  const [schema, name] = [String(node.schemaname ?? ''), String(node.relname)];
  const isSystem = ['pg_catalog', 'pg_toast', 'information_schema'].includes(schema);
  if (isSystem || (schema === '' && name.startsWith('pg_') && !CATALOG_TABLES.includes(name))) {
    throw notKnownHere(`the system table ${name}: see svv_tables and svv_columns`);
  }
  if (schema === SYSTEM_SCHEMA) throw notKnownHere(`the schema ${schema}, which is its own`);
};

const checkSubselect: NodeRule = (node) => {
  if (node.alias === undefined) throw new SqlRefused('subquery in FROM must have an alias');
  const values = nodeOf(node.subquery, 'SelectStmt')?.valuesLists;
  if (values !== undefined) throw redshiftRefuses('VALUES as a table', 'c_unsupported-postgresql-features');
};

export const NODE_RULES: Readonly<Record<string, NodeRule>> = {
  A_Const: checkConstant,
  A_Expr: checkExpression,
  CommonTableExpr: checkCte,
  FuncCall: checkFunction,
  RangeSubselect: checkSubselect,
  RangeVar: checkRelation,
  ResTarget: checkTarget,
  RowExpr: checkRow,
  SelectStmt: checkSelect,
  SQLValueFunction: checkValueFunction,
  SubLink: checkSubLink,
  TypeName: checkType,
};
