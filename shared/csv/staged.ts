import type { TableContract } from '../model/contract.ts';

/**
 * NULL in staged CSV, unquoted. XML 1.0 has no U+0001, so no value read from a document can be it, and nothing
 * depends on how COPY takes a quoted marker ("null_string can be any string",
 * https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html).
 */
export const STAGED_NULL = '\u0001';

/** The pseudo-table of rejected rows among the staged files. */
export const REJECTS = '_rejects';

/** The columns of a reject file, which starts with a line of them. */
export const REJECT_COLUMNS = ['table', 'row', 'place', 'line', 'column', 'path', 'reason', 'raw'] as const;

/** The columns of a table's staged CSV files, in file order. */
export const stagedColumns = (table: TableContract): readonly string[] => [
  ...table.columns.map((column) => column.name),
  '_batch',
  '_row',
  ...(table.parent === undefined ? [] : ['_parent_row']),
];
