import type { Found } from '../values/found.ts';

/** What one record holds while it is read: only what its mapped paths need. */

/** Whether the predicates of a late node held for one element: known when it has closed. */
export interface Guard {
  readonly around: Guard | undefined;
  /** Of its child checks, those that some child met. */
  readonly met: Set<number>;
  outcome: boolean | undefined;
  /** The path of the first value below it that came after the first record: an error, should it hold. */
  late: string | undefined;
}

/** A value that counts only if its guard holds. */
export interface Guarded {
  readonly guard: Guard;
  readonly value: Found;
}

export type Entry = Found | Guarded;

/** The found values of one open element: a row, an ancestor of rows, or the document. */
export interface Holding {
  readonly holder: number;
  readonly up: Holding | undefined;
  readonly entries: (Entry | Entry[] | undefined)[];
  /** A record below has begun: what rows read of it may not change any more. */
  isFrozen: boolean;
}

/** One row element. */
export interface Row {
  readonly table: number;
  readonly holding: Holding;
  readonly parent: Row | undefined;
  readonly guard: Guard | undefined;
  readonly line: number;
  readonly column: number;
  state: 'open' | 'given' | 'rejected' | 'outside';
  /** `_row` and the typed values, once given to the sink. */
  number: number | undefined;
  values: readonly (string | null)[] | undefined;
  /** Elements of child tables within this row so far, by table. */
  ordinals: number[] | undefined;
}

/** Whether all guards around held; undefined while one is open. */
export const verdict = (guard: Guard | undefined): boolean | undefined => {
  let isKnown = true;
  for (let g = guard; g !== undefined; g = g.around) {
    if (g.outcome === false) return false;
    if (g.outcome === undefined) isKnown = false;
  }
  return isKnown ? true : undefined;
};

export const isGuarded = (entry: Entry): entry is Guarded =>
  typeof entry === 'object' && entry !== null && 'guard' in entry;

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
    const holds = verdict(one.guard);
    if (holds === undefined) return UNDECIDED;
    if (holds) found.push(one.value);
  }
  return found.length === 0 ? undefined : found;
};
