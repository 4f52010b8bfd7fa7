import type { Branch } from './fields.ts';
import { IllegalFields } from './fields.ts';
import type { Repository } from './repository.ts';
import { type Selection, toSelection, toTest } from './selection.ts';
import type { Content, Fields } from './shape.ts';

/** What one query gives, frozen: pages of one token never shift, whatever changes meanwhile. */
export interface ResultSet {
  readonly resource: string;
  readonly version: number;
  readonly groups: readonly Group[];
  readonly total: number;
}

interface Group {
  readonly element: string;
  readonly selection: Selection;
  readonly matches: readonly number[];
}

/** Runs a query over all that the repository holds now. Throws IllegalFields or IllegalDate. */
export const openResultSet = (
  repository: Repository,
  resource: string,
  elements: Readonly<Record<string, Fields>>,
  branches: readonly Branch[],
): ResultSet => {
  const version = repository.version();
  const groups = branches.map((branch) => {
    const fields = elements[branch.name];
    if (fields === undefined)
      throw new IllegalFields(`${resource}/${branch.name} is not a valid field name.`);
    const place = `${resource}/${branch.name}`;
    const wanted = branch.below.length === 0 ? [{ name: '*', below: [] }] : branch.below;
    const test = branch.filter === undefined ? () => true : toTest(branch.filter, fields, place);
    const matches: number[] = [];
    for (let n = 0; n < repository.count(branch.name); n += 1) {
      if (test(lazily(repository, branch.name, n, version))) matches.push(n);
    }
    return { element: branch.name, selection: toSelection(wanted, fields, place), matches };
  });
  return { resource, version, groups, total: groups.reduce((sum, { matches }) => sum + matches.length, 0) };
};

/** An element whose `modified`, which nearly every filter asks, is known without making the rest of it. */
const lazily = (repository: Repository, element: string, n: number, version: number): Content => {
  const modifiedMs = repository.modifiedMs(element, n, version);
  let content: Content | undefined;
  return new Proxy<Content>(
    {},
    {
      get: (_, name) => {
        if (name === 'modified' && modifiedMs !== undefined) return new Date(modifiedMs).toISOString();
        content ??= repository.read(element, n, version);
        return content[String(name)];
      },
    },
  );
};

/** One place of a result set, by position. */
export interface Hit {
  readonly element: string;
  readonly n: number;
  readonly selection: Selection;
}

/** The hits of one page. */
export function* readHits(set: ResultSet, pos: number, size: number): Generator<Hit> {
  let skipped = pos;
  let left = size;
  for (const { element, selection, matches } of set.groups) {
    for (const n of matches.slice(skipped, skipped + left)) yield { element, n, selection };
    const taken = Math.max(0, Math.min(matches.length - skipped, left));
    skipped = Math.max(0, skipped - matches.length);
    left -= taken;
  }
}

/** A result set under the token that next links carry. */
export interface KeptSet {
  readonly set: ResultSet;
  readonly token: string;
}

export interface ResultSets {
  keep(set: ResultSet): KeptSet;
  /** Undefined where the token has expired, or never was. */
  find(token: string): KeptSet | undefined;
  clear(): void;
}

const SETS_KEPT = 200;

/** Keeps the newest 200 result sets. */
export const makeResultSets = (): ResultSets => {
  const sets = new Map<string, ResultSet>();
  let made = 0;
  return {
    keep: (set) => {
      made += 1;
      const token = `_r${made}`;
      sets.set(token, set);
      sets.delete(`_r${made - SETS_KEPT}`);
      return { set, token };
    },
    find: (token) => {
      const set = sets.get(token);
      return set === undefined ? undefined : { set, token };
    },
    clear: () => sets.clear(),
  };
};
