import { hash, toJazzTime } from './seeded.ts';
import type { Content } from './shape.ts';
import {
  CONTRIBUTORS,
  contributor,
  PROJECT_AREAS,
  projectArea,
  type Revision,
  toId,
  toWorkItemId,
  workItem,
} from './work-item.ts';

/**
 * What the sample server holds. Nothing but changes is kept: an item is made from the seed and its number when
 * it is asked for, so that any number of items costs no memory.
 */
export interface Repository {
  /** The simulated time, epoch milliseconds. It stands still but for `change` and `advance`. */
  now(): number;
  advance(ms: number): void;
  /** How many changes there were: pages of one result set are read at one version. */
  version(): number;
  /** How many there are of an element, as numbers 0, 1, …; undefined for an element that the resource has not. */
  count(element: string): number;
  /** One element as it was at a version (default now). */
  read(element: string, n: number, version?: number): Content;
  /** When a work item was last modified: what filters ask most, without making the item. */
  modifiedMs(element: string, n: number, version?: number): number | undefined;
  /** Changes n work items, different ones from call to call as long as there are any, and advances the clock past them. Answers their numbers. */
  change(n: number): readonly number[];
}

export interface RepositoryOptions {
  readonly seed: number;
  /** Work items. */
  readonly items: number;
  /** The simulated time at the start. Default 2026-01-15T08:00:00Z. */
  readonly nowMs?: number;
  /** How much time one `change` takes. Default 1 hour. */
  readonly changeMs?: number;
}

const DAY = 86_400_000;
/** All items are modified in the 40 days that end an hour before the first `now`. */
const SPAN_MS = 40 * DAY;
const MARGIN_MS = 3_600_000;
const DELETED = 12;
const START_MS = Date.parse('2026-01-15T08:00:00Z');

interface Change extends Revision {
  readonly version: number;
}

export const openRepository = ({
  seed,
  items,
  nowMs = START_MS,
  changeMs = MARGIN_MS,
}: RepositoryOptions): Repository => {
  const changes = new Map<number, Change[]>();
  let now = nowMs;
  let version = 0;
  let changed = 0;

  const firstModified = (index: number): number =>
    nowMs - MARGIN_MS - 1 - Math.floor((hash(seed, 'modified', index) / 2 ** 32) * SPAN_MS);
  const revisionAt = (index: number, at: number): Revision =>
    changes.get(index)?.findLast((change) => change.version <= at) ?? {
      index,
      revision: 0,
      modifiedMs: firstModified(index),
    };
  const deletedMs = (n: number): number => nowMs - MARGIN_MS - (n + 1) * DAY;

  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    version: () => version,
    count: (element) => countOf(element, items),
    read: (element, n, at = version) => {
      if (element === 'workItem')
        return workItem(seed, revisionAt(n, at), createdMs(seed, n, firstModified(n)));
      if (element === 'deletedWorkItem') return deleted(seed, items + n, deletedMs(n));
      if (element === 'projectArea') return { ...projectArea(seed, n), archived: 'false' };
      return { ...contributor(seed, n), emailAddress: `user${n}@example.com` };
    },
    modifiedMs: (element, n, at = version) => {
      if (element === 'workItem') return revisionAt(n, at).modifiedMs;
      return element === 'deletedWorkItem' ? deletedMs(n) : undefined;
    },
    change: (n) => {
      if (n < 1 || n > items)
        throw new RangeError(`changes ${n} of ${items} work items; 1 to ${items} are allowed`);
      version += 1;
      const indices = Array.from({ length: n }, (_, k) => spread(seed, items, changed + k));
      indices.forEach((index, k) => {
        const { revision } = revisionAt(index, version);
        // The last tenth of the time stays free, so that all of them lie behind a feed's `delay`.
        const modifiedMs = now + 60_000 + Math.floor((k / n) * (changeMs * 0.9 - 60_000));
        changes.set(index, [
          ...(changes.get(index) ?? []),
          { index, revision: revision + 1, modifiedMs, version },
        ]);
      });
      changed += n;
      now += changeMs;
      return indices;
    },
  };
};

const countOf = (element: string, items: number): number => {
  const counts: Readonly<Record<string, number>> = {
    workItem: items,
    deletedWorkItem: Math.min(DELETED, items),
    projectArea: PROJECT_AREAS,
    contributor: CONTRIBUTORS,
  };
  return counts[element] ?? 0;
};

const createdMs = (seed: number, index: number, firstModifiedMs: number): number =>
  firstModifiedMs - DAY - (hash(seed, 'created', index) % (300 * DAY));

const deleted = (seed: number, index: number, ms: number): Content => ({
  itemId: toWorkItemId(seed, index),
  id: toId(index),
  modified: toJazzTime(ms),
});

/** The k-th of all items in an order that has each once: a stride that shares no factor with their number. */
const spread = (seed: number, items: number, k: number): number => {
  let stride = Math.max(1, Math.floor(items * 0.618)) + (hash(seed, 'stride') % 3);
  while (greatestCommonDivisor(stride, items) !== 1) stride += 1;
  return (hash(seed, 'start') + k * stride) % items;
};

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);
