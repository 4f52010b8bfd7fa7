import type { Contract, TableContract } from './model/contract.ts';

/** What of a feed's paths matched nothing: a typo there loses data, and nothing else would say so. */
export interface Unmatched {
  /** `schema.table` for its rows, `schema.table.column` for a column's path: as in the list of what matched. */
  readonly key: string;
  readonly what: 'rows' | 'path';
  readonly path: string;
}

/** What was read, by table and column: `matched` holds their keys, `rows` the rows kept of each table. */
export interface Matches {
  readonly matched: ReadonlySet<string>;
  readonly rows: Readonly<Record<string, number>>;
  /** `table.column` whose value, or want of one, rejected rows. */
  readonly rejectedBy: ReadonlySet<string>;
  /** What a table's rows are surely misspelt for: of tombstones, which most batches have none of, all that can be told. */
  readonly respelt: (table: TableContract) => string | undefined;
}

/** Whether it is worth telling that a table's rows matched nothing. */
const isMissed = (table: TableContract, { rows, respelt }: Matches): boolean => {
  if (table.deletes !== undefined) return respelt(table) !== undefined;
  return table.parent === undefined || (rows[table.parent.table] ?? 0) > 0;
};

/**
 * Tables whose rows matched nothing, where their parent has rows, and columns whose path matched nothing, in tables that have rows. Where all
 * rows of a table were rejected, the columns that rejected them: no row came as far as those behind them.
 */
export const listUnmatched = (contract: Contract, matches: Matches): readonly Unmatched[] => {
  const { matched, rows, rejectedBy } = matches;
  return contract.tables.flatMap((of): Unmatched[] => {
    const { table, rows: path, columns } = of;
    if (!matched.has(table)) return isMissed(of, matches) ? [{ key: table, what: 'rows', path }] : [];
    const hasRows = (rows[table] ?? 0) > 0;
    return columns.flatMap(({ name, source }): Unmatched[] => {
      const key = `${table}.${name}`;
      const isRead = hasRows || rejectedBy.has(key);
      return source.kind === 'path' && isRead && !matched.has(key)
        ? [{ key, what: 'path', path: source.path }]
        : [];
    });
  });
};

/** For people: `where` is what was read, as in "the batch"; `nearest` what it has instead of the path. */
export const tellUnmatched = (
  { key, what, path }: Unmatched,
  where: string,
  nearest: string | undefined,
): string => {
  const hint = nearest === undefined ? '' : `; the nearest there is ${nearest}`;
  return `${what === 'rows' ? 'table' : 'column'} ${key}: ${what} ${path} matched nothing in ${where}${hint}`;
};
