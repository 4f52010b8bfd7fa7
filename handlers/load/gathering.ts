import { gatherUntil, isFollowing } from '../../shared/model/load-burst.ts';
import { MAX_BATCHES } from '../../shared/sql/load-statements.ts';
import { type DueDeps, maxBytesOf, readPending, toWaiting } from './due-batches.ts';
import type { Load } from './load-records.ts';

/** Whether the next load of a feed without a cadence follows the one before it, and waits for more of the same burst. */
export interface Gathering {
  /** Epoch milliseconds: when the first load of the burst was planned. */
  readonly fromMs: number;
  /** Epoch milliseconds; at once where it is past. */
  readonly untilMs: number;
}

/** What is known of each feed's burst to this process, so that most of its seals cost no request. */
export type SeenGathering = Map<string, Gathering>;

export const findGathering = async (
  feed: string,
  newest: Load | undefined,
  deps: DueDeps,
): Promise<Gathering | undefined> => {
  const settledAt = newest?.settled?.settledAt;
  // What is taken apart goes on at once, and so does what an older release settled.
  if (newest === undefined || settledAt === undefined || newest.record.suspects !== undefined)
    return undefined;
  const plannedMs = Date.parse(newest.record.plannedAt);
  const fromMs = Date.parse(newest.record.burstFrom ?? newest.record.plannedAt);
  const pending = await readPending(feed, deps, MAX_BATCHES);
  // A load's fill or more.
  if (pending === undefined) return { fromMs, untilMs: plannedMs };
  const waiting = [...pending.values()].map(toWaiting);
  const sealedMs = waiting.map((one) => one.sealedMs);
  if (!isFollowing({ plannedMs, settledMs: Date.parse(settledAt), sealedMs })) return undefined;
  const bytes = waiting.reduce((sum, one) => sum + (one.bytes ?? 0), 0);
  const isFull = bytes >= maxBytesOf(feed, deps.feeds);
  const newestMs = Math.max(...sealedMs.map((ms) => ms ?? plannedMs));
  return { fromMs, untilMs: isFull ? plannedMs : gatherUntil({ fromMs, plannedMs }, newestMs) };
};

export const toGatheringReason = ({ untilMs }: Gathering): string =>
  `gathers what follows until ${new Date(untilMs).toISOString().slice(0, 19)}Z: batches of a burst are loaded together`;
