import { InvalidInput, TargetChanged, type TerminalError, WarehouseRefused } from '../errors.ts';
import { type Contract, type TableContract, targetTables } from '../model/contract.ts';
import { checkRules, rulesOf, targetOf } from '../model/target-rules.ts';
import { dispositionOf } from './dispositions/registry.ts';
import {
  BOOKKEEPING,
  CONTRACTS,
  MILLRACE_SCHEMA,
  PARENT_ROW,
  TARGETS,
  tombstonesName,
  VALIDITY,
} from './names.ts';
import { columnsOf, type Found, isOurs, NOTHING } from './prepare/found.ts';
import { grantStatements } from './prepare/grants.ts';
import { prepareMutex, prepareOwn, recordContract, recordRules } from './prepare/own-tables.ts';
import { type Change, type Changes, changesOf, createTarget } from './prepare/target-changes.ts';
import { prepareViews } from './prepare/views.ts';
import { quoteLiteral } from './quote.ts';

/**
 * What has to stand in the warehouse before a contract can be loaded. Each statement runs by itself, autocommitted:
 * a VARCHAR cannot be widened inside a transaction block (https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html).
 */

/**
 * Asks for the columns that the warehouse holds already. svv_columns is documented for local tables
 * (https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_COLUMNS.html), with the columns of information_schema.columns,
 * which is not.
 */
export const existingColumnsQuery = (contract: Contract): string => {
  const schemas = [MILLRACE_SCHEMA, ...contract.tables.map(({ schema }) => schema.toLowerCase())];
  const list = [...new Set(schemas)].sort().map(quoteLiteral).join(', ');
  return `SELECT table_schema, table_name, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale, table_catalog, column_default, is_nullable
FROM svv_columns WHERE table_schema IN (${list})`;
};

/**
 * Asks how the columns of a contract's schemas are encoded. pg_table_def says it too, of the search path's schemas alone
 * (https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_REDSHIFT_COLUMNS.html).
 */
export const encodingsQuery = (contract: Contract): string => {
  const schemas = [...new Set(contract.tables.map(({ schema }) => schema.toLowerCase()))].sort();
  return `SELECT database_name, schema_name, table_name, column_name, encoding
FROM svv_redshift_columns WHERE schema_name IN (${schemas.map(quoteLiteral).join(', ')})`;
};

/**
 * One row if the warehouse has recorded the contract, and keeps each of its targets by its rules, else none. Millrace's own tables
 * have to exist.
 */
export const recordedContractQuery = ({ feed, hash, ...contract }: Contract): string => {
  const tables = targetTables(contract);
  const kept = tables.map(
    (table) => `target = ${quoteLiteral(targetOf(table))} AND rules = ${quoteLiteral(rulesOf(table))}`,
  );
  return `SELECT hash FROM ${CONTRACTS} WHERE feed = ${quoteLiteral(feed)} AND hash = ${quoteLiteral(hash)}
AND (SELECT COUNT(DISTINCT target) FROM ${TARGETS} WHERE ${kept.join(' OR ')}) = ${tables.length}
AND (SELECT COUNT(*) FROM ${TARGETS} WHERE target IN (${tables.map((table) => quoteLiteral(targetOf(table))).join(', ')}) AND NOT (${kept.join(' OR ')})) = 0`;
};

/** One row of target and rules for each of a contract's targets that the warehouse knows. `millrace.targets` has to exist. */
export const targetRulesQuery = (contract: Contract): string =>
  `SELECT target, rules FROM ${TARGETS} WHERE target IN (${targetTables(contract)
    .map((table) => quoteLiteral(targetOf(table)))
    .join(', ')})`;

const refuseNames = (table: TableContract): readonly InvalidInput[] => {
  const reserved = new Set<string>([...BOOKKEEPING, PARENT_ROW, ...VALIDITY].map(({ name }) => name));
  return table.columns
    .filter(({ name }) => reserved.has(name.toLowerCase()))
    .map(
      ({ name }) =>
        new InvalidInput(`column ${table.table}.${name} has the name of a column that Millrace adds`),
    );
};

