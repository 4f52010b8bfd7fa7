import { createHash, hash } from 'node:crypto';
import { hashContract } from './canonical.ts';
import type { ColumnContract, Contract, TableContract } from './contract.ts';

/**
 * A record's hash tells whether it has changed since it was loaded, without a look at the target's columns or at its children. It is a
 * `value` column of the contract, so that a release that knows no hash loads it as any other.
 */

/** The column, whose name no feed may use. */
export const HASH_NAME = '_hash';

/** The value's template: `${record.hash}` is known once the record's last row is. */
const HASH_TEMPLATE = '${record.hash}';

/** What stands in the target: the hash, rows of each child table, and which row of which batch they are of. */
const HASH_BYTES = 512;

const HASH_COLUMN: ColumnContract = {
  name: HASH_NAME,
  type: { kind: 'varchar', length: HASH_BYTES },
  source: { kind: 'value', template: HASH_TEMPLATE },
  many: 'reject',
  separator: ',',
  trim: true,
  empty: 'setNull',
  required: false,
  truncate: false,
  onError: 'reject',
};

export const isHashColumn = ({ name, source }: ColumnContract): boolean =>
  name === HASH_NAME && source.kind === 'value' && source.template === HASH_TEMPLATE;

/** A contract as it is deployed: a root whose rows are told apart keeps each record's hash. */
export const withRecordHash = ({ hash: _, ...contract }: Contract): Contract =>
  hashContract({
    ...contract,
    tables: contract.tables.map((table) =>
      table.parent !== undefined || table.deletes !== undefined || table.key.length === 0
        ? table
        : { ...table, columns: [...table.columns, HASH_COLUMN] },
    ),
  });

/** A table's columns as the feed has them, without ours. */
export const feedColumns = ({ columns }: Pick<TableContract, 'columns'>): readonly ColumnContract[] =>
  columns.filter((column) => !isHashColumn(column));

/** Says which columns of which tables a family's rows have: a record of other columns is another record. */
export const familyText = (tables: readonly TableContract[]): string =>
  JSON.stringify(
    tables.map(({ table, beside = table, ignore = [], ...of }) => [
      beside,
      feedColumns(of)
        .map(({ name }) => name)
        .filter((name) => !ignore.includes(name)),
    ]),
  );

/** Where a root's hash stands, and what it is of. */
export interface HashPlace {
  /** The columns of the hash, and of what it leaves out. */
  readonly column: number;
  readonly ignored: readonly number[];
  readonly family: string;
}

/** Which column of a table holds the hash, and what that is of; undefined where none does. */
export const findHash = ({ tables }: Contract, index: number): HashPlace | undefined => {
  const column = tables[index]?.columns.findIndex(isHashColumn) ?? -1;
  if (column < 0) return undefined;
  const family = new Set([tables[index]?.table]);
  for (const table of tables) if (family.has(table.parent?.table)) family.add(table.table);
  const ignored = (tables[index]?.ignore ?? []).map(
    (name) => tables[index]?.columns.findIndex((one) => one.name === name) ?? -1,
  );
  return { column, ignored, family: familyText(tables.filter(({ table }) => family.has(table))) };
};

/** Names a child table in a few characters, where the count of a record's rows in it stands. */
export const childMark = (table: string): string =>
  createHash('sha256').update(table).digest('hex').slice(0, 8);

/** XML has none of these characters, and a value that is written into a feed has no use for them. */
export const BETWEEN = { values: '\u0000', null: '\u0001', rows: '\u0002' } as const;

/** A row's values without those that its hash leaves out. */
export const hashedValues = (
  values: readonly (string | null)[],
  ignored: readonly number[],
): readonly (string | null)[] =>
  ignored.length === 0 ? values : values.filter((_, at) => !ignored.includes(at));

/** One row, as it goes into its record's hash. */
export const rowText = (table: number, values: readonly (string | null)[]): string =>
  `${table}${BETWEEN.values}${values.map((value) => value ?? BETWEEN.null).join(BETWEEN.values)}${BETWEEN.rows}`;

/** 132 bits of SHA-256 over a record's rows: one in 10^40 of two versions of one record has the other's. */
export const recordHash = (family: string, rows: readonly string[]): string =>
  recordHashOf(family + BETWEEN.rows + rows.join(''));

/** The same of a family and its rows in one. */
export const recordHashOf = (text: string | Uint8Array): string =>
  hash('sha256', text, 'base64url').slice(0, 22);
