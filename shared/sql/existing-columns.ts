import { InvalidInput } from '../errors.ts';
import type { ExistingColumn } from './types.ts';

const toNumber = (value: unknown): number | undefined =>
  value === null || value === undefined || value === '' ? undefined : Number(value);

/** Reads one row of existingColumnsQuery's answer. Throws InvalidInput. */
export const parseExistingColumn = (row: readonly unknown[]): ExistingColumn => {
  const [schema, table, column, type, length, precision, scale, database, columnDefault, nullable] = row;
  if (
    typeof schema !== 'string' ||
    typeof table !== 'string' ||
    typeof column !== 'string' ||
    typeof type !== 'string'
  ) {
    throw new InvalidInput(`catalog row ${JSON.stringify(row)} does not start with four texts`);
  }
  return {
    schema,
    table,
    column,
    type,
    length: toNumber(length),
    precision: toNumber(precision),
    scale: toNumber(scale),
    database: typeof database === 'string' ? database : undefined,
    hasDefault: typeof columnDefault === 'string' && columnDefault !== '',
    isRequired: nullable === 'NO',
  };
};

/** Adds the encodings that encodingsQuery's answer has. Columns of other databases, which data shares bring, are left out. */
export const withEncodings = (
  columns: readonly ExistingColumn[],
  rows: readonly (readonly unknown[])[],
): readonly ExistingColumn[] => {
  const nameOf = (parts: readonly unknown[]): string => JSON.stringify(parts);
  const encodings = new Map(rows.map((row) => [nameOf(row.slice(0, 4)), String(row[4]).toLowerCase()]));
  return columns.map((of) => ({
    ...of,
    encoding: encodings.get(nameOf([of.database, of.schema, of.table, of.column])),
  }));
};
