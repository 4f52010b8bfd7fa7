import { InvalidInput, WarehouseRefused } from '../errors.ts';
import type { ColumnContract, Contract, TableContract } from '../model/contract.ts';
import {
  BOOKKEEPING,
  CONTRACTS,
  LEDGER,
  MILLRACE_SCHEMA,
  mutexName,
  PARENT_ROW,
  quoteMutex,
} from './names.ts';
import { quoteIdentifier, quoteLiteral, quoteTable, varcharLiteral } from './quote.ts';
import { type ExistingColumn, parseCatalogType, toSqlType, typeChange } from './types.ts';

/**
 * What has to stand in the warehouse before a contract can be loaded. Each statement runs by itself, autocommitted:
 * a VARCHAR cannot be widened inside a transaction block, and ALTER TABLE adds one column at a time
 * (https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html). Nothing is ever dropped or narrowed.
 */

const LEDGER_COLUMNS = `feed VARCHAR(256), batch VARCHAR(256), seal VARCHAR(256), target VARCHAR(256), observed TIMESTAMPTZ,
  load_key VARCHAR(256), staged BIGINT, duplicate BIGINT, stale BIGINT, inserted BIGINT, updated BIGINT, deleted BIGINT,
  rejected BIGINT, loaded_at TIMESTAMPTZ`;

/**
 * Asks for the columns that the warehouse holds already. svv_columns is documented for local tables
 * (https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_COLUMNS.html), with the columns of information_schema.columns,
 * which is not.
 */
export const existingColumnsQuery = (contract: Contract): string => {
  const schemas = [MILLRACE_SCHEMA, ...contract.tables.map(({ schema }) => schema.toLowerCase())];
  const list = [...new Set(schemas)].sort().map(quoteLiteral).join(', ');
  return `SELECT table_schema, table_name, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale
FROM svv_columns WHERE table_schema IN (${list})`;
};

/** One row if the warehouse has recorded the contract, else none. `millrace.contracts` has to exist. */
export const recordedContractQuery = ({ feed, hash }: Contract): string =>
  `SELECT hash FROM ${CONTRACTS} WHERE feed = ${quoteLiteral(feed)} AND hash = ${quoteLiteral(hash)}`;

type Existing = readonly ExistingColumn[];
type Columns = ReadonlyMap<string, ExistingColumn>;

const columnsOf = (existing: Existing, schema: string, table: string): Columns =>
  new Map(
    existing
      .filter((column) => column.schema === schema.toLowerCase() && column.table === table.toLowerCase())
      .map((column) => [column.column, column]),
  );

const bookkeepingOf = (table: TableContract): readonly { readonly name: string; readonly type: string }[] => [
  ...BOOKKEEPING,
  ...(table.parent === undefined ? [] : [PARENT_ROW]),
];

const createTarget = (table: TableContract): string => {
  const columns = [
    ...table.columns.map((column) => ({ name: column.name, type: toSqlType(column.type) })),
    ...bookkeepingOf(table),
  ];
  const lines = columns.map(({ name, type }) => `  ${quoteIdentifier(name)} ${type}`);
  return `CREATE TABLE IF NOT EXISTS ${quoteTable(table)} (\n${lines.join(',\n')}\n)`;
};

const alterColumn = (
  table: TableContract,
  column: ColumnContract,
  has: ExistingColumn,
): readonly string[] => {
  const from = parseCatalogType(has);
  switch (from === undefined ? 'refused' : typeChange(from, column.type)) {
    case 'none':
      return [];
    case 'widen':
      return [
        `ALTER TABLE ${quoteTable(table)} ALTER COLUMN ${quoteIdentifier(column.name)} TYPE ${toSqlType(column.type)}`,
      ];
    case 'refused':
      throw new WarehouseRefused(
        `column ${table.table}.${column.name} is ${from === undefined ? has.type : toSqlType(from).toLowerCase()} in the warehouse and cannot become ${toSqlType(column.type).toLowerCase()}; only a varchar can be made longer`,
      );
  }
};

/** Rows that are there would have NULL in it, match no row that comes, and so stand twice. */
const refuseNewKey = ({ table, disposition, key, parent }: TableContract, has: Columns): void => {
  const told = parent === undefined ? key : parent.columns.map(({ child }) => child);
  const missing = told.find((name) => !has.has(name.toLowerCase()));
  if (disposition === 'replace' || missing === undefined) return;
  throw new WarehouseRefused(
    `column ${table}.${missing} is new and part of the key: rows that are in the warehouse have none in it and would stand twice; give the table another name, or add and fill the column by hand`,
  );
};

