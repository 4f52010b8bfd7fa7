import { type Contract, type TableContract, targetTables } from '../../model/contract.ts';
import { quoteIdentifier, quoteLiteral, quoteTable } from '../quote.ts';

/**
 * How tables that are there lie otherwise than their feed says. Nothing is done for it: to move a table's rows takes a time that a person
 * chooses. What Redshift chose by itself (AUTO) shows as any other, so that a feed which says nothing is content with all.
 */

/**
 * Asks for the keys by which the tables of a contract are distributed and sorted. `sortkey` is the column's place, negative in an
 * interleaved key, and 0 in none (https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_REDSHIFT_COLUMNS.html).
 */
export const placementQuery = (contract: Contract): string => {
  const schemas = [...new Set(targetTables(contract).map(({ schema }) => schema.toLowerCase()))].sort();
  return `SELECT database_name, schema_name, table_name, column_name, distkey, sortkey
FROM svv_redshift_columns WHERE schema_name IN (${schemas.map(quoteLiteral).join(', ')})`;
};

/** Columns of other databases come with data shares. */
const columnsOf = (
  { schema, name }: TableContract,
  database: string | undefined,
  rows: readonly (readonly unknown[])[],
) =>
  rows.filter(
    ([of, inSchema, table]) =>
      of === database && inSchema === schema.toLowerCase() && table === name.toLowerCase(),
  );

/**
 * The statements by which a table of this database would lie as its feed says, by the rows of placementQuery; none where it does
 * (https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html).
 */
export const placementChanges = (
  table: TableContract,
  database: string | undefined,
  rows: readonly (readonly unknown[])[],
): readonly string[] => {
  const columns = columnsOf(table, database, rows);
  const { distribute, sort, key } = table;
  if (columns.length === 0) return [];
  const alter = `ALTER TABLE ${quoteTable(table)} ALTER`;
  const distkey = columns.find((column) => column[4] === true)?.[3];
  const [wanted] = distribute === 'key' ? key.map((name) => name.toLowerCase()) : [];
  const style = wanted === undefined ? distribute?.toUpperCase() : `KEY DISTKEY ${quoteIdentifier(wanted)}`;
  const sorted = columns
    .filter(([, , , , , place]) => Number(place) !== 0)
    .toSorted((a, b) => Math.abs(Number(a[5])) - Math.abs(Number(b[5])))
    .map(([, , , name]) => String(name));
  const isSorted = sort === undefined || sort.join(' ').toLowerCase() === sorted.join(' ');
  return [
    ...(style === undefined || distkey === wanted ? [] : [`${alter} DISTSTYLE ${style}`]),
    ...(isSorted ? [] : [`${alter} SORTKEY (${sort.map(quoteIdentifier).join(', ')})`]),
  ];
};
