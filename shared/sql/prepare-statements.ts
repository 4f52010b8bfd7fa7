import { InvalidInput, WarehouseRefused } from '../errors.ts';
import type { ColumnContract, Contract, TableContract } from '../model/contract.ts';
import { checkRules, rulesOf, targetOf } from '../model/target-rules.ts';
import {
  BOOKKEEPING,
  type Bookkeeping,
  CONTRACTS,
  LEDGER,
  MILLRACE_SCHEMA,
  mutexName,
  PARENT_ROW,
  quoteMutex,
  TARGETS,
} from './names.ts';
import { quoteIdentifier, quoteLiteral, quoteTable, varcharLiteral } from './quote.ts';
import { refuseTombstones } from './target.ts';
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

/**
 * One row if the warehouse has recorded the contract, and keeps each of its targets by its rules, else none. Millrace's own tables
 * have to exist.
 */
export const recordedContractQuery = ({ feed, hash, tables }: Contract): string => {
  const kept = tables.map(
    (table) => `target = ${quoteLiteral(targetOf(table))} AND rules = ${quoteLiteral(rulesOf(table))}`,
  );
  return `SELECT hash FROM ${CONTRACTS} WHERE feed = ${quoteLiteral(feed)} AND hash = ${quoteLiteral(hash)}
AND (SELECT COUNT(DISTINCT target) FROM ${TARGETS} WHERE ${kept.join(' OR ')}) = ${tables.length}
AND (SELECT COUNT(*) FROM ${TARGETS} WHERE target IN (${tables.map((table) => quoteLiteral(targetOf(table))).join(', ')}) AND NOT (${kept.join(' OR ')})) = 0`;
};

/** One row of target and rules for each of a contract's targets that the warehouse knows. `millrace.targets` has to exist. */
export const targetRulesQuery = ({ tables }: Contract): string =>
  `SELECT target, rules FROM ${TARGETS} WHERE target IN (${tables.map((table) => quoteLiteral(targetOf(table))).join(', ')})`;

type Existing = readonly ExistingColumn[];

/** What the warehouse has of a contract already. */
export interface Found {
  readonly columns: Existing;
  /** Rows of targetRulesQuery. */
  readonly rules: readonly (readonly [target: string, rules: string])[];
}
const NOTHING: Found = { columns: [], rules: [] };
type Columns = ReadonlyMap<string, ExistingColumn>;

const columnsOf = (existing: Existing, schema: string, table: string): Columns =>
  new Map(
    existing
      .filter((column) => column.schema === schema.toLowerCase() && column.table === table.toLowerCase())
      .map((column) => [column.column, column]),
  );

const bookkeepingOf = (table: TableContract): readonly Bookkeeping[] => [
  ...BOOKKEEPING,
  ...(table.parent === undefined ? [] : [PARENT_ROW]),
];

const createTarget = (table: TableContract): string => {
  const columns = [...table.columns, ...bookkeepingOf(table)];
  const lines = columns.map(({ name, type }) => `  ${quoteIdentifier(name)} ${toSqlType(type)}`);
  return `CREATE TABLE IF NOT EXISTS ${quoteTable(table)} (\n${lines.join(',\n')}\n)`;
};

const alterColumn = (
  table: TableContract,
  column: Pick<ColumnContract, 'name' | 'type'>,
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
  // A table that is taken over may have a column of our names for something of its own.
  return [...table.columns, ...bookkeepingOf(table)].flatMap((column) => {
    const existing = has.get(column.name.toLowerCase());
    return existing === undefined ? [addColumn(table, column)] : alterColumn(table, column, existing);
  });
};

const addColumn = (table: TableContract, { name, type }: Pick<ColumnContract, 'name' | 'type'>): string =>
  `ALTER TABLE ${quoteTable(table)} ADD COLUMN ${quoteIdentifier(name)} ${toSqlType(type)}`;

const checkNames = (table: TableContract): void => {
  refuseTombstones(table);
  const reserved = new Set<string>([...BOOKKEEPING, PARENT_ROW].map(({ name }) => name));
  const clash = table.columns.find(({ name }) => reserved.has(name.toLowerCase()));
  if (clash !== undefined) {
    throw new InvalidInput(`column ${table.table}.${clash.name} has the name of a column that Millrace adds`);
  }
};

/**
 * A child has one too: the release before this one locks it. The mutex's row is seen to also where the mutex is there: whoever made that may have died before its row. Two at once may
 * put two rows, of which either does. CREATE TABLE AS would be one statement, but has no IF NOT EXISTS
 * (https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_AS.html).
 */
const prepareMutex = (table: string, existing: Existing): readonly string[] => {
  const mutex = quoteMutex(table);
  return [
    ...(columnsOf(existing, MILLRACE_SCHEMA, mutexName(table)).size > 0
      ? []
      : [`CREATE TABLE IF NOT EXISTS ${mutex} (loads BIGINT)`]),
    `INSERT INTO ${mutex} (loads) SELECT 0 FROM (SELECT COUNT(*) AS n FROM ${mutex}) m WHERE m.n = 0`,
  ];
};

