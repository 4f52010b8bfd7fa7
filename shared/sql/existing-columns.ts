import { InvalidInput } from '../errors.ts';
import type { ExistingColumn } from './types.ts';

const toNumber = (value: unknown): number | undefined =>
  value === null || value === undefined || value === '' ? undefined : Number(value);

/** Reads one row of existingColumnsQuery's answer. Throws InvalidInput. */
export const parseExistingColumn = (row: readonly unknown[]): ExistingColumn => {
  const [schema, table, column, type, length, precision, scale] = row;
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
  };
};
