import { stringify } from 'csv-stringify/sync';

/** The only file that knows csv-stringify: each cast and each rule of quoting is said, since its defaults lose values. */

export interface CsvRules {
  /** NULL, unquoted; data equal to it is quoted. */
  readonly nullText: string;
  /** A file of one column quotes the empty string: an empty line is no row to most readers. */
  readonly columns: number;
}

export type CsvRow = readonly (string | null)[];

const refuse = (value: unknown): never => {
  throw new TypeError(`csv takes text and null, got ${typeof value}`);
};

/** Encodes rows as CSV text, each line ended by a line feed. */
export const toCsv = (rows: Iterable<CsvRow>, { nullText, columns }: CsvRules): string =>
  stringify(rows as Parameters<typeof stringify>[0], {
    delimiter: ',',
    quote: '"',
    escape: '"',
    quoted: false,
    quoted_string: false,
    quoted_empty: columns === 1,
    // By default a lone carriage return stays bare once record_delimiter is given.
    quote_record_delimiter: true,
    record_delimiter: '\n',
    eof: true,
    bom: false,
    header: false,
    escape_formulas: false,
    cast: {
      string: (value) => (value === nullText ? { value, quoted: true } : value),
      null: () => nullText,
      undefined: refuse,
      number: refuse,
      bigint: refuse,
      boolean: refuse,
      date: refuse,
      object: refuse,
    },
  });