/** A target's rules are recorded before it is made, so that one that is there without them is somebody else's. */
const recordRules = (table: TableContract, feed: string): string => {
  const target = quoteLiteral(targetOf(table));
  return `INSERT INTO ${TARGETS} (target, rules, feed, recorded_at) SELECT ${varcharLiteral(targetOf(table))}, ${varcharLiteral(rulesOf(table), 65535)}, ${varcharLiteral(feed)}, CAST(GETDATE() AS TIMESTAMPTZ) FROM (SELECT COUNT(*) AS n FROM ${TARGETS} WHERE target = ${target}) r WHERE r.n = 0`;
};

/** A target that an earlier release made has a mutex of its own, and no rules yet. */
const isOurs = (table: TableContract, { columns, rules }: Found): boolean =>
  rules.some(([target]) => target === targetOf(table)) ||
  columnsOf(columns, MILLRACE_SCHEMA, mutexName(table.table)).size > 0;

/** The contract's tables that stand in the warehouse, not made by Millrace. */
export const foreignTables = (contract: Contract, found: Found): readonly TableContract[] =>
  contract.tables.filter(
    (table) => columnsOf(found.columns, table.schema, table.name).size > 0 && !isOurs(table, found),
  );

/** Throws TargetChanged where the warehouse keeps a target by other rules than the contract's. */
export const refuseOtherRules = ({ tables }: Contract, rules: Found['rules']): void => {
  for (const table of tables)
    for (const [target, kept] of rules)
      if (target === targetOf(table)) checkRules(table, kept, 'millrace.targets in the warehouse');
};

const refuseForeign = (contract: Contract, found: Found): void => {
  const foreign = foreignTables(contract, found).find(({ adopt }) => adopt !== true);
  if (foreign === undefined) return;
  throw new WarehouseRefused(
    `table ${foreign.table} is in the warehouse and was not made by Millrace; give the feed's table another name, or write ` +
      '`adopt: true` in it to go on with the rows that are there',
  );
};

const prepareTarget = (table: TableContract, feed: string, { columns, rules }: Found): readonly string[] => {
  const has = columnsOf(columns, table.schema, table.name);
  return [
    ...(rules.some(([target]) => target === targetOf(table)) ? [] : [recordRules(table, feed)]),
    ...prepareMutex(table.table, columns),
    ...(has.size === 0 ? [createTarget(table)] : alterTarget(table, has)),
  ];
};

const OWN_TABLES = [
  ['ledger', LEDGER, LEDGER_COLUMNS],
  ['contracts', CONTRACTS, 'feed VARCHAR(256), hash VARCHAR(64), recorded_at TIMESTAMPTZ'],
  [
    'targets',
    TARGETS,
    'target VARCHAR(256), rules VARCHAR(65535), feed VARCHAR(256), recorded_at TIMESTAMPTZ',
  ],
] as const;

/** Whether `millrace.targets` can be asked. */
export const hasTargets = (columns: Existing): boolean =>
  columnsOf(columns, MILLRACE_SCHEMA, 'targets').size > 0;

const prepareOwn = (contract: Contract, existing: Existing): readonly string[] => {
  const hasSchema = (schema: string): boolean =>
    existing.some((column) => column.schema === schema.toLowerCase());
  const schemas = [MILLRACE_SCHEMA, ...contract.tables.map(({ schema }) => schema)];
  return [
    ...[...new Set(schemas)]
      .filter((schema) => !hasSchema(schema))
      .map((schema) => `CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`),
    ...OWN_TABLES.filter(([name]) => columnsOf(existing, MILLRACE_SCHEMA, name).size === 0).map(
      ([, table, columns]) => `CREATE TABLE IF NOT EXISTS ${table} (${columns})`,
    ),
  ];
};

/**
 * The statements that make the warehouse ready for a contract that it has not recorded. The record comes last, so that it
 * says that all the others have run. Throws WarehouseRefused for a type that cannot change, naming column and both types, and for a
 * table that Millrace did not make and may not adopt; TargetChanged for other rules than the target's; InvalidInput for a column
 * with a name of ours.
 */
export const prepareStatements = (contract: Contract, found: Found = NOTHING): readonly string[] => {
  for (const table of contract.tables) checkNames(table);
  refuseOtherRules(contract, found.rules);
  refuseForeign(contract, found);
  return [
    ...prepareOwn(contract, found.columns),
    ...contract.tables.flatMap((table) => prepareTarget(table, contract.feed, found)),
    `INSERT INTO ${CONTRACTS} (feed, hash, recorded_at) SELECT ${varcharLiteral(contract.feed)}, ${varcharLiteral(contract.hash, 64)}, CAST(GETDATE() AS TIMESTAMPTZ) FROM (SELECT COUNT(*) AS n FROM ${CONTRACTS} WHERE feed = ${quoteLiteral(contract.feed)} AND hash = ${quoteLiteral(contract.hash)}) c WHERE c.n = 0`,
  ];
};
