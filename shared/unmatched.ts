import type { Contract } from './model/contract.ts';

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
}

/**
 * Tables whose rows matched nothing, where their parent has rows, and columns whose path matched nothing, in tables that have rows. Where all
 * rows of a table were rejected, the columns that rejected them: no row came as far as those behind them.
 */
export const listUnmatched = (
  contract: Contract,
  { matched, rows, rejectedBy }: Matches,
): readonly Unmatched[] =>
  contract.tables.flatMap(({ table, parent, rows: path, columns }): Unmatched[] => {
    if (!matched.has(table)) {
      return parent === undefined || (rows[parent.table] ?? 0) > 0
        ? [{ key: table, what: 'rows', path }]
        : [];
    }
    const hasRows = (rows[table] ?? 0) > 0;
    return columns.flatMap(({ name, source }): Unmatched[] => {
      const key = `${table}.${name}`;
      const isRead = hasRows || rejectedBy.has(key);
      return source.kind === 'path' && isRead && !matched.has(key)
        ? [{ key, what: 'path', path: source.path }]
        : [];
    });
  });

/** For people: `where` is what was read, as in "the batch"; `nearest` what it has in the path's stead. */
export const tellUnmatched = (
  { key, what, path }: Unmatched,
  where: string,
  nearest: string | undefined,
): string => {
  const hint = nearest === undefined ? '' : `; the nearest there is ${nearest}`;
  return `${what === 'rows' ? 'table' : 'column'} ${key}: ${what} ${path} matched nothing in ${where}${hint}`;
};
