import type { Facts } from '../../shared/attention/facts.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { parseKeyIfOurs } from '../../shared/state/keys.ts';
import { newestDays } from '../newest-keys.ts';
import { readLostRange } from '../operate/read-again.ts';
import type { FactsDeps } from './facts-deps.ts';
import { readDayMark, readOverMs, readSeen } from './marks.ts';
import { readFailures } from './read-failures.ts';
import type { Overview } from './read-overview.ts';
import { readParked } from './read-parked.ts';
import { readRejects } from './read-rejects.ts';

/**
 * Reads what records say of one feed, for the sweep that tells a person and for those who ask: nothing is written. `feed` is as it is
 * deployed; undefined where the deployment does not run it. Costs six LISTs and a GET where all is in order, more of a day with more than a thousand batches, and the newest seals of a feed that rejected rows.
 */
export const readFacts = async (
  name: string,
  feed: Feed | undefined,
  overview: Overview,
  deps: FactsDeps,
): Promise<Facts> => {
  const nowMs = deps.clock.now();
  const marks = overview.marks.get(name) ?? [];
  const pending = await readPending(name, deps);
  const sealedMs = await readSealedMs(name, overview, deps);
  const parked = await readParked(name, feed, overview, deps);
  const context = {
    records: deps.records,
    nowMs,
    sealedMs,
    pending: new Set(pending.batches),
    parked: new Set(overview.parked.get(name) ?? []),
    skipped: overview.skipped.get(name) ?? new Set<string>(),
    hasSchedule: feed?.source.kind !== 's3',
    overMs: readOverMs(marks),
  };
  const failed = overview.failed.has(name)
    ? await readFailures(name, context)
    : { failures: [], loadFailures: [], newlyOverMs: undefined };
  return {
    feed: name,
    nowMs,
    isPaused: feed?.paused === true || overview.paused.has(name),
    staleAfterMs: feed?.alerts?.staleAfterMs,
    loadEveryMs: feed?.load?.everyMs ?? 0,
    seenMs: (await readSeen(name, deps.records)) ?? nowMs,
    sealedMs,
    pending,
    parked,
    ...failed,
    rejects: await readRejects(name, marks, new Set([...pending.batches, ...parked.all]), deps),
    lost: await readLost(name, marks, deps),
  };
};

const readLost = async (feed: string, marks: readonly string[], deps: FactsDeps): Promise<Facts['lost']> => {
  const mark = await readDayMark(feed, 'lost', marks, deps);
  if (mark?.batch === undefined) return mark;
  return { ...mark, again: await readLostRange(feed, mark.batch, deps.records) };
};

const readPending = async (feed: string, { inventory }: FactsDeps) => {
  const batches: string[] = [];
  let oldestMs: number | undefined;
  for await (const { key, lastModifiedMs } of inventory.list(`pending/${feed}/`)) {
    batches.push(key.slice(`pending/${feed}/`.length));
    oldestMs = Math.min(oldestMs ?? lastModifiedMs, lastModifiedMs);
  }
  return { batches, oldestMs };
};

/** When the newest batch of the feed's own rhythm was sealed, or found to be the one before it: backfills and comparisons bring nothing new. */
const readSealedMs = async (
  feed: string,
  overview: Overview,
  deps: FactsDeps,
): Promise<number | undefined> => {
  const sealed = await newestOf(`batches/${feed}/`, deps);
  const unchanged = overview.unchanged.has(feed) ? await newestOf(`unchanged/${feed}/`, deps) : undefined;
  const times = [sealed, unchanged].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.max(...times);
};

/** The last time of the newest day: within a day names of landed files are in no order of time. */
const newestOf = async (prefix: string, { records, inventory }: FactsDeps): Promise<number | undefined> => {
  for await (const day of newestDays(records, prefix)) {
    let newest: number | undefined;
    for await (const item of inventory.list(day))
      if (isOwn(item.key)) newest = Math.max(newest ?? 0, item.lastModifiedMs);
    if (newest !== undefined) return newest;
  }
  return undefined;
};

const isOwn = (key: string): boolean => {
  const name = parseKeyIfOurs(key);
  return (name?.kind === 'batch' || name?.kind === 'unchanged') && /^[wsf]-/.test(name.batch);
};
