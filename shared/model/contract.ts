import * as z from 'zod';
import { KEPT } from '../columns/registry.ts';
import { columnType } from './column-type.ts';
import { deleteLimit, deleteMode, deletes } from './deletes.ts';
import { disposition } from './disposition.ts';
import { kept } from './kept.ts';

export type { ColumnType } from './column-type.ts';

/** The resolved mapping of a feed: what every batch carries, so that it is loaded by the rules it was extracted by. */

/** Where a column's value comes from: a path below the row, the row's number in its record, a fixed text, or a parent's column. */
export const columnSource = z.discriminatedUnion('kind', [
  kept({ kind: z.literal('path'), path: z.string() }),
  kept({ kind: z.literal('ordinal') }),
  kept({ kind: z.literal('value'), template: z.string() }),
  kept({ kind: z.literal('parent'), column: z.string() }),
]);
export type ColumnSource = z.infer<typeof columnSource>;

/** Options of a column are kept as each of them says: see shared/columns. */
export const columnContract = kept({
  name: z.string(),
  type: columnType,
  source: columnSource,
  ...KEPT,
});
export type ColumnContract = z.infer<typeof columnContract>;

/** What `distribute` of a table says: Redshift chooses, by the record's key, in turn, or all rows on every node. */
export const DISTRIBUTIONS = ['auto', 'key', 'even', 'all'] as const;

export const tableContract = kept({
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
      columns: z.array(kept({ child: z.string(), parent: z.string() })),
    })
    .optional(),
  disposition,
  /**
   * Column names; empty where the disposition needs none. A child's begin with its parent's; then come its own, or its
   * ordinals where it names none: where neither is there, the key tells only parents apart.
   */
  key: z.array(z.string()),
  /** Columns that say which version of a key is newer; empty means the batch's `observed` alone. */
  sequence: z.array(z.string()),
  /** Columns whose change alone makes no version of a record: they are not of its hash. */
  ignore: z.array(z.string()).optional(),
  /** A table of that name that Millrace did not make is taken over. */
  adopt: z.boolean().optional(),
  /** How its rows are distributed and sorted when the table is made; absent means that Redshift chooses. */
  distribute: z.enum(['key', 'even', 'all']).optional(),
  sort: z.array(z.string()).optional(),
  /** Its rows are tombstones: they have the key of another table and, where that has one, its sequence; they are no target. */
  deletes: deletes.optional(),
  /** It is filled beside this table, `schema.table`, whose place it takes then: see rebuilt.ts. */
  beside: z.string().optional(),
  /** Rows that are gone at the source stay and are marked: the target has `_deleted_at`, and a row that comes again loses its mark. */
  marks: z.literal(true).optional(),
  /** In file order: CSV columns, then `_batch`, `_row` and, in child tables, `_parent_row`. */
  columns: z.array(columnContract),
});
export type TableContract = z.infer<typeof tableContract>;

/** Of the contract of a comparison, whose one table is the keys that the source has. */
export const compares = kept({
  mode: deleteMode,
  atMost: deleteLimit,
  /** A marked row whose key is listed is there again. Where tombstones mark too, they say by themselves what is gone. */
  unmarks: z.literal(true).optional(),
  /** The table whose rows go where their key is not listed, and those below it, which go with them. */
  tables: z.array(tableContract),
});
export type Compares = z.infer<typeof compares>;

export const contract = kept({
  feed: z.string(),
  /** First 16 hex digits of the SHA-256 of the rest, as canonical JSON. */
  hash: z.string(),
  /** Prefix to URI; the key `default` is the namespace of unprefixed element names. */
  namespaces: z.record(z.string(), z.string()),
  /** The window's cursor: a column of the first table. */
  cursor: z.string().optional(),
  /** A table that is there gets no column and no longer one: a person changes it. */
  freeze: z.literal(true).optional(),
  /** Who may read the tables: `group analysts`, `role reader`, `public`, or a user's name. */
  grants: kept({ select: z.array(z.string()) }).optional(),
  /** Parents stand before their children, tombstones behind all. The first table is the record's. */
  tables: z.array(tableContract),
  /** The rows of this contract are keys, and those of its targets go that they do not have. */
  compares: compares.optional(),
  /** Nothing is read or staged: the tables that this request filled take the place of the contract's own. */
  swaps: kept({ request: z.string() }).optional(),
});
export type Contract = z.infer<typeof contract>;

/** The tables that the warehouse has: those of the feed, without their tombstones; of a comparison those that it compares. */
export const targetTables = ({
  tables,
  compares,
}: Pick<Contract, 'tables' | 'compares'>): readonly TableContract[] =>
  compares?.tables ?? tables.filter(({ deletes }) => deletes === undefined);

/** Whether rows of a table that are gone at the source stay and are marked, by tombstones or by a comparison. */
export const marksRows = (
  { tables, compares }: Pick<Contract, 'tables' | 'compares'>,
  name: string,
): boolean =>
  (compares?.mode === 'mark' && compares.tables[0]?.table === name) ||
  tables.some(
    ({ table, marks, deletes }) =>
      (marks === true && table === name) || (deletes?.mode === 'mark' && deletes.table === name),
  );
