import { checkCorrelation } from './correlation.ts';
import { CATALOG_TABLES, isFields, list, NODE_RULES, nodeOf } from './node-rules.ts';
import { NAMES, NODES } from './query-nodes.ts';
import { notKnownHere, redshiftRefuses, type SqlRefused } from './refusal.ts';
import { STATEMENT_RULES } from './statement-rules.ts';

/** Where a node was read from, and how long its text is: nothing to check. */
const POSITIONS: ReadonlySet<string> = new Set(['location', 'stmt_location', 'stmt_len']);

/** Checks a statement's parse tree, which is one wrapped node. Throws SqlRefused for the first thing not allowed. */
export const checkTree = (statement: unknown): void => {
  checkWrapped(statement);
  checkTableKinds(statement);
  checkCorrelation(statement);
};

const checkWrapped = (value: unknown): void => {
  if (Array.isArray(value)) {
    for (const item of value) checkWrapped(item);
  } else if (isFields(value)) {
    for (const [kind, node] of Object.entries(value)) checkNode(kind, node);
  }
};

const checkNode = (kind: string, node: unknown): void => {
  const shape = NODES[kind];
  if (shape === undefined) throw refusalOf(kind, kind);
  if (!isFields(node)) return;
  for (const field of Object.keys(node)) {
    if (shape[field] === undefined && !POSITIONS.has(field) && NAMES[`${kind}.${field}`] !== undefined) {
      throw refusalOf(`${kind}.${field}`, field);
    }
  }
  NODE_RULES[kind]?.(node);
  STATEMENT_RULES[kind]?.(node);
  for (const [field, value] of Object.entries(node)) {
    if (POSITIONS.has(field)) continue;
    const allowed = shape[field];
    if (allowed === undefined) throw refusalOf(`${kind}.${field}`, `${kind}.${field}`);
    if (allowed === 'any') checkWrapped(value);
    else if (allowed !== 'value') checkNode(allowed, value);
  }
};

const refusalOf = (id: string, fallback: string): SqlRefused => {
  const known = NAMES[id];
  return known === undefined ? notKnownHere(fallback) : redshiftRefuses(...known);
};

/** Views of the catalog live on the leader node, tables on the others: one query reads one kind (c_join_PG). */
const checkTableKinds = (statement: unknown): void => {
  const tables = tablesOf(statement);
  const catalog = tables.find((table) => isCatalog(table.schema, table.name));
  const user = tables.find((table) => !isCatalog(table.schema, table.name));
  const owned = tables.find(({ schema, name }) => schema === '' && CATALOG_TABLES.includes(name));
  if (owned !== undefined) checkOwnership(statement, owned.name);
  const isQuery = nodeOf(statement, 'SelectStmt') !== undefined;
  if (catalog !== undefined && (!isQuery || user !== undefined)) {
    throw redshiftRefuses(
      `the catalog view ${catalog.name} together with ${user?.name ?? 'a table to write'}`,
      'c_join_PG',
    );
  }
};

/** Columns that say who owns what, in both catalogs alike. */
const OF_OWNERSHIP: ReadonlySet<string> = new Set(
  'oid nspname nspowner relname relnamespace relowner relkind usename usesysid'.split(' '),
);

/** The catalog's tables have other columns here than on Redshift, but for these. */
const checkOwnership = (statement: unknown, table: string): void => {
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) walk(item);
    if (!isFields(value)) return;
    const column = nodeOf(value, 'ColumnRef');
    const name = nodeOf(list(column?.fields).at(-1), 'String')?.sval;
    if (column !== undefined && !OF_OWNERSHIP.has(String(name ?? '')))
      throw notKnownHere(`the system table ${table} but for who owns what: see svv_tables and svv_columns`);
    for (const inner of Object.values(value)) walk(inner);
  };
  walk(statement);
};

const isCatalog = (schema: string, name: string): boolean =>
  schema === '' && (/^(?:svv|sys)_/.test(name) || CATALOG_TABLES.includes(name));

interface Table {
  readonly schema: string;
  readonly name: string;
}

/** Every table that the tree names, without the names that WITH gives. */
const tablesOf = (tree: unknown): readonly Table[] => {
  const tables: Table[] = [];
  const ctes = new Set<string>();
  const walk = (value: unknown, kind: string): void => {
    if (Array.isArray(value)) for (const item of list(value)) walk(item, kind);
    if (!isFields(value)) return;
    if (typeof value.relname === 'string') {
      tables.push({ schema: String(value.schemaname ?? ''), name: value.relname });
    }
    if (typeof value.ctename === 'string') ctes.add(value.ctename);
    for (const [field, inner] of Object.entries(value)) walk(inner, field);
  };
  walk(tree, '');
  return tables.filter((table) => table.schema !== '' || !ctes.has(table.name));
};
