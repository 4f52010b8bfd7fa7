import type { TableContract } from '../../model/contract.ts';

/** A file that is read again keeps the time that it landed: it overwrites nothing newer, whatever says which version is newer. */
export const readAgain = (feed: string): string =>
  `read their files again once the feed is deployed: millrace backfill ${feed} --from TIME --to TIME, by when they landed`;

/** Whether the document says which version is newer: then an old file that is landed again overwrites nothing newer. */
export const isOrderedByDocument = ({ sequence, columns }: TableContract): boolean =>
  columns.some(({ name, source }) => name === sequence[0] && source.kind === 'path');
