import { newRowBytes, takeBytes, writeRow } from '../../../shared/csv/row-bytes.ts';

export type CsvRow = readonly (string | null)[];

/** One row as a file has it, its line feed included. */
export const toLine = (row: CsvRow, nullText: string): string => {
  const rows = newRowBytes(nullText, 64);
  writeRow(rows, row);
  return takeBytes(rows).toString();
};
