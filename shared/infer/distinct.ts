import { copyOf } from '../xml/copy.ts';

/**
 * Whether the values of a path are all distinct, in bounded memory. Each path keeps its values until one comes twice. Where all paths
 * together hold too many, each keeps those whose hash falls into a half, a quarter and so on: of such a value every repetition is still
 * seen, so that "all distinct" is exact for the part that is kept.
 */
export interface Distinct {
  readonly kept: Set<string>;
  /** A value came twice, or one that is no key. */
  isOver: boolean;
}

export interface DistinctPool {
  readonly most: number;
  readonly longest: number;
  /** One value in 2^level is kept. */
  level: number;
  size: number;
  readonly open: Set<Distinct>;
}

export const newDistinctPool = (most: number, longest: number): DistinctPool => ({
  most,
  longest,
  level: 0,
  size: 0,
  open: new Set(),
});

export const newDistinct = (pool: DistinctPool): Distinct => {
  const distinct: Distinct = { kept: new Set(), isOver: false };
  pool.open.add(distinct);
  return distinct;
};

/** No more is kept of the path: its values are not distinct, or are no key's. */
export const giveUp = (pool: DistinctPool, distinct: Distinct): void => {
  if (distinct.isOver) return;
  distinct.isOver = true;
  pool.size -= distinct.kept.size;
  distinct.kept.clear();
  pool.open.delete(distinct);
};

export const addDistinct = (pool: DistinctPool, distinct: Distinct, value: string): void => {
  if (distinct.isOver) return;
  if (value.length > pool.longest) {
    giveUp(pool, distinct);
    return;
  }
  if (!isKept(value, pool.level)) return;
  if (distinct.kept.has(value)) {
    giveUp(pool, distinct);
    return;
  }
  distinct.kept.add(copyOf(value));
  pool.size += 1;
  while (pool.size > pool.most) halve(pool);
};

const halve = (pool: DistinctPool): void => {
  pool.level += 1;
  for (const { kept } of pool.open) {
    for (const value of kept) {
      if (isKept(value, pool.level)) continue;
      kept.delete(value);
      pool.size -= 1;
    }
  }
};

const isKept = (value: string, level: number): boolean =>
  level === 0 || (hash(value) & (2 ** Math.min(level, 31) - 1)) === 0;

/** FNV-1a with the last mixing of MurmurHash3, so that the low bits depend on all characters. */
const hash = (text: string): number => {
  let h = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) h = Math.imul(h ^ text.charCodeAt(at), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};
