import { z } from 'zod';

/** The resolved mapping of a feed: what every batch carries, so that it is loaded by the rules it was extracted by. */

/** The types that take no length, precision or scale. */
export const PLAIN_TYPES = [
  'smallint',
  'integer',
  'bigint',
  'real',
  'double precision',
  'boolean',
  'date',
  'timestamp',
  'timestamptz',
  'super',
] as const;

export const columnType = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(PLAIN_TYPES),
  }),
  z.strictObject({ kind: z.literal('decimal'), precision: z.int(), scale: z.int() }),
  /** Lengths are UTF-8 bytes; varchar(max) is 65535. */
  z.strictObject({ kind: z.enum(['char', 'varchar']), length: z.int() }),
]);
export type ColumnType = z.infer<typeof columnType>;

/** Where a column's value comes from: a path below the row, the row's number in its record, or a parent's column. */
export const columnSource = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('path'), path: z.string() }),
  z.strictObject({ kind: z.literal('ordinal') }),
  z.strictObject({ kind: z.literal('parent'), column: z.string() }),
]);
export type ColumnSource = z.infer<typeof columnSource>;

export const columnContract = z.strictObject({
  name: z.string(),
  type: columnType,
  source: columnSource,
  many: z.enum(['reject', 'first', 'last', 'join', 'json']),
  /** Between the values of `many: join`. */
  separator: z.string(),
  trim: z.boolean(),
  empty: z.enum(['setNull', 'keep']),
  /** Stands for an absent, nil or null value. */
  default: z.string().optional(),
  /** Key, cursor and sequence columns always are. */
  required: z.boolean(),
  truncate: z.boolean(),
  onError: z.enum(['reject', 'setNull']),
  /** How a date or time is written at the source; without it ISO 8601, with or without colon in the offset. */
  format: z.string().optional(),
});
export type ColumnContract = z.infer<typeof columnContract>;

export const tableContract = z.strictObject({
  /** `schema.table`, as the feed file names it; unique in the contract. */
  table: z.string(),
  schema: z.string(),
  name: z.string(),
  /** Absolute path of the elements that become rows (for a child table: resolved against its parent's). */
  rows: z.string(),
  /** The table whose rows these rows lie below, and which child column holds which parent key column. */
  parent: z
    .strictObject({
      table: z.string(),
      columns: z.array(z.strictObject({ child: z.string(), parent: z.string() })),
    })
    .optional(),
  disposition: z.enum(['append', 'replace', 'merge']),
  /**
   * Column names; empty where the disposition needs none. A child's begin with its parent's; then come its own, or its
   * ordinals where it names none: where neither is there, the key tells only parents apart.
   */
  key: z.array(z.string()),
  /** Columns that say which version of a key is newer; empty means the batch's `observed` alone. */
  sequence: z.array(z.string()),
  /** In file order: CSV columns, then `_batch`, `_row` and, in child tables, `_parent_row`. */
  columns: z.array(columnContract),
});
export type TableContract = z.infer<typeof tableContract>;

export const contract = z.strictObject({
  feed: z.string(),
  /** First 16 hex digits of the SHA-256 of the rest, as canonical JSON. */
  hash: z.string(),
  /** Prefix to URI; the key `default` is the namespace of unprefixed element names. */
  namespaces: z.record(z.string(), z.string()),
  /** The window's cursor: a column of the first table. */
  cursor: z.string().optional(),
  /** Parents stand before their children. The first table is the record's. */
  tables: z.array(tableContract),
});
export type Contract = z.infer<typeof contract>;
