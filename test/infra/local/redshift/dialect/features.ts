import { parse } from 'pgsql-parser';
import { isFields, list, names } from '../../../../../infra/local/redshift/sql/node-rules.ts';
import { MARKS, rewriteTokens } from '../../../../../infra/local/redshift/sql/rewrite-tokens.ts';
import { parseTokens, toPostgresText } from '../../../../../infra/local/redshift/sql/tokens.ts';
import { isUnbound, withoutBinding } from '../../../../../infra/local/redshift/sql/view.ts';
import { executesOf } from '../../../../shared/sql/support/procedures.ts';

/** What of the SQL language a statement uses, as the words of rules.ts. */

/** Statements by how they begin; the first that fits. */
const STATEMENTS: readonly (readonly [RegExp, string])[] = [
  [/^SET statement_timeout TO \d+$/, 'SET statement_timeout TO n'],
  [/^LOCK /, 'LOCK a, b'],
  [/^CREATE SCHEMA IF NOT EXISTS /, 'CREATE SCHEMA IF NOT EXISTS'],
  [/^CREATE TEMP TABLE \S+ AS\s/, 'CREATE TEMP TABLE … AS'],
  [/^CREATE TEMP TABLE \S+ \(/, 'CREATE TEMP TABLE (…)'],
  [/^CREATE TABLE IF NOT EXISTS \S+ \(/, 'CREATE TABLE IF NOT EXISTS (…)'],
  [/^CREATE OR REPLACE VIEW .* WITH NO SCHEMA BINDING$/s, 'CREATE OR REPLACE VIEW … WITH NO SCHEMA BINDING'],
  [/^DROP VIEW IF EXISTS /, 'DROP VIEW IF EXISTS'],
  [/^DROP TABLE IF EXISTS /, 'DROP TABLE IF EXISTS a, b'],
  [/^ALTER TABLE \S+ RENAME TO /, 'ALTER TABLE … RENAME TO'],
  [/^ALTER TABLE \S+ ADD COLUMN /, 'ALTER TABLE … ADD COLUMN'],
  [/^ALTER TABLE \S+ ALTER COLUMN \S+ TYPE VARCHAR/, 'ALTER TABLE … ALTER COLUMN … TYPE VARCHAR(n)'],
  [/^ALTER TABLE \S+ ALTER COLUMN \S+ ENCODE /, 'ALTER TABLE … ALTER COLUMN … ENCODE'],
  [/^ALTER TABLE \S+ OWNER TO /, 'ALTER TABLE … OWNER TO'],
  [/^ALTER SCHEMA \S+ OWNER TO /, 'ALTER SCHEMA … OWNER TO'],
  [/^CREATE USER /, 'CREATE USER'],
  [/^ALTER USER /, 'ALTER USER'],
  [/^GRANT CREATE, TEMPORARY ON DATABASE /, 'GRANT CREATE, TEMPORARY ON DATABASE'],
  [/^GRANT USAGE ON SCHEMA /, 'GRANT USAGE ON SCHEMA'],
  [/^GRANT SELECT ON TABLE /, 'GRANT SELECT ON TABLE'],
  [/^COPY /, 'COPY … FROM … IAM_ROLE'],
  [/^INSERT INTO .*?\sSELECT /s, 'INSERT INTO … SELECT'],
  [/^INSERT INTO .*?\sVALUES /s, 'INSERT INTO … VALUES'],
  [/^UPDATE /, 'UPDATE … SET'],
  [/^DELETE FROM \S+ USING /, 'DELETE FROM … USING'],
  [/^DELETE FROM /, 'DELETE FROM'],
  [/^DROP TABLE /, 'DROP TABLE'],
  [
    /^CREATE OR REPLACE PROCEDURE \S+\(\) AS \$\$ BEGIN EXECUTE .* END; \$\$ LANGUAGE plpgsql$/s,
    'CREATE OR REPLACE PROCEDURE … AS $$ BEGIN … END; $$ LANGUAGE plpgsql',
  ],
  [/^CALL \S+\(\)$/, 'CALL'],
  [/^DROP PROCEDURE \S+\(\)$/, 'DROP PROCEDURE'],
  [/^MERGE INTO /, 'MERGE INTO'],
  [/^(SELECT|WITH) /, 'SELECT'],
];

const COPY_WORDS: readonly string[] = [
  'MANIFEST',
  'CSV',
  'ZSTD',
  'NULL AS',
  "DATEFORMAT 'auto'",
  "TIMEFORMAT 'auto'",
  'MAXERROR 0',
  'COMPUPDATE OFF',
  'COMPUPDATE ON',
  'STATUPDATE OFF',
  'STATUPDATE ON',
  'REGION',
];

const TYPES =
  /" (SMALLINT|INTEGER|BIGINT|DECIMAL|REAL|DOUBLE PRECISION|BOOLEAN|CHAR|VARCHAR|DATE|TIMESTAMPTZ|TIMESTAMP|SUPER)\b/g;

const statementOf = (sql: string): string => {
  const found = STATEMENTS.find(([shape]) => shape.test(sql));
  if (found === undefined) throw new Error(`no rule knows how this begins: ${sql.slice(0, 100)}`);
  return found[1];
};

/** Of statements that the parser of queries does not read. */
const OWN =
  /^(COPY|GRANT|ALTER TABLE|ALTER SCHEMA|CREATE USER|ALTER USER|CREATE TABLE|CREATE TEMP TABLE \S+ \(|CALL|DROP PROCEDURE)/;

const inOwn = (sql: string): readonly string[] => [
  ...[...sql.matchAll(TYPES)].map(([, type]) => `the type ${type}`),
  ...(/^COPY /.test(sql) ? COPY_WORDS.filter((word) => sql.includes(` ${word}`)) : []),
  ...(/^GRANT .* TO ROLE /.test(sql) ? ['TO ROLE'] : []),
  ...(/^GRANT .* TO GROUP /.test(sql) ? ['TO GROUP'] : []),
  ...(/^GRANT .* TO PUBLIC/.test(sql) ? ['TO PUBLIC'] : []),
  ...[...sql.matchAll(/\b(DISTKEY|SORTKEY|DISTSTYLE (?:ALL|EVEN|AUTO|KEY))\b/g)].map(([, key]) => `${key}`),
];

/** What stands in every statement, or says nothing by itself. */
const PLAIN: ReadonlySet<string> = new Set(
  (
    'A_Const A_Expr A_Star Alias Boolean BoolExpr CaseWhen ColumnRef CommonTableExpr CreateSchemaStmt CreateTableAsStmt DeleteStmt DropStmt ' +
    'Float InsertStmt Integer IntoClause List LockStmt MergeStmt MergeWhenClause RangeVar ResTarget SelectStmt String TypeName UpdateStmt ' +
    'VariableSetStmt ViewStmt WindowDef'
  ).split(' '),
);

const NODES: Readonly<Record<string, string>> = {
  CaseExpr: 'CASE',
  CoalesceExpr: 'COALESCE',
  MinMaxExpr: 'GREATEST, LEAST',
  NullTest: 'IS NULL',
  RangeSubselect: 'a subquery in FROM',
  RowExpr: 'a row of values compared',
};

const SUBLINKS: Readonly<Record<string, string>> = {
  EXISTS_SUBLINK: 'EXISTS (subquery)',
  ANY_SUBLINK: 'IN (subquery)',
  EXPR_SUBLINK: 'a subquery as a value',
};

const JOINS: Readonly<Record<string, string>> = { JOIN_INNER: 'JOIN', JOIN_LEFT: 'LEFT JOIN' };

const wordsOf = (kind: string, node: Readonly<Record<string, unknown>>): readonly string[] => {
  const words: string[] = [];
  const add = (has: unknown, word: string): void => {
    if (has !== undefined) words.push(word);
  };
  switch (kind) {
    case 'FuncCall': {
      const name = names(node.funcname).at(-1) ?? '';
      const written = Object.entries(MARKS).find(([, mark]) => mark === name)?.[0] ?? name;
      const isClause = name === 'timezone' && node.funcformat === 'COERCE_SQL_SYNTAX';
      words.push(isClause ? 'AT TIME ZONE' : `${written.toUpperCase()}()`);
      add(node.over, 'OVER (PARTITION BY … ORDER BY …)');
      add(node.agg_distinct, 'an aggregate of DISTINCT values');
      break;
    }
    case 'SubLink':
      words.push(SUBLINKS[String(node.subLinkType)] ?? String(node.subLinkType));
      break;
    case 'JoinExpr':
      words.push(JOINS[String(node.jointype)] ?? String(node.jointype));
      break;
    case 'TypeCast': {
      const type = isFields(node.typeName) ? names(node.typeName.names).at(-1) : undefined;
      words.push(`CAST(… AS ${String(type)})`);
      break;
    }
    case 'SortBy':
      if (node.sortby_nulls !== 'SORTBY_NULLS_DEFAULT') words.push('ORDER BY … NULLS FIRST or LAST');
      break;
    case 'SelectStmt':
      add(node.withClause, 'WITH');
      add(node.groupClause, 'GROUP BY');
      add(node.havingClause, 'HAVING');
      add(node.sortClause, 'ORDER BY');
      add(node.limitCount, 'LIMIT');
      add(node.distinctClause, 'DISTINCT');
      if (node.op === 'SETOP_UNION') words.push(node.all === true ? 'UNION ALL' : 'UNION');
      break;
    case 'UpdateStmt':
      add(node.fromClause, 'UPDATE … FROM');
      break;
    default:
      if (!PLAIN.has(kind)) words.push(NODES[kind] ?? kind);
  }
  if (kind === 'RangeVar' && /^pg_(class|namespace|user)$/.test(String(node.relname)))
    words.push('pg_class, pg_namespace, pg_user');
  if (kind === 'A_Expr' && node.kind !== 'AEXPR_OP') words.push(String(node.kind).replace('AEXPR_', ''));
  return words;
};

/** Kinds are the keys that begin with a capital; some nodes are held without one. */
const inTree = (value: unknown, found: Set<string>, as?: string): void => {
  if (Array.isArray(value)) for (const item of list(value)) inTree(item, found);
  if (!isFields(value)) return;
  if (as !== undefined) for (const word of wordsOf(as, value)) found.add(word);
  for (const [key, inner] of Object.entries(value)) {
    const held = key === 'larg' || key === 'rarg' ? 'SelectStmt' : undefined;
    const isSet = held !== undefined && isFields(inner) && 'op' in inner;
    inTree(inner, found, /^[A-Z]/.test(key) ? key : isSet ? held : undefined);
  }
};

/** All that a statement uses, its own kind first. */
export const featuresOf = async (written: string): Promise<ReadonlySet<string>> => {
  const sql = written.replaceAll(/\s+/g, ' ');
  const found = new Set([statementOf(sql), ...(OWN.test(sql) ? inOwn(sql) : [])]);
  const executes = executesOf(written);
  if (executes !== undefined) {
    found.add("EXECUTE '…'");
    for (const within of executes) for (const word of await featuresOf(within)) found.add(word);
    return found;
  }
  if (OWN.test(sql)) return found;
  const tokens = parseTokens(sql);
  const read = isUnbound(tokens) ? withoutBinding(tokens) : tokens;
  inTree(await parse(toPostgresText(rewriteTokens(read))), found);
  return found;
};
