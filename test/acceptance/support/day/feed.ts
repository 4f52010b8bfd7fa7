import { HOUR, trueFeed } from '../../../handlers/attention/support/true-feed.ts';
import type { DayKind } from './kinds.ts';
import type { Spoils } from './sources.ts';
import { type Held, type Item, newSource, type Rows, type Source, type Window } from './truth.ts';

/** Three schedules of an hour: the default, and what the feed of files says. */
const STALE_AFTER_MS = 3 * HOUR;

/** What keeps a feed's executions from their end. */
export interface Hindrance {
  readonly error: string;
  /** Whether it may pass by itself. */
  readonly passes: boolean;
  /** Whether the batch is set aside for it. */
  readonly parks?: true;
  /** The only batch that it is about. @default - each */
  readonly batch?: string | undefined;
}

/** One feed of the day: its source, what is so of it, and what its target has to hold. Nothing of it is asked of Millrace. */
export interface DayFeed {
  readonly name: string;
  readonly kind: DayKind;
  readonly source: Source;
  readonly truth: ReturnType<typeof trueFeed>;
  /** What the target holds once all that was sealed is loaded. */
  readonly sealed: Rows;
  readonly loaded: Rows;
  /** What each sealed batch brought that is not loaded. */
  readonly brought: Map<string, Rows>;
  /** Sealed batches without a row: no load is of them. */
  readonly empty: Set<string>;
  /** Those that a person gave back: they are due at once. */
  readonly givenBack: Set<string>;
  /** Files that landed and are not read. */
  readonly files: LandedFile[];
  /** Where the next window begins. */
  fromMs: number;
  /** Where a window ends that was planned, and not sealed yet. */
  plannedMs: number | undefined;
  spoils: Spoils | undefined;
  /** Answers of the source wait for it. */
  gate: Promise<void> | undefined;
  extracts: Hindrance | undefined;
  loads: Hindrance | undefined;
  /** What keeps all loads from their end, before anything of the feed's own. */
  away: Hindrance | undefined;
  /** What comes to no end as long as it is set: loads, or files that land. */
  held: 'loads' | 'files' | undefined;
  /** A file has landed that nobody was told of. */
  hasUnread: boolean;
  /** Its executions are cut off before they have read anything. */
  isCut: boolean;
  /** Whether each run rejects a row. */
  rejects: boolean;
}

interface LandedFile {
  readonly items: readonly Item[];
  readonly landedMs: number;
}

interface Begin {
  readonly random: () => number;
  readonly startMs: number;
  readonly nowMs: number;
}

export const newDayFeed = (name: string, kind: DayKind, { random, startMs, nowMs }: Begin): DayFeed => ({
  ...{ name, kind, source: newSource(random), truth: trueFeed(nowMs, STALE_AFTER_MS) },
  ...{
    sealed: new Map(),
    loaded: new Map(),
    brought: new Map(),
    empty: new Set(),
    givenBack: new Set(),
    files: [],
    ...{ rejects: false, hasUnread: false, isCut: false },
    fromMs: startMs,
    plannedMs: undefined,
  },
  ...{ spoils: undefined, gate: undefined, extracts: undefined, loads: undefined },
  ...{ away: undefined, held: undefined },
});

/** Those of the batches that wait whose time has come. */
const dueOf = ({ truth, kind, givenBack }: DayFeed, nowMs: number): readonly string[] =>
  [...truth.pending]
    .filter(
      ([batch, sealedMs]) =>
        kind.waits !== true || givenBack.has(batch) || Math.ceil(sealedMs / HOUR) * HOUR <= nowMs,
    )
    .map(([batch]) => batch)
    .sort();

/** Nobody waits for these any more. */
const giveUp = ({ truth, brought }: DayFeed, parked: readonly string[]): void => {
  for (const batch of parked) {
    truth.parked.delete(batch);
    brought.delete(batch);
  }
};

const load = (feed: DayFeed, batches: readonly string[]): void => {
  const { truth, kind, sealed, loaded, brought } = feed;
  for (const batch of batches) {
    truth.pending.delete(batch);
    // Of a batch that waited for a person newer ones are loaded: the newer version of an item stays.
    for (const [name, item] of brought.get(batch) ?? [])
      if ((loaded.get(name)?.modifiedMs ?? 0) < item.modifiedMs) loaded.set(name, item);
    brought.delete(batch);
  }
  // A newer version of a file that is loaded takes the place of those that were set aside.
  const newest = batches.toSorted().at(-1) ?? '';
  const isReplaced = (batch: string): boolean => kind.lands === true && batch < newest;
  giveUp(feed, [...truth.parked.keys()].filter(isReplaced));
  if (kind.waits === true || brought.size > 0) return;
  loaded.clear();
  for (const [name, item] of sealed) loaded.set(name, item);
};

