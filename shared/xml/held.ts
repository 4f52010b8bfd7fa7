import { fromRoot, isBelow } from '../feed/resolve/paths.ts';
import type { Contract, TableContract } from '../model/contract.ts';
import { nearest } from '../model/nearest.ts';
import { type Path, parsePath, parsePaths, printName } from '../model/path.ts';
import type { Automaton } from './automaton.ts';
import { resolveTest } from './names.ts';
import {
  countAt,
  findNearest,
  listUnmapped,
  type Place,
  toPlaces,
  type Unmapped,
  type Wanted,
} from './places.ts';

/** What a document held besides what was asked for; worked out when it is asked, as most documents are not. */
export interface Held {
  /** Nearest in the document to the path of a table's rows or of a column, which matched nothing; undefined where nothing is. */
  nearest(key: string): string | undefined;
  /** What an absolute path that matched nothing was surely meant to be: all of its names are there, or are misspelt. */
  respelt(path: string): string | undefined;
  /**
   * Elements of the kind that records are, whether or not a predicate takes them out of the rows. Undefined where the paths of the rows do
   * not say of which kind those are.
   */
  candidates(): number | undefined;
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
  hasPredicates: hasPredicates(path),
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

/** The names of a path, as it writes them, without its predicates. */
const namesOf = ({ steps, end }: Path): readonly string[] => [
  ...steps.map(({ name, isDeep = false }) => `${isDeep ? '/' : ''}${printName(name)}`),
  ...(end.kind === 'attribute' ? [`@${printName(end.name)}`] : []),
];

const localOf = (name: string): string => name.replace(/^[/@]*(?:[^:]*:)?/, '');

/** The labels as a path, where they differ from what was written by spelling or prefix alone. */
const respell = (labels: readonly string[], written: readonly string[]): string | undefined => {
  if (labels.length !== written.length) return undefined;
  const others = labels.flatMap((label, at) => {
    const name = written[at] ?? '';
    return label === name || localOf(name) === '*' ? [] : [{ label: localOf(label), name: localOf(name) }];
  });
  const isAlike = others.every(({ label, name }) => nearest(name, [label]) !== undefined);
  return others.length > 0 && isAlike ? `/${labels.join('/')}` : undefined;
};

const hasPredicates = ({ steps }: Path): boolean => steps.some(({ predicates }) => predicates.length > 0);

const areNames = (path: Path, labels: readonly string[]): boolean =>
  namesOf(path).map(localOf).join('/') === labels.map(localOf).join('/');

/**
 * Whether what stands in the place of a table's rows is there for itself: tombstones where there is no record, or records where there is
 * no tombstone. Where both are of one name, a predicate tells them apart.
 */
const isForItself = (tables: readonly TableContract[], path: Path, labels: readonly string[]): boolean => {
  const asked = tables.find(({ rows }) => rows === path.text);
  return tables.some(({ deletes, rows }) => {
    const other = parsePath(rows);
    if ((deletes === undefined) === (asked?.deletes === undefined) || !areNames(other, labels)) return false;
    return areNames(path, labels) || !(hasPredicates(other) || hasPredicates(path));
  });
};

/** Whether the elements of a record are told by its path's names: predicates stand on its last step alone, which is no wildcard. */
const hasKind = ({ steps }: Path): boolean =>
  steps.at(-1)?.name.kind === 'name' && steps.slice(0, -1).every(({ predicates }) => predicates.length === 0);

/** The rows of records; tombstones that lie in records are none of their own. */
const recordPaths = (tables: readonly TableContract[]): readonly Path[] => {
  const roots = tables.filter(({ parent }) => parent === undefined);
  const isIn = (path: Path): boolean =>
    roots.some(({ deletes, rows }) => deletes === undefined && isBelow(path, parsePath(rows)));
  return roots
    .map(({ deletes, rows }) => ({ path: parsePath(rows), isTombstones: deletes !== undefined }))
    .filter(({ path, isTombstones }) => !isTombstones || !isIn(path))
    .map(({ path }) => path);
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
      if (labels !== undefined && path === rows && isForItself(tables, path, labels)) return undefined;
      const shown = labels && print(labels, path, rows);
      return shown === '' || shown === path.text ? undefined : shown;
    },
    respelt: (text) => {
      const path = parsePath(text);
      const labels = findNearest(toRoot(), toWanted(path, namespaces), false);
      if (labels === undefined || isForItself(tables, path, labels)) return undefined;
      return respell(labels, namesOf(path));
    },
    candidates: () => {
      const paths = recordPaths(tables);
      if (!paths.every(hasKind)) return undefined;
      const kinds = new Map(paths.map((path) => [namesOf(path).join('/'), path]));
      return [...kinds.values()].reduce(
        (sum, path) => sum + countAt(toRoot(), toWanted(path, namespaces).steps),
        0,
      );
    },
    unmapped: () => listUnmapped(toRoot()),
    elsewhere,
  };
};
