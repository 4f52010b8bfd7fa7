import type { TableContract } from '../../model/contract.ts';

export const LAND_AGAIN =
  'land their files again: each is a batch of its own, and is read with the new columns';

/** Whether the document says which version is newer: then an old file that is landed again overwrites nothing newer. */
export const isOrderedByDocument = ({ sequence, columns }: TableContract): boolean =>
  columns.some(({ name, source }) => name === sequence[0] && source.kind === 'path');
