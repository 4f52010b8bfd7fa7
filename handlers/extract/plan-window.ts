import { InvalidInput } from '../../shared/errors.ts';
import { hashDefinition } from '../../shared/model/canonical.ts';
import type { Feed, HttpSource, Partition, Window } from '../../shared/model/feed.ts';
import { buildFirstRequest } from '../../shared/source/request.ts';
import { MAX_SLICES, type NextWindow, nextWindow } from '../../shared/source/window.ts';
import { comparisonBatch, scheduleBatch, toDateFolder, toKey, windowBatch } from '../../shared/state/keys.ts';
import { type PlanRecord, planRecord, type Slice } from '../../shared/state/records.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Route, Source, SourceClock } from '../ports/source.ts';
import { readRecord } from '../records.ts';
import { findNewestSealed } from './newest-sealed.ts';
import { type BatchOutline, type Idle, idle } from './outline.ts';
import { type ListingDeps, readListing, toListingSource } from './read-listing.ts';
import { findKnown, findUnchanged } from './unchanged.ts';

export interface WindowDeps extends ListingDeps {
  readonly records: RecordStore;
  readonly source: Source & SourceClock;
  readonly clock: Clock;
}

const toScheduledMs = ({ feed }: Feed, scheduledTime: string | undefined): number => {
  if (scheduledTime !== undefined) return Date.parse(scheduledTime);
  throw new InvalidInput(`feed ${feed} reads http and was started without a scheduled time`);
};

/** Outlines the batch that a schedule's time asks for: the feed's next window, or, without one, that time's own batch. */
export const outlineScheduled = async (
  feed: Feed,
  source: HttpSource,
  scheduledTime: string | undefined,
  deps: WindowDeps,
): Promise<BatchOutline | Idle> => {
  const scheduledMs = toScheduledMs(feed, scheduledTime);
  const { window } = feed;
  if (window === undefined) return outlineUnwindowed(feed, source, scheduledMs, deps);

  const sealed = await findNewestSealed(deps.records, feed.feed);
  const due = {
    window,
    sealedToMs: sealed?.window === undefined ? undefined : Date.parse(sealed.window.to),
    scheduledMs,
    sourceClockMs: await readSourceClock(feed, source, window, deps),
  };
  const first = nextWindow({ ...due, partitions: Math.max(1, feed.partitions.length) });
  if (first === undefined) return idle(feed.feed, `caught up with ${scheduledTime}`);
  const batch = windowBatch(first.fromMs);
  const standing = await findStanding(feed, batch, toBounds(first), deps);
  const partitions = standing === undefined ? await partitionsOf(feed, source, deps) : [];
  const found = nextWindow({ ...due, partitions: Math.max(1, partitions.length) }) ?? first;
  return {
    batch,
    date: toDateFolder(found.fromMs),
    window: standing?.window ?? toBounds(found),
    until: new Date(found.untilMs).toISOString(),
    slices: standing?.slices ?? windowSlices(partitions, found),
  };
};

/** PlanBatch has 60 s: a source that asks to wait longer is told of by its own answer. */
const LISTING_PATIENCE_MS = 40_000;

/** The feed's own partitions, or those that its source lists now. */
export const partitionsOf = (
  feed: Feed,
  source: HttpSource,
  deps: WindowDeps,
): Promise<readonly Partition[]> | readonly Partition[] =>
  feed.listing === undefined
    ? feed.partitions
    : readListing(feed, source, feed.listing, deps.clock.now() + LISTING_PATIENCE_MS, deps);

/** A plan that stands already counts, with the partitions that were listed then: they are not asked for in each execution. */
export const findStanding = async (
  feed: Feed,
  batch: string,
  window: PlanRecord['window'],
  { records }: WindowDeps,
): Promise<PlanRecord | undefined> => {
  if (feed.listing === undefined) return undefined;
  const definition = hashDefinition(feed, window?.to);
  return readRecord(records, toKey({ kind: 'plan', feed: feed.feed, batch, definition }), planRecord);
};

/** PlanBatch has 60 s, and a source that is silent has to be told of by its name, not by the function's end. */
const CLOCK_PATIENCE_MS = 15_000;

