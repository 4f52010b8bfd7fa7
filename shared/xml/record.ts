import type { Found } from '../values/found.ts';

/** What one record holds while it is read: only what its mapped paths need. */

/** Whether the predicates of a late node held for one element: known when it has closed. */
export interface Guard {
  readonly around: Guard | undefined;
  readonly core: Core;
  /** The path of the first value below it that came after the first record: an error, should it hold. */
  late: string | undefined;
}

/** What an element's guards have in common: there is one for each way in which a path with `//` leads to it. */
export interface Core {
  /** Of its child checks, those that some child met. */
  readonly met: Set<number>;
  outcome: boolean | undefined;
}

/** A value that counts only if one of its guards holds. */
export interface Guarded {
  readonly guards: readonly Guard[];
  readonly value: Found;
}

export type Entry = Found | Guarded;

/** The found values of one open element: a row, an ancestor of rows, or the document. */
export interface Holding {
  readonly holder: number;
  /** The holdings around it: several where a path with `//` leads to it through elements that lie in each other. */
  readonly ups: readonly Context[];
  readonly depth: number;
  /** The element's rows, by table. */
  readonly rows: (Row | undefined)[];
  readonly entries: (Entry | Entry[] | undefined)[];
  /** A record below has begun: what rows read of it may not change any more. */
  isFrozen: boolean;
}

/** A holding with nothing in it yet, and room for rows where there may be some. */
export const newHolding = (
  holder: number,
  ups: readonly Context[],
  depth: number,
  slots: number,
  tables: number,
): Holding => ({
  holder,
  ups,
  depth,
  // As long as they get: what comes in any order would make them grow.
  entries: new Array(slots),
  rows: tables === 0 ? [] : new Array(tables),
  isFrozen: false,
});

/** One way in which a match stands in open elements. */
export interface Context {
  readonly holding: Holding;
  /** The nearest around the match. */
  readonly guard: Guard | undefined;
}

/** One row element. */
export interface Row {
  readonly table: number;
  readonly holding: Holding;
  /** One of them has to hold; undefined where it is a row anyway. */
  readonly guards: readonly Guard[] | undefined;
  readonly line: number;
  readonly column: number;
  /** The row of the parent table around it, once it is given to the sink. */
  parent: Row | undefined;
  state: 'open' | 'given' | 'rejected' | 'outside';
  /** `_row` and the typed values, once given to the sink. */
  number: number | undefined;
  values: (string | null)[] | undefined;
  /** Elements of child tables within this row so far, by table. */
  ordinals: number[] | undefined;
}

export const newRow = (
  table: number,
  holding: Holding,
  guards: readonly Guard[] | undefined,
  { line, column }: { readonly line: number; readonly column: number },
): Row => ({
  table,
  holding,
  parent: undefined,
  guards,
  line,
  column,
  state: 'open',
  number: undefined,
  values: undefined,
  ordinals: undefined,
});

/** Whether all guards around held; undefined while one is open. */
export const verdict = (guard: Guard | undefined): boolean | undefined => {
  let isKnown = true;
  for (let g = guard; g !== undefined; g = g.around) {
    if (g.core.outcome === false) return false;
    if (g.core.outcome === undefined) isKnown = false;
  }
  return isKnown ? true : undefined;
};

/** Whether one of the guards holds; undefined while that is open. */
export const anyVerdict = (guards: readonly Guard[]): boolean | undefined => {
  let isKnown = true;
  for (const guard of guards) {
    const holds = verdict(guard);
    if (holds === true) return true;
    if (holds === undefined) isKnown = false;
  }
  return isKnown ? false : undefined;
};

/** Whether a guard is another one, or is around it. */
export const isWithin = (outer: Guard | undefined, inner: Guard | undefined): boolean => {
  if (outer === undefined) return true;
  for (let g = inner; g !== undefined; g = g.around) if (g === outer) return true;
  return false;
};

/** The holding of a holder at or around another: of those that lie in each other the innermost. */
export const ancestorOf = (from: Holding, holder: number): Holding | undefined => {
  let at: Context | undefined = { holding: from, guard: undefined };
  while (at !== undefined && at.holding.holder !== holder) {
    const { guard, holding }: Context = at;
    let innermost: Context | undefined;
    for (const up of holding.ups) {
      const isSame = holding === from || isWithin(up.guard, guard);
      const isDeeper = innermost === undefined || up.holding.depth > innermost.holding.depth;
      if (isSame && isDeeper && verdict(up.guard) !== false) innermost = up;
    }
    at = innermost;
  }
  return at?.holding;
};

export const isGuarded = (entry: Entry): entry is Guarded =>
  typeof entry === 'object' && entry !== null && 'guards' in entry;

export const UNDECIDED = Symbol('undecided');

/** The values of a slot whose guards held, or UNDECIDED while an element around one of them is open. */
export const settled = (
  entry: Entry | Entry[] | undefined,
): Found | Found[] | undefined | typeof UNDECIDED => {
  if (entry === undefined || entry === null || typeof entry === 'string') return entry;
  if (!Array.isArray(entry) && !isGuarded(entry)) return entry;
  const found: Found[] = [];
  for (const one of Array.isArray(entry) ? entry : [entry]) {
    if (!isGuarded(one)) {
      found.push(one);
      continue;
    }
    const holds = anyVerdict(one.guards);
    if (holds === undefined) return UNDECIDED;
    if (holds) found.push(one.value);
  }
  return found.length === 0 ? undefined : found;
};
