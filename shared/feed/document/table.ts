import * as z from 'zod';
import { WRITTEN } from '../../columns/registry.ts';
import { DISTRIBUTIONS } from '../../model/contract.ts';
import { disposition } from '../../model/disposition.ts';
import { identifier, identifierOr, map, path, text, textLike } from '../../model/kit.ts';

/** The keys of a table and of its columns, as they are written. */

/** Redshift has no direction in SORTKEY (https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html). */
const sortColumn = identifierOr((input) => {
  const [, name] = /^([a-z_]\w*)\s+(?:asc|desc)$/i.exec(input) ?? [];
  return name && `${name}: a column's name alone, as a sort key has no direction`;
});

const columnObject = map(WRITTEN);
export type ColumnDocument = z.infer<typeof columnObject>;

const tableDocument = map({
  rows: path.describe("Absolute path, one row a match; with parent: below the parent's rows"),
  parent: z.record(identifier, identifier).optional().describe('Child column: parent key column'),
  disposition: disposition.optional(),
  key: z.array(identifier).min(1).optional(),
  sequence: z.array(identifier).min(1).optional().describe('Which version is newer; default the cursor'),
  ignore: z
    .array(identifier)
    .min(1)
    .optional()
    .describe('Columns whose change alone makes no version; history without a sequence'),
  adopt: z
    .boolean()
    .optional()
    .describe('Take over a table of that name that Millrace did not make, with its rows'),
  distribute: z
    .enum(DISTRIBUTIONS)
    .optional()
    .describe('How the rows lie on the slices of the warehouse; default auto, and for a child as its root'),
  sort: z.array(sortColumn).min(1).optional().describe('Sort key of the table; default auto'),
  columns: z.record(identifier, z.union([text.describe('TYPE [<- PATH]'), columnObject])),
});
export type TableDocument = z.infer<typeof tableDocument>;

export const tableName = textLike(
  /^[a-z_][a-z0-9_]{0,126}\.[a-z_][a-z0-9_]{0,126}$/,
  'schema.table, each a lower-case letter or _, then up to 126 of a-z 0-9 _',
);

export const tablesDocument = z.record(tableName, tableDocument);