/** A load of what is due ends, or does not, as things stand. While one is in flight nothing else is taken. */
export const tryLoad = (feed: DayFeed, nowMs: number): void => {
  const { truth, empty, held, away } = feed;
  const loads = away ?? feed.loads;
  const due = dueOf(feed, nowMs);
  if (due.length === 0 || truth.isPaused || held === 'loads') return;
  if (loads === undefined) {
    load(feed, due);
    return;
  }
  const isHindered = (one: string): boolean =>
    !empty.has(one) && (loads.batch === undefined || loads.batch === one);
  const hindered = due.filter(isHindered);
  const isInFlight = truth.loadFailures.some(({ batch }) => truth.pending.has(batch));
  const free = isInFlight ? [] : due.filter((one) => !isHindered(one));
  if (free.length > 0) load(feed, free);
  const [batch] = hindered;
  if (batch === undefined) return;
  if (loads.parks === true) {
    for (const one of hindered) truth.pending.delete(one);
    for (const one of hindered) truth.parked.set(one, true);
  } else truth.loadFailures = [...truth.loadFailures, { atMs: nowMs, batch, passes: loads.passes }];
};

/** One batch more is sealed, of what the source has. */
const seal = (feed: DayFeed, toMs: number, nowMs: number, source: Held = feed.source): void => {
  const { truth, kind, sealed } = feed;
  const batch = `w-${toMs}`;
  const window = { fromMs: feed.fromMs, toMs };
  kind.take(sealed, source, window);
  const brought: Rows = new Map();
  kind.take(brought, source, window);
  feed.brought.set(batch, brought);
  if (!feed.rejects && kind.isEmpty(source, window)) feed.empty.add(batch);
  Object.assign(feed, { fromMs: toMs, plannedMs: undefined });
  truth.seal(batch, nowMs);
};

/** A batch of each file that landed. */
const sealFiles = (feed: DayFeed, nowMs: number): void => {
  for (const { items, landedMs } of feed.files.splice(0))
    seal(feed, landedMs, nowMs, { items: new Map(items.map((item) => [item.id, item])), gone: new Map() });
};

/**
 * The schedule's time, or a trigger: what comes before `toMs` is read, and loaded where nothing hinders it. The end of a window stands
 * from its first plan on: what failed is read to there, and then the rest.
 */
export const run = (feed: DayFeed, toMs: number, nowMs: number): void => {
  const { truth, kind, extracts } = feed;
  tryLoad(feed, nowMs);
  if (truth.isPaused) return;
  const batch = `w-${toMs}`;
  truth.hasPlan = true;
  if (feed.isCut) {
    if (kind.isWhole !== true) feed.plannedMs ??= toMs;
    return;
  }
  if (extracts?.parks === true) truth.parked.set(batch, false);
  else if (extracts !== undefined)
    truth.failures = [...truth.failures, { atMs: nowMs, batch, passes: extracts.passes }];
  if (extracts !== undefined) {
    if (kind.isWhole !== true) feed.plannedMs ??= toMs;
    return;
  }
  if (feed.plannedMs !== undefined && feed.plannedMs < toMs) seal(feed, feed.plannedMs, nowMs);
  if (kind.lands === true) sealFiles(feed, nowMs);
  else seal(feed, toMs, nowMs);
  if (feed.rejects) truth.rejectsMs ??= nowMs;
  if (kind.waits !== true) tryLoad(feed, nowMs);
};

/** Each batch that waits for a person is given back. */
export const giveBack = ({ truth, givenBack }: DayFeed, nowMs: number): void => {
  for (const [batch, wasSealed] of truth.parked) if (wasSealed) truth.pending.set(batch, nowMs);
  for (const batch of truth.parked.keys()) givenBack.add(batch);
  truth.parked.clear();
};

/** A range is read again, in a batch of its own: it is nothing new of the feed's schedule. */
export const readAgain = (feed: DayFeed, window: Window, nowMs: number): void => {
  const { truth, kind, source, brought, empty } = feed;
  const batch = `b-${window.toMs}`;
  const rows: Rows = new Map();
  kind.take(rows, source, window);
  brought.set(batch, rows);
  if (kind.isEmpty(source, window)) empty.add(batch);
  truth.pending.set(batch, nowMs);
  if (kind.waits !== true) tryLoad(feed, nowMs);
};

/** What was set aside is skipped. */
export const skip = (feed: DayFeed): void => giveUp(feed, [...feed.truth.parked.keys()]);
