/**
 * The parse tree of Redshift's queries and DML: which nodes of Postgres' tree there are, with which fields. Whatever
 * stands not here is refused: the guide's syntax pages are a subset of what the parser takes.
 *
 * A field is `'value'` (text, number), `'any'` (wrapped nodes) or the name of the one node that it holds unwrapped.
 */
export type NodeShape = Readonly<Record<string, string>>;

/** r_SELECT_synopsis, r_FROM_clause30, r_GROUP_BY_clause, r_UNION, r_ORDER_BY_clause, r_WITH_clause */
const SELECT: Readonly<Record<string, NodeShape>> = {
  SelectStmt: {
    distinctClause: 'any',
    targetList: 'any',
    fromClause: 'any',
    whereClause: 'any',
    groupClause: 'any',
    havingClause: 'any',
    valuesLists: 'any',
    sortClause: 'any',
    limitCount: 'any',
    limitOffset: 'any',
    limitOption: 'value',
    op: 'value',
    all: 'value',
    larg: 'SelectStmt',
    rarg: 'SelectStmt',
    withClause: 'WithClause',
  },
  WithClause: { ctes: 'any', recursive: 'value' },
  CommonTableExpr: { ctename: 'value', aliascolnames: 'any', ctematerialized: 'value', ctequery: 'any' },
  ResTarget: { name: 'value', val: 'any' },
  RangeVar: {
    catalogname: 'value',
    schemaname: 'value',
    relname: 'value',
    inh: 'value',
    relpersistence: 'value',
    alias: 'Alias',
  },
  Alias: { aliasname: 'value', colnames: 'any' },
  RangeSubselect: { subquery: 'any', alias: 'Alias' },
  JoinExpr: {
    jointype: 'value',
    isNatural: 'value',
    larg: 'any',
    rarg: 'any',
    usingClause: 'any',
    quals: 'any',
    rtindex: 'value',
  },
  SortBy: { node: 'any', sortby_dir: 'value', sortby_nulls: 'value' },
};

/** c_expressions, r_conditions: r_Conditions, r_CASE_function, r_NVL_function, r_Window_function_synopsis, r_CAST_function */
const EXPRESSIONS: Readonly<Record<string, NodeShape>> = {
  ColumnRef: { fields: 'any' },
  A_Star: {},
  String: { sval: 'value' },
  Integer: { ival: 'value' },
  Float: { fval: 'value' },
  Boolean: { boolval: 'value' },
  List: { items: 'any' },
  A_Const: { ival: 'Integer', fval: 'Float', boolval: 'Boolean', sval: 'String', isnull: 'value' },
  A_Expr: {
    kind: 'value',
    name: 'any',
    lexpr: 'any',
    rexpr: 'any',
    rexpr_list_start: 'value',
    rexpr_list_end: 'value',
  },
  BoolExpr: { boolop: 'value', args: 'any' },
  A_Indirection: { arg: 'any', indirection: 'any' },
  A_Indices: { uidx: 'any' },
  RowExpr: { args: 'any', row_format: 'value' },
  NullTest: { arg: 'any', nulltesttype: 'value' },
  BooleanTest: { arg: 'any', booltesttype: 'value' },
  SubLink: { subLinkType: 'value', testexpr: 'any', operName: 'any', subselect: 'any' },
  CaseExpr: { arg: 'any', args: 'any', defresult: 'any' },
  CaseWhen: { expr: 'any', result: 'any' },
  CoalesceExpr: { args: 'any' },
  MinMaxExpr: { op: 'value', args: 'any' },
  SQLValueFunction: { op: 'value', typmod: 'value' },
  TypeCast: { arg: 'any', typeName: 'TypeName' },
  TypeName: { names: 'any', typmods: 'any', typemod: 'value' },
  FuncCall: {
    funcname: 'any',
    args: 'any',
    agg_star: 'value',
    agg_distinct: 'value',
    agg_order: 'any',
    agg_within_group: 'value',
    funcformat: 'value',
    over: 'WindowDef',
  },
  WindowDef: {
    partitionClause: 'any',
    orderClause: 'any',
    frameOptions: 'value',
    startOffset: 'any',
    endOffset: 'any',
  },
};

