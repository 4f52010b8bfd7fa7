import type { Contract, TableContract } from '../model/contract.ts';
import { targetOf } from '../model/target-rules.ts';
import { BOOKKEEPING, PARENT_ROW } from './names.ts';
import { quoteLiteral } from './quote.ts';

/** Columns that a target has and its contract has not, by `schema.table`: rows that give way leave their values to those that come. */
export type ForeignColumns = Readonly<Record<string, string[]>>;

const belowOf = ({ tables }: Contract): readonly TableContract[] =>
  tables.filter(({ parent }) => parent !== undefined);

/**
 * Asks which columns the child tables have: rows of roots are written over, and need no such care. Undefined where there are none. A
 * column of type IDENTITY takes no values (https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html), and its default
 * says so.
 */
export const columnsBelowQuery = (contract: Contract): string | undefined => {
  const tables = belowOf(contract).map(
    ({ schema, name }) =>
      `(table_schema = ${quoteLiteral(schema.toLowerCase())} AND table_name = ${quoteLiteral(name.toLowerCase())})`,
  );
  if (tables.length === 0) return undefined;
  return `SELECT table_schema, table_name, column_name FROM svv_columns
WHERE (${tables.join(' OR ')}) AND COALESCE(column_default, '') NOT LIKE '%identity%' ORDER BY table_schema, table_name, ordinal_position`;
};

/** Reads the answer, rows of schema, table and column, but for the contract's columns and ours. */
export const toForeignColumns = (
  contract: Contract,
  rows: readonly (readonly unknown[])[],
): ForeignColumns => {
  const foreign: Record<string, string[]> = {};
  for (const table of belowOf(contract)) {
    const known = new Set(
      [...table.columns, ...BOOKKEEPING, PARENT_ROW].map(({ name }) => name.toLowerCase()),
    );
    const theirs = rows
      .filter(([schema, name]) => `${schema}.${name}` === targetOf(table))
      .map(([, , column]) => String(column))
      .filter((column) => !known.has(column));
    if (theirs.length > 0) foreign[table.table] = theirs;
  }
  return foreign;
};