/** The contract's tables that stand in the warehouse, not made by Millrace. */
export const foreignTables = (contract: Contract, found: Found): readonly TableContract[] =>
  targetTables(contract).filter(
    (table) => columnsOf(found.columns, table.schema, table.name).size > 0 && !isOurs(table, found),
  );

/** Throws TargetChanged where the warehouse keeps a target by other rules than the contract's. */
export const refuseOtherRules = (contract: Contract, rules: Found['rules']): void => {
  for (const table of targetTables(contract))
    for (const [target, kept] of rules)
      if (target === targetOf(table)) checkRules(table, kept, 'millrace.targets in the warehouse');
};

const refuseForeign = (contract: Contract, found: Found): readonly WarehouseRefused[] =>
  foreignTables(contract, found)
    .filter(({ adopt }) => adopt !== true)
    .map((table) => {
      // Rows of others have no time for which they held.
      const adopts = dispositionOf(table).keepsVersions
        ? ''
        : ', or write `adopt: true` in it to go on with the rows that are there';
      return new WarehouseRefused(
        `table ${table.table} is in the warehouse and was not made by Millrace; give the feed's table another name${adopts}`,
      );
    });

/** A row that comes has no value for a column that the feed does not have. */
const refuseNeeded = (contract: Contract, { columns }: Found): readonly WarehouseRefused[] =>
  targetTables(contract).flatMap((table) => {
    const known = new Set(
      [...table.columns, ...BOOKKEEPING, PARENT_ROW].map(({ name }) => name.toLowerCase()),
    );
    return [...columnsOf(columns, table.schema, table.name).values()]
      .filter(({ column, isRequired, hasDefault }) => isRequired && !hasDefault && !known.has(column))
      .map(
        ({ column }) =>
          new WarehouseRefused(
            `column ${table.table}.${column} is NOT NULL without a default, and the feed has no such column: no row could be added; add it to the feed, or have a table whose column takes null or has a default`,
          ),
      );
  });

/** A feed that froze its tables says that a person changes them. Columns of our own come with a release, not with the feed. */
const refuseFrozen = (
  { feed, freeze }: Contract,
  changes: readonly Change[],
): readonly WarehouseRefused[] => {
  const statements = changes.filter(({ isBookkeeping }) => !isBookkeeping).flatMap((of) => of.statements);
  if (freeze !== true || statements.length === 0) return [];
  return [
    new WarehouseRefused(
      `feed ${feed} has \`contract: freeze\`, and its tables in the warehouse would need ${statements.map((sql) => `${sql};`).join(' ')} run these by hand, write \`contract: evolve\`, or undo the change of the feed; npx millrace diff ${feed} shows it all`,
    ),
  ];
};

/** What one table of a contract needs. */
export interface TablePreparation extends Changes {
  readonly table: TableContract;
  readonly isNew: boolean;
}

/** What a contract needs in the warehouse, all that is refused included. */
export interface Preparation {
  readonly statements: readonly string[];
  /** Views and rights for who reads; a load needs none of them. */
  readonly forReaders: readonly string[];
  /** Says that all the others have run. */
  readonly record: string;
  readonly tables: readonly TablePreparation[];
  /** In the order in which they are to be mended; a contract with any cannot be loaded. */
  readonly refusals: readonly TerminalError[];
}

/** Where a target's tombstones are kept is a table of ours: it has their columns and ours. */
const keptTombstones = ({ deletes, ...table }: TableContract): readonly TableContract[] => {
  if (deletes === undefined) return [];
  const name = tombstonesName(deletes.table);
  return [{ ...table, schema: MILLRACE_SCHEMA, name, table: `${MILLRACE_SCHEMA}.${name}` }];
};