const alterTarget = (table: TableContract, has: Columns): readonly string[] => {
  refuseNewKey(table, has);
  const added = (name: string, type: string): string =>
    `ALTER TABLE ${quoteTable(table)} ADD COLUMN ${quoteIdentifier(name)} ${type}`;
  const columns = table.columns.flatMap((column) => {
    const existing = has.get(column.name.toLowerCase());
    return existing === undefined
      ? [added(column.name, toSqlType(column.type))]
      : alterColumn(table, column, existing);
  });
  const bookkeeping = bookkeepingOf(table).filter(({ name }) => !has.has(name));
  return [...columns, ...bookkeeping.map(({ name, type }) => added(name, type))];
};

const checkNames = (table: TableContract): void => {
  const reserved = new Set<string>([...BOOKKEEPING, PARENT_ROW].map(({ name }) => name));
  const clash = table.columns.find(({ name }) => reserved.has(name.toLowerCase()));
  if (clash !== undefined) {
    throw new InvalidInput(`column ${table.table}.${clash.name} has the name of a column that Millrace adds`);
  }
};

/**
 * The mutex's row is seen to also where the mutex is there: whoever made that may have died before its row. Two at once may
 * put two rows, of which either does. CREATE TABLE AS would be one statement, but has no IF NOT EXISTS
 * (https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_AS.html).
 */
const prepareMutex = ({ table }: TableContract, existing: Existing): readonly string[] => {
  const mutex = quoteMutex(table);
  return [
    ...(columnsOf(existing, MILLRACE_SCHEMA, mutexName(table)).size > 0
      ? []
      : [`CREATE TABLE IF NOT EXISTS ${mutex} (loads BIGINT)`]),
    `INSERT INTO ${mutex} (loads) SELECT 0 FROM (SELECT COUNT(*) AS n FROM ${mutex}) m WHERE m.n = 0`,
  ];
};

const prepareTarget = (table: TableContract, existing: Existing): readonly string[] => {
  checkNames(table);
  const has = columnsOf(existing, table.schema, table.name);
  return [
    ...prepareMutex(table, existing),
    ...(has.size === 0 ? [createTarget(table)] : alterTarget(table, has)),
  ];
};

const prepareOwn = (contract: Contract, existing: Existing): readonly string[] => {
  const hasSchema = (schema: string): boolean =>
    existing.some((column) => column.schema === schema.toLowerCase());
  const schemas = [MILLRACE_SCHEMA, ...contract.tables.map(({ schema }) => schema)];
  return [
    ...[...new Set(schemas)]
      .filter((schema) => !hasSchema(schema))
      .map((schema) => `CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`),
    ...(columnsOf(existing, MILLRACE_SCHEMA, 'ledger').size > 0
      ? []
      : [`CREATE TABLE IF NOT EXISTS ${LEDGER} (${LEDGER_COLUMNS})`]),
    ...(columnsOf(existing, MILLRACE_SCHEMA, 'contracts').size > 0
      ? []
      : [
          `CREATE TABLE IF NOT EXISTS ${CONTRACTS} (feed VARCHAR(256), hash VARCHAR(64), recorded_at TIMESTAMPTZ)`,
        ]),
  ];
};

/**
 * The statements that make the warehouse ready for a contract that it has not recorded. The record comes last, so that it
 * says that all the others have run. Throws WarehouseRefused for a type that cannot change, naming column and both types,
 * and InvalidInput for a column with a name of ours.
 */
export const prepareStatements = (contract: Contract, existing: Existing = []): readonly string[] => [
  ...prepareOwn(contract, existing),
  ...contract.tables.flatMap((table) => prepareTarget(table, existing)),
  `INSERT INTO ${CONTRACTS} (feed, hash, recorded_at) SELECT ${varcharLiteral(contract.feed)}, ${varcharLiteral(contract.hash, 64)}, CAST(GETDATE() AS TIMESTAMPTZ) FROM (SELECT COUNT(*) AS n FROM ${CONTRACTS} WHERE feed = ${quoteLiteral(contract.feed)} AND hash = ${quoteLiteral(contract.hash)}) c WHERE c.n = 0`,
];
