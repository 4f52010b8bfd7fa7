import type { KeyPath } from './yaml-source.ts';

/** A document without the values at some paths, lists left as they are. */
export const prune = (value: unknown, paths: readonly KeyPath[]): unknown => {
  if (paths.length === 0 || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      const below = paths.filter(([first]) => first === key).map((path) => path.slice(1));
      return below.some((path) => path.length === 0) ? [] : [[key, prune(inner, below)]];
    }),
  );
};

/** Keys at the top whose meaning is their own. */
const ALONE: readonly unknown[] = ['feed', 'schedule', 'rejects'];

/**
 * Whether a problem of meaning stands whatever the paths that were taken out would have said: that of a key whose meaning is its own, of a
 * source that nothing else is wrong around, and of a column in a table whose rows are right.
 */
export const isIndependent = ([top, table, part, column]: KeyPath, pruned: readonly KeyPath[]): boolean => {
  const isPruned = (...at: KeyPath): boolean => pruned.some((path) => at.every((key, i) => path[i] === key));
  if (ALONE.includes(top)) return !isPruned(...(top === undefined ? [] : [top]));
  if (top === 'source') return !['source', 'partitions', 'window'].some((key) => isPruned(key));
  if (top !== 'tables' || table === undefined || part !== 'columns' || column === undefined) return false;
  return (
    !['rows', 'parent'].some((key) => isPruned('tables', table, key)) &&
    !isPruned('tables', table, part, column)
  );
};
