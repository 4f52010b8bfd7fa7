import { stringify } from 'csv-stringify/sync';

/** The only file that knows csv-stringify. */

const SPECIAL = /[",\r\n]/;

/**
 * One value of a row of so many columns, by RFC 4180; data equal to `nullText` is quoted. csv-stringify takes a microsecond a value, so it gets
 * those that need quotes.
 */
export const toField = (value: string, nullText: string, columns: number): string => {
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
