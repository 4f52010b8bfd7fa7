import type { ColumnType } from '../model/column-type.ts';

/** The types whose values are numbers. */
export const isNumber = ({ kind }: ColumnType): boolean =>
  ['smallint', 'integer', 'bigint', 'real', 'double precision', 'decimal'].includes(kind);

export const NUMBERS = 'smallint, integer, bigint, decimal, real and double precision';
