import * as z from 'zod';
import { deleteMode } from '../../model/deletes.ts';
import { identifier, map, path, sourceText, text, textHinted, textLike } from '../../model/kit.ts';
import { tableName } from './table.ts';

/** The keys of `deletes`, as they are written. */

export const scheduleDocument = z.union([text, map({ expression: text, timezone: text.optional() })]);
export type ScheduleDocument = z.infer<typeof scheduleDocument>;

export const percentage = textLike(/^\d{1,3}(\.\d+)?%$/, 'a percentage such as 1%');
const count = z.int().min(0);

export const compareKeysDocument = map({
  schedule: scheduleDocument.describe(
    "When to compare: rate(…), cron(…) or at(…), as the feed's own schedule",
  ),
  params: z
    .record(z.string(), z.union([sourceText, z.array(sourceText), z.null()]))
    .optional()
    .describe(
      'Query parameters of the listing, in place of those of source.http of the same name, or beside them; null leaves one out. No `${window.from}`, no `${window.to}`',
    ),
  atMost: z
    .union([count, percentage, z.array(z.union([count, percentage])).length(2)], {
      error: 'a count, a percentage of the rows, or both, as in [10, 1%]',
    })
    .optional()
    .describe(
      'How many rows may go at once: a count, a percentage of the rows of the table, or both, and then more than either; default [10, 1%]. Of more, none goes, and the batch is parked',
    ),
});
export type CompareKeysDocument = z.infer<typeof compareKeysDocument>;

/** A path without a type: a tombstone's values have the types of the table's columns. */
const typedAsColumn = textHinted(/^(?!.*<-)/, 'a path', (input) => {
  const written = input.slice(input.indexOf('<-') + 2).trim();
  return `${written === '' ? 'a path' : written}: the path alone, as the type is that of the table's column`;
})
  .min(1)
  .describe('A path: the streaming subset of XPath 1.0');

export const deleteDocument = map({
  rows: path
    .optional()
    .describe('Absolute path, one tombstone a match: an element that says that a row is gone'),
  match: z
    .record(identifier, typedAsColumn)
    .optional()
    .describe('Each key column of the table: its path below rows'),
  sequence: typedAsColumn
    .optional()
    .describe(
      'Path below rows to what orders a deletion among the versions of its row; needed where the table has a sequence',
    ),
  compareKeys: compareKeysDocument
    .optional()
    .describe(
      'Where the source does not say what is gone: a listing of all keys that it has, by a schedule of its own',
    ),
  mode: deleteMode.optional().describe('What becomes of the row; default delete'),
});
export type DeleteDocument = z.infer<typeof deleteDocument>;

export const deletesDocument = z.record(tableName, deleteDocument);
