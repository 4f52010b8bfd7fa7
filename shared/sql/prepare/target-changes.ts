import { WarehouseRefused } from '../../errors.ts';
import type { ColumnContract, Contract, TableContract } from '../../model/contract.ts';
import { HASH_NAME } from '../../model/record-hash.ts';
import { dispositionOf } from '../dispositions/registry.ts';
import { BOOKKEEPING, type Bookkeeping, DELETED_AT, PARENT_ROW, VALIDITY } from '../names.ts';
import { placementOf } from '../placement.ts';
import { quoteIdentifier, quoteTable } from '../quote.ts';
import { type ExistingColumn, parseCatalogType, toSqlType, typeChange } from '../types.ts';
import type { Columns } from './found.ts';

/** What a target needs for a contract: to be made, or changed column by column. Nothing is ever dropped or narrowed. */

type Column = Pick<ColumnContract, 'name' | 'type'>;

/** One column's change of a table that is there. */
export interface Change {
  readonly column: string;
  readonly kind: 'add' | 'widen';
  /** Of our own: no feed says anything of it. */
  readonly isBookkeeping: boolean;
  readonly statements: readonly string[];
}

/** What of a table that is there has to change, and what of it cannot. */
export interface Changes {
  readonly changes: readonly Change[];
  readonly refusals: readonly WarehouseRefused[];
}

/** The columns that Millrace adds to a table of a contract. */
const bookkeepingOf = (table: TableContract, { tables }: Contract): readonly Bookkeeping[] => [
  ...BOOKKEEPING,
  ...(table.parent === undefined ? [] : [PARENT_ROW]),
  ...(table.marks === true || tables.some(({ deletes }) => marksRows(deletes, table)) ? [DELETED_AT] : []),
  ...(dispositionOf(table).keepsVersions ? VALIDITY : []),
];

const marksRows = (deletes: TableContract['deletes'], { table }: TableContract): boolean =>
  deletes?.table === table && deletes.mode === 'mark';

export const createTarget = (table: TableContract, contract: Contract): string => {
  const columns = [...table.columns, ...bookkeepingOf(table, contract)];
  const lines = columns.map(({ name, type }) => `  ${quoteIdentifier(name)} ${toSqlType(type)}`);
  return `CREATE TABLE IF NOT EXISTS ${quoteTable(table)} (\n${lines.join(',\n')}\n)${placementOf(table)}`;
};

/** ALTER TABLE adds one column at a time (https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html). */
const addColumn = (table: TableContract, { name, type }: Column): string =>
  `ALTER TABLE ${quoteTable(table)} ADD COLUMN ${quoteIdentifier(name)} ${toSqlType(type)}`;

/** A varchar of these gets no longer (r_ALTER_TABLE). */
const FIXED_ENCODINGS: readonly string[] = ['bytedict', 'runlength', 'text255', 'text32k'];

/** One encoding takes any text and any length; the table is ENCODE AUTO no more, if it was (r_ALTER_TABLE). */
const widenColumn = (
  table: TableContract,
  { name, type }: Column,
  { encoding }: ExistingColumn,
): readonly string[] => {
  const column = `ALTER TABLE ${quoteTable(table)} ALTER COLUMN ${quoteIdentifier(name)}`;
  const isFixed = encoding !== undefined && FIXED_ENCODINGS.includes(encoding);
  return [...(isFixed ? [`${column} ENCODE zstd`] : []), `${column} TYPE ${toSqlType(type)}`];
};

/** Only a table that is taken over has such columns. A column of UNIQUE or PRIMARY KEY is the same, and Redshift's own message names it. */
const refuseDefault = (table: TableContract, { name, type }: Column): WarehouseRefused =>
  new WarehouseRefused(
    `column ${table.table}.${name} has a default value, so Redshift cannot make it ${toSqlType(type).toLowerCase()}; write the type that it has in the feed, ` +
      'or make a longer column by hand: add one, fill it, drop this one, and give the new one its name',
  );

const toChange = (
  table: TableContract,
  column: Column,
  has: ExistingColumn | undefined,
): Pick<Change, 'kind' | 'statements'> | WarehouseRefused | undefined => {
  if (has === undefined) return { kind: 'add', statements: [addColumn(table, column)] };
  const from = parseCatalogType(has);
  switch (from === undefined ? 'refused' : typeChange(from, column.type)) {
    case 'none':
      return undefined;
    case 'widen':
      return has.hasDefault
        ? refuseDefault(table, column)
        : { kind: 'widen', statements: widenColumn(table, column, has) };
    case 'refused':
      return new WarehouseRefused(
        `column ${table.table}.${column.name} is ${from === undefined ? has.type : toSqlType(from).toLowerCase()} in the warehouse and cannot become ${toSqlType(column.type).toLowerCase()}; only a varchar can be made longer; undo the change, give the column another name, or have the table made anew: npx millrace rebuild ${table.table}`,
      );
  }
};

/** Rows that are there would have NULL in it, match no row that comes, and so stand twice. */
const refuseNewKey = (
  { table, key, parent, ...of }: TableContract,
  has: Columns,
): readonly WarehouseRefused[] => {
  const told = parent === undefined ? key : parent.columns.map(({ child }) => child);
  const missing = told.find((name) => !has.has(name.toLowerCase()));
  if (dispositionOf(of).isWhole || missing === undefined) return [];
  return [
    new WarehouseRefused(
      `column ${table}.${missing} is new and part of the key: rows that are in the warehouse have none in it and would stand twice; undo the change, add and fill the column by hand, or have the table made anew: npx millrace rebuild ${table}`,
    ),
  ];
};

/** A table that is taken over may have a column of our names for something of its own. */
export const changesOf = (table: TableContract, has: Columns, contract: Contract): Changes => {
  const bookkeeping = bookkeepingOf(table, contract);
  const changes: Change[] = [];
  const refusals: WarehouseRefused[] = [...refuseNewKey(table, has)];
  for (const column of [...table.columns, ...bookkeeping]) {
    const change = toChange(table, column, has.get(column.name.toLowerCase()));
    if (change instanceof WarehouseRefused) refusals.push(change);
    else if (change !== undefined)
      changes.push({
        ...change,
        column: column.name,
        isBookkeeping: bookkeeping.some((own) => own === column) || column.name === HASH_NAME,
      });
  }
  return { changes, refusals };
};
