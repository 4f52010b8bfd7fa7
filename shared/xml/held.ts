import { fromRoot } from '../feed/resolve/paths.ts';
import type { Contract, TableContract } from '../model/contract.ts';
import { type Path, parsePath, parsePaths } from '../model/path.ts';
import type { Automaton } from './automaton.ts';
import { resolveTest } from './names.ts';
import { findNearest, listUnmapped, type Place, toPlaces, type Unmapped, type Wanted } from './places.ts';

/** What a document held besides what was asked for; worked out when it is asked, as most documents are not. */
export interface Held {
  /** Nearest in the document to the path of a table's rows or of a column, which matched nothing; undefined where nothing is. */
  nearest(key: string): string | undefined;
  /** What lies in records and no column reads, the most frequent first. */
  unmapped(): readonly Unmapped[];
  /** Elements at further places than are counted one by one. */
  readonly elsewhere: number;
}

const toWanted = (path: Path, namespaces: Contract['namespaces']): Wanted => ({
  steps: path.steps.map(({ name, isDeep = false }) => ({
    ...resolveTest(name, 'element', namespaces),
    isDeep,
  })),
  attribute: path.end.kind === 'attribute' ? resolveTest(path.end.name, 'attribute', namespaces) : undefined,
  hasPredicates: path.steps.some(({ predicates }) => predicates.length > 0),
});

/** The path that a key stands for, and the rows that it is relative to. */
const pathOf = (tables: readonly TableContract[], key: string): { path: Path; rows: Path } | undefined => {
  const table = tables.find((one) => key === one.table || key.startsWith(`${one.table}.`));
  if (table === undefined) return undefined;
  const rows = parsePath(table.rows);
  if (key === table.table) return { path: rows, rows };
  const source = table.columns.find(({ name }) => key === `${table.table}.${name}`)?.source;
  return source?.kind === 'path' ? { path: parsePaths(source.path)[0] ?? rows, rows } : undefined;
};

/** The labels as a path of the same kind as the one that was written. */
const print = (labels: readonly string[], path: Path, rows: Path): string => {
  if (path.isAbsolute) return `/${labels.join('/')}`;
  const below = labels.slice(rows.steps.length - path.ups).join('/');
  return `${'../'.repeat(path.ups)}${below}`;
};

export const newHeld = ({ met, elsewhere }: Automaton, { namespaces, tables }: Contract): Held => {
  let root: Place | undefined;
  const toRoot = (): Place => (root ??= toPlaces(met, namespaces));
  return {
    nearest: (key) => {
      const found = pathOf(tables, key);
      if (found === undefined) return undefined;
      const { path, rows } = found;
      const wanted = toWanted(fromRoot(rows, path), namespaces);
      const labels = findNearest(toRoot(), wanted, path === rows);
      const shown = labels && print(labels, path, rows);
      return shown === '' || shown === path.text ? undefined : shown;
    },
    unmapped: () => listUnmapped(toRoot()),
    elsewhere,
  };
};
