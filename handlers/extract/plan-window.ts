import { InvalidInput } from '../../shared/errors.ts';
import type { Feed, HttpSource, Window } from '../../shared/model/feed.ts';
import { buildFirstRequest } from '../../shared/source/request.ts';
import { type NextWindow, nextWindow } from '../../shared/source/window.ts';
import { scheduleBatch, toDateFolder, toKey, windowBatch } from '../../shared/state/keys.ts';
import type { Slice } from '../../shared/state/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Route, SourceClock } from '../ports/source.ts';
import { findNewestSealed } from './newest-sealed.ts';
import { type BatchOutline, type Idle, idle } from './outline.ts';

interface WindowDeps {
  readonly records: RecordStore;
  readonly source: SourceClock;
  readonly signal: AbortSignal;
}

/** Outlines the batch that a schedule's time asks for: the feed's next window, or, without one, that time's own batch. */
export const outlineScheduled = async (
  feed: Feed,
  source: HttpSource,
  scheduledTime: string | undefined,
  deps: WindowDeps,
): Promise<BatchOutline | Idle> => {
  if (scheduledTime === undefined) {
    throw new InvalidInput(`feed ${feed.feed} reads http and was started without a scheduled time`);
  }
  const scheduledMs = Date.parse(scheduledTime);
  const { window } = feed;
  if (window === undefined) return outlineUnwindowed(feed, scheduledMs, deps.records);

  const sealed = await findNewestSealed(deps.records, feed.feed);
  const found = nextWindow({
    window,
    sealedToMs: sealed?.window === undefined ? undefined : Date.parse(sealed.window.to),
    scheduledMs,
    sourceClockMs: await readSourceClock(feed, source, window, deps),
    partitions: feed.partitions.length,
  });
  if (found === undefined) return idle(feed.feed, `caught up with ${scheduledTime}`);
  return {
    batch: windowBatch(found.fromMs),
    date: toDateFolder(found.fromMs),
    window: toBounds(found),
    until: new Date(found.untilMs).toISOString(),
    slices: windowSlices(feed, found),
  };
};

/** PlanBatch has 60 s, and a source that is silent has to be told of by its name, not by the function's end. */
const CLOCK_PATIENCE_MS = 15_000;

/** One cheap request: any answer has the time. */
const readSourceClock = (feed: Feed, source: HttpSource, window: Window, deps: WindowDeps) => {
  const [partition] = feed.partitions;
  if (partition === undefined) throw new InvalidInput(`feed ${feed.feed} has no partition, allowed 1 to 200`);
  const bounds = { fromMs: window.startMs, toMs: window.startMs };
  const { url } = buildFirstRequest({
    feed: { ...feed, source: { ...source, headers: [], params: [] } },
    partition,
    bounds,
  });
  const patienceMs = Math.min(source.idleTimeoutMs, CLOCK_PATIENCE_MS);
  const { network = 'public', caSecret } = source;
  const route: Route = { network, caSecret, idleTimeoutMs: patienceMs };
  return deps.source.readClock(`${new URL(url).origin}/`, route, deps.signal);
};

const outlineUnwindowed = async (
  feed: Feed,
  scheduledMs: number,
  records: RecordStore,
): Promise<BatchOutline | Idle> => {
  const batch = scheduleBatch(scheduledMs);
  const date = toDateFolder(scheduledMs);
  const key = toKey({ kind: 'batch', feed: feed.feed, date, batch });
  if ((await records.read(key)) !== undefined) return idle(feed.feed, `${batch} is sealed already`);
  return { batch, date, slices: feed.partitions.map((partition, slice) => ({ slice, partition })) };
};

const windowSlices = (feed: Feed, found: NextWindow): readonly Slice[] =>
  found.subWindows
    .flatMap((bounds) => feed.partitions.map((partition) => ({ partition, window: toBounds(bounds) })))
    .map((item, slice) => ({ slice, ...item }));

const toBounds = ({ fromMs, toMs }: { fromMs: number; toMs: number }) => ({
  from: new Date(fromMs).toISOString(),
  to: new Date(toMs).toISOString(),
});