/** One cheap request: any answer has the time. */
const readSourceClock = (feed: Feed, source: HttpSource, window: Window, deps: WindowDeps) => {
  const { partitions, listing } = feed;
  const asked = listing === undefined ? source : toListingSource(source, listing);
  const [partition = listing === undefined ? undefined : { name: '', values: {} }] = partitions;
  if (partition === undefined) throw new InvalidInput(`feed ${feed.feed} has no partition, allowed 1 to 200`);
  const bounds = { fromMs: window.startMs, toMs: window.startMs };
  const { url } = buildFirstRequest({
    feed: { ...feed, source: { ...asked, headers: [], params: [] } },
    partition,
    bounds,
  });
  const patienceMs = Math.min(source.idleTimeoutMs, CLOCK_PATIENCE_MS);
  const { network = 'public', caSecret } = source;
  const route: Route = { network, caSecret, idleTimeoutMs: patienceMs };
  return deps.source.readClock(`${new URL(url).origin}/`, route, deps.signal);
};

/** Outlines the comparison of a schedule's time: what is observed later than now is none of its matter. */
export const outlineComparison = async (
  feed: Feed,
  source: HttpSource,
  scheduledTime: string | undefined,
  deps: WindowDeps,
): Promise<BatchOutline | Idle> => {
  const scheduledMs = toScheduledMs(feed, scheduledTime);
  const [batch, date] = [comparisonBatch(scheduledMs), toDateFolder(scheduledMs)];
  const observed = new Date(deps.clock.now()).toISOString();
  if (await isSealed(feed, batch, date, deps)) return idle(feed.feed, `${batch} is sealed already`);
  const standing = await findStanding(feed, batch, undefined, deps);
  return {
    batch,
    date,
    observed,
    slices: standing?.slices ?? toSlices(await partitionsOf(feed, source, deps)),
  };
};

const isSealed = async (
  { feed }: Feed,
  batch: string,
  date: string,
  { records }: WindowDeps,
): Promise<boolean> => (await records.read(toKey({ kind: 'batch', feed, date, batch }))) !== undefined;

export const toSlices = (partitions: readonly Partition[]): readonly Slice[] =>
  toGroups(partitions).map((group, slice) => ({ slice, ...group }));

const outlineUnwindowed = async (
  feed: Feed,
  source: HttpSource,
  scheduledMs: number,
  deps: WindowDeps,
): Promise<BatchOutline | Idle> => {
  const batch = scheduleBatch(scheduledMs);
  const date = toDateFolder(scheduledMs);
  if (await isSealed(feed, batch, date, deps)) return idle(feed.feed, `${batch} is sealed already`);
  const unchanged = await findUnchanged(deps.records, { feed: feed.feed, date, batch }, feed);
  if (unchanged !== undefined) return idle(feed.feed, `${batch} is unchanged since ${unchanged.since}`);
  const standing = await findStanding(feed, batch, undefined, deps);
  if (standing !== undefined) return { batch, date, slices: standing.slices };
  const known = await findKnown(deps.records, feed, scheduledMs);
  const slices = toSlices(await partitionsOf(feed, source, deps));
  return { batch, date, slices, ...(known === undefined ? {} : { known }) };
};

/** Partitions by slices: one each, or as many together as it takes for a plan to hold them. */
const toGroups = (partitions: readonly Partition[]): readonly Pick<Slice, 'partition' | 'more'>[] => {
  const size = Math.ceil(partitions.length / MAX_SLICES);
  const groups: Pick<Slice, 'partition' | 'more'>[] = [];
  for (let at = 0; at < partitions.length; at += size) {
    const [partition, ...more] = partitions.slice(at, at + size);
    if (partition !== undefined) groups.push({ partition, ...(more.length === 0 ? {} : { more }) });
  }
  return groups;
};

export const windowSlices = (partitions: readonly Partition[], found: NextWindow): readonly Slice[] =>
  found.subWindows
    .flatMap((bounds) => toGroups(partitions).map((group) => ({ ...group, window: toBounds(bounds) })))
    .map((item, slice) => ({ slice, ...item }));

export const toBounds = ({ fromMs, toMs }: { fromMs: number; toMs: number }) => ({
  from: new Date(fromMs).toISOString(),
  to: new Date(toMs).toISOString(),
});
