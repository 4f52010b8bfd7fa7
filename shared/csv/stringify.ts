import { stringify } from 'csv-stringify/sync';

/** The only file that knows csv-stringify. */

export type CsvRow = readonly (string | null)[];

/**
 * One row as CSV by RFC 4180, its line feed included: null is `nullText` unquoted, data equal to it is quoted. csv-stringify takes half a
 * microsecond a value, so it gets those that need quotes; a test holds the lines to the ones it makes of whole rows.
 */
export const toLine = (row: CsvRow, nullText: string): string => {
  let line = '';
  for (let at = 0; at < row.length; at += 1) {
    const value = row[at];
    if (at > 0) line += ',';
    line += value === null ? nullText : toField(value, nullText, row.length);
  }
  return `${line}\n`;
};

const SPECIAL = /[",\r\n]/;

const toField = (value: unknown, nullText: string, columns: number): string => {
  if (typeof value !== 'string') throw new TypeError(`csv takes text and null, got ${typeof value}`);
  // An empty line is no row to most readers.
  const isSpecial = SPECIAL.test(value) || value === nullText || (value === '' && columns === 1);
  return isSpecial ? quote(value) : value;
};

const quote = (value: string): string =>
  stringify([[value]], {
    quoted: true,
    quoted_empty: true,
    quote: '"',
    escape: '"',
    escape_formulas: false,
    eof: false,
  });
