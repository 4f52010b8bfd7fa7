import * as z from 'zod';
import { deleteMode } from '../../model/deletes.ts';
import { identifier, map, path } from '../../model/kit.ts';
import { tableName } from './table.ts';

/** The keys of `deletes`, as they are written. */

export const deleteDocument = map({
  rows: path.describe('Absolute path, one tombstone a match: an element that says that a row is gone'),
  match: z.record(identifier, path).describe('Each key column of the table: its path below rows'),
  sequence: path
    .optional()
    .describe(
      'Path below rows to what orders a deletion among the versions of its row; needed where the table has a sequence',
    ),
  mode: deleteMode.optional().describe('What becomes of the row; default delete'),
});
export type DeleteDocument = z.infer<typeof deleteDocument>;

export const deletesDocument = z.record(tableName, deleteDocument);