/** r_INSERT_30, r_UPDATE, r_DELETE, r_MERGE, r_LOCK, r_SET, r_CREATE_SCHEMA, r_DROP_TABLE, r_CREATE_TABLE_AS, r_CREATE_VIEW, r_DROP_VIEW */
const STATEMENTS: Readonly<Record<string, NodeShape>> = {
  InsertStmt: { relation: 'RangeVar', cols: 'any', selectStmt: 'any', override: 'value' },
  UpdateStmt: {
    relation: 'RangeVar',
    targetList: 'any',
    whereClause: 'any',
    fromClause: 'any',
    withClause: 'WithClause',
  },
  DeleteStmt: {
    relation: 'RangeVar',
    usingClause: 'any',
    whereClause: 'any',
    withClause: 'WithClause',
  },
  MergeStmt: {
    relation: 'RangeVar',
    sourceRelation: 'any',
    joinCondition: 'any',
    mergeWhenClauses: 'any',
  },
  MergeWhenClause: {
    matchKind: 'value',
    commandType: 'value',
    override: 'value',
    targetList: 'any',
    values: 'any',
  },
  LockStmt: { relations: 'any', mode: 'value' },
  VariableSetStmt: { kind: 'value', name: 'value', args: 'any' },
  CreateSchemaStmt: { schemaname: 'value', if_not_exists: 'value' },
  DropStmt: { objects: 'any', removeType: 'value', behavior: 'value', missing_ok: 'value' },
  CreateTableAsStmt: { query: 'any', into: 'IntoClause', objtype: 'value' },
  ViewStmt: { view: 'RangeVar', aliases: 'any', query: 'any', replace: 'value', withCheckOption: 'value' },
  IntoClause: { rel: 'RangeVar', onCommit: 'value' },
};

export const NODES: Readonly<Record<string, NodeShape>> = { ...SELECT, ...EXPRESSIONS, ...STATEMENTS };

/** What a refused node or field is called, with the page that leaves it out or says so. */
export const NAMES: Readonly<Record<string, readonly [string, string]>> = {
  'InsertStmt.onConflictClause': ['ON CONFLICT', 'r_INSERT_30'],
  'InsertStmt.returningClause': ['RETURNING', 'r_INSERT_30'],
  'InsertStmt.withClause': ['WITH before INSERT', 'r_INSERT_30'],
  'UpdateStmt.returningClause': ['RETURNING', 'r_UPDATE'],
  'DeleteStmt.returningClause': ['RETURNING', 'r_DELETE'],
  'MergeStmt.returningClause': ['RETURNING', 'r_MERGE'],
  'MergeStmt.withClause': ['WITH before MERGE', 'r_MERGE'],
  'MergeWhenClause.condition': ['AND in a WHEN clause of MERGE', 'r_MERGE'],
  'SelectStmt.lockingClause': ['FOR UPDATE', 'r_SELECT_synopsis'],
  'SelectStmt.windowClause': ['the WINDOW clause', 'r_SELECT_synopsis'],
  'SelectStmt.groupDistinct': ['GROUP BY DISTINCT', 'r_GROUP_BY_clause'],
  'RangeSubselect.lateral': ['LATERAL', 'r_FROM_clause30'],
  'FuncCall.agg_filter': ['FILTER (WHERE …)', 'c_Aggregate_Functions'],
  'FuncCall.func_variadic': ['VARIADIC', 'c_SQL_functions'],
  'WindowDef.name': ['the WINDOW clause', 'r_Window_function_synopsis'],
  'WindowDef.refname': ['the WINDOW clause', 'r_Window_function_synopsis'],
  'LockStmt.nowait': ['LOCK … NOWAIT', 'r_LOCK'],
  'TypeName.arrayBounds': ['an array type', 'c_unsupported-postgresql-datatypes'],
  'CommonTableExpr.search_clause': ['the SEARCH clause', 'r_WITH_clause'],
  'CommonTableExpr.cycle_clause': ['the CYCLE clause', 'r_WITH_clause'],
  RangeFunction: ['a function in FROM', 'c_unsupported-postgresql-features'],
  RangeTableSample: ['TABLESAMPLE', 'r_FROM_clause30'],
  A_ArrayExpr: ['an array constructor', 'c_unsupported-postgresql-features'],
  'A_Indices.is_slice': ['a slice of an array', 'query-super'],
  CollateClause: ['COLLATE "…"', 'c_collation_sequences'],
  TruncateStmt: ['TRUNCATE in a transaction, which it would commit,', 'r_TRUNCATE'],
  IndexStmt: ['CREATE INDEX', 'c_unsupported-postgresql-features'],
};
