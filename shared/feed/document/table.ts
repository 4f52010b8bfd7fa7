import { z } from 'zod';
import { identifier, map, path, sourceText, text, textLike } from '../../model/kit.ts';

/** The keys of a table and of its columns, as they are written. */

const columnObject = map({
  path: path.optional().describe("Default the column's name"),
  type: text.optional().describe('As in varchar(64)'),
  ordinal: z.literal(true).optional().describe("1, 2, … among this table's elements within the parent's row"),
  value: sourceText.optional(),
  as: z.enum(['text', 'xml']).optional(),
  many: z
    .enum(['reject', 'first', 'last', 'join', 'json', 'map'])
    .optional()
    .describe('What several matches give; default reject'),
  separator: sourceText.optional().describe('Between the values of many: join; default a comma'),
  split: sourceText.optional(),
  keyPath: path.optional(),
  valuePath: path.optional(),
  trim: z.boolean().optional().describe('Default true'),
  empty: z.enum(['setNull', 'keep']).optional().describe('Default setNull'),
  default: sourceText.optional().describe('For an absent, nil or null value'),
  required: z.boolean().optional(),
  truncate: z.boolean().optional().describe('Cut to the length at a character boundary; default false'),
  onError: z
    .enum(['reject', 'setNull'])
    .optional()
    .describe('What a value that is not of the type gives; default reject'),
  format: text.optional().describe('How a date or time is written; default auto, which is ISO 8601'),
  zone: text.optional(),
});
export type ColumnDocument = z.infer<typeof columnObject>;

const tableDocument = map({
  rows: path.describe("Absolute path, one row a match; with parent: below the parent's rows"),
  parent: z.record(identifier, identifier).optional().describe('Child column: parent key column'),
  disposition: z.enum(['append', 'replace', 'merge', 'history']).optional(),
  key: z.array(identifier).min(1).optional(),
  sequence: z.array(identifier).min(1).optional().describe('Which version is newer; default the cursor'),
  columns: z.record(identifier, z.union([text.describe('TYPE [<- PATH]'), columnObject])),
});
export type TableDocument = z.infer<typeof tableDocument>;

const tableName = textLike(
  /^[a-z_][a-z0-9_]{0,126}\.[a-z_][a-z0-9_]{0,126}$/,
  'schema.table, each a lower-case letter or _, then up to 126 of a-z 0-9 _',
);

export const tablesDocument = z.record(tableName, tableDocument);

const deletes = map({
  rows: path.optional(),
  match: z.record(z.string(), path).optional(),
  sequence: path.optional(),
  mode: z.enum(['delete', 'mark']).optional(),
  compareKeys: map({
    schedule: text,
    params: z.record(z.string(), sourceText).optional(),
    atMost: text.optional(),
  }).optional(),
});

export const deletesDocument = z.record(tableName, deletes);
