import { InvalidInput } from '../../shared/errors.ts';
import type { Feed, HttpSource, Partition } from '../../shared/model/feed.ts';
import { nextWindow } from '../../shared/source/window.ts';
import { type Backfill, backfillBatch } from '../../shared/state/backfill.ts';
import { toDateFolder } from '../../shared/state/keys.ts';
import { readBackfillProgress } from './backfill-progress.ts';
import { type BatchOutline, type Idle, idle } from './outline.ts';
import {
  findStanding,
  partitionsOf,
  toBounds,
  toSlices,
  type WindowDeps,
  windowSlices,
} from './plan-window.ts';

/** Outlines the first stretch of a range that is not sealed yet. It moves no window of the live feed, and its batches have names of their own. */
export const outlineBackfill = async (
  feed: Feed,
  source: HttpSource,
  asked: Backfill,
  deps: WindowDeps,
): Promise<BatchOutline | Idle> => {
  const { window } = feed;
  if (window === undefined && asked.rebuilds !== undefined) return outlineWhole(feed, source, asked, deps);
  if (window === undefined)
    throw new InvalidInput(`feed ${feed.feed} has no window, so that no range of it can be read`);
  const { nextMs } = await readBackfillProgress(feed.feed, asked, deps.records);
  const [toMs, until] = [Date.parse(asked.to), asked.to];
  if (nextMs >= toMs) return idle(feed.feed, `backfill ${asked.request} is sealed up to ${until}`);
  const cut = (count: number) =>
    nextWindow({
      window: { ...window, delayMs: 0 },
      sealedToMs: nextMs,
      scheduledMs: toMs,
      partitions: count,
    });
  const guess = cut(Math.max(1, feed.partitions.length));
  const standing =
    guess && (await findStanding(feed, backfillBatch(asked.request, guess), toBounds(guess), deps));
  const partitions =
    standing === undefined ? choose(await partitionsOf(feed, source, deps), asked, feed) : [];
  const found = standing === undefined ? cut(Math.max(1, partitions.length)) : guess;
  if (found === undefined)
    return idle(feed.feed, `backfill ${asked.request} has nothing left before ${until}`);
  return {
    batch: backfillBatch(asked.request, found),
    date: toDateFolder(found.fromMs),
    window: toBounds(found),
    until,
    slices: standing?.slices ?? windowSlices(partitions, found),
  };
};

/** Of a feed without a window a rebuild reads all that the source has, as each of its runs does. */
const outlineWhole = async (
  feed: Feed,
  source: HttpSource,
  asked: Backfill,
  deps: WindowDeps,
): Promise<BatchOutline | Idle> => {
  const bounds = { fromMs: Date.parse(asked.from), toMs: Date.parse(asked.to) };
  const { nextMs } = await readBackfillProgress(feed.feed, asked, deps.records);
  if (nextMs >= bounds.toMs) return idle(feed.feed, `rebuild ${asked.request} is sealed`);
  const batch = backfillBatch(asked.request, bounds);
  const standing = await findStanding(feed, batch, undefined, deps);
  const slices = standing?.slices ?? toSlices(await partitionsOf(feed, source, deps));
  return { batch, date: toDateFolder(bounds.fromMs), slices };
};

const choose = (
  partitions: readonly Partition[],
  { partition: only }: Backfill,
  { feed }: Feed,
): readonly Partition[] => {
  if (only === undefined) return partitions;
  const found = partitions.filter(({ name }) => name === only);
  if (found.length > 0) return found;
  const known = partitions.slice(0, 20).map(({ name }) => name);
  throw new InvalidInput(
    `feed ${feed} has no partition ${JSON.stringify(only)}, allowed ${known.join(' ') || 'none'}`,
  );
};
