import * as z from 'zod';
import { path, sourceText, text } from '../model/kit.ts';

/** The keys that say what a column is, before its options: its type, and where its values come from. */

const head = <const Key extends string, S extends z.ZodType>(key: Key, schema: S, says: string) => ({
  key,
  schema,
  says,
});

export const HEADS = [
  head('type', text, 'As in `varchar(64)`: below.'),
  head('path', path, "Where the value is. Default the column's name."),
  head(
    'ordinal',
    z.literal(true),
    "`true`: 1, 2, … among the table's elements within the parent's row. Child tables only; `type` defaults to integer.",
  ),
  head(
    'value',
    sourceText,
    'A text for every row, in place of a path: fixed, or with variables such as `${connection}` (below). It goes the way of any value: type, length, `default`.',
  ),
] as const;