const prepareTable = (table: TableContract, { columns }: Found, contract: Contract): TablePreparation => {
  const has = columnsOf(columns, table.schema, table.name);
  if (has.size === 0) return { table, isNew: true, changes: [], refusals: [] };
  return { table, isNew: false, ...changesOf(table, has, contract) };
};

const statementsOf = (
  { table, isNew, changes }: TablePreparation,
  { columns, rules }: Found,
  contract: Contract,
): readonly string[] => [
  ...(rules.some(([target]) => target === targetOf(table)) ? [] : [recordRules(table, contract.feed)]),
  ...prepareMutex(table.table, columns),
  ...makeTable({ table, isNew, changes }, contract),
];

const makeTable = (
  { table, isNew, changes }: Pick<TablePreparation, 'table' | 'isNew' | 'changes'>,
  contract: Contract,
): readonly string[] =>
  isNew ? [createTarget(table, contract)] : changes.flatMap(({ statements }) => statements);

/** Makes the tables of a contract that are not there, and changes none that is. */
export const missingTargets = (contract: Contract, { columns }: Found): readonly string[] => {
  const tables = [...targetTables(contract), ...contract.tables.flatMap(keptTombstones)];
  return [
    ...prepareOwn(contract, columns),
    ...targetTables(contract).flatMap(({ table }) => prepareMutex(table, columns)),
    ...tables
      .filter(({ schema, name }) => columnsOf(columns, schema, name).size === 0)
      .map((table) => createTarget(table, contract)),
  ];
};

const findOtherRules = (contract: Contract, { rules }: Found): readonly TerminalError[] =>
  targetTables(contract).flatMap((table) => {
    try {
      refuseOtherRules({ ...contract, tables: [table] }, rules);
      return [];
    } catch (error) {
      if (error instanceof TargetChanged) return [error];
      throw error;
    }
  });

/** Works out what a contract needs. */
export const planPreparation = (contract: Contract, found: Found = NOTHING): Preparation => {
  const tables = targetTables(contract).map((table) => prepareTable(table, found, contract));
  const kept = contract.tables.flatMap(keptTombstones).map((table) => prepareTable(table, found, contract));
  return {
    tables,
    refusals: [
      ...targetTables(contract).flatMap(refuseNames),
      ...findOtherRules(contract, found),
      ...refuseForeign(contract, found),
      ...refuseNeeded(contract, found),
      ...[...tables, ...kept].flatMap(({ refusals }) => refusals),
      ...refuseFrozen(
        contract,
        tables.flatMap(({ changes }) => changes),
      ),
    ],
    statements: [
      ...prepareOwn(contract, found.columns),
      ...tables.flatMap((table) => statementsOf(table, found, contract)),
      ...kept.flatMap((table) => makeTable(table, contract)),
    ],
    forReaders: [...prepareViews(found.columns), ...grantStatements(contract)],
    record: recordContract(contract),
  };
};

/** Whether a contract makes a varchar longer, which takes its encoding to be known. */
export const needsEncodings = (contract: Contract, found: Found): boolean =>
  planPreparation(contract, found).tables.some(({ changes }) => changes.some(({ kind }) => kind === 'widen'));

/**
 * What makes the warehouse ready for a contract that it has not recorded. Throws WarehouseRefused for a type that cannot
 * change, naming column and both types, for a table that Millrace did not make and may not adopt, and for a change of a frozen one;
 * TargetChanged for other rules than the target's; InvalidInput for a column with a name of ours.
 */
export const checkPreparation = (contract: Contract, found: Found): Preparation => {
  const preparation = planPreparation(contract, found);
  const [first] = preparation.refusals;
  if (first !== undefined) throw first;
  return preparation;
};

/** All statements of a preparation, in the order in which they run. Throws as checkPreparation does. */
export const prepareStatements = (contract: Contract, found: Found = NOTHING): readonly string[] => {
  const { statements, forReaders, record } = checkPreparation(contract, found);
  return [...statements, ...forReaders, record];
};
