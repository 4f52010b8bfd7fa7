import type { Feed } from '../../shared/model/feed.ts';
import { toKey } from '../../shared/state/keys.ts';
import { EVENT } from '../../shared/state/messages.ts';
import { readPaused } from '../paused.ts';
import { findLostLanded } from '../sweep/lost-landed.ts';
import type { ChangeDeps } from './operate-deps.ts';

export interface ResumeDeps extends ChangeDeps {
  /** The bucket of the deployment's own landing/. */
  readonly bucket: string;
  readonly signal: AbortSignal;
}

export interface Resumed {
  /** Undefined where it was not paused. */
  readonly pausedAt: string | undefined;
  /** Landed objects that are extracted now. */
  readonly landed: number;
  /** More of them, which the sweep takes up. */
  readonly laterLanded: number;
  /** Whether a load is started. */
  readonly isLoading: boolean;
}

/** Events of one resumption: as many executions as an account's functions serve at once. */
const MOST_STARTED = 1_000;

/** Objects that are counted, some 300 bytes each. */
const MOST_COUNTED = 100_000;

/**
 * Lets a feed go on, and starts what was held meanwhile: its pending batches, and landed objects that nobody extracted. A window
 * catches up at its feed's next schedule. `feed` is as it is deployed, undefined where the deployment does not run it.
 */
export const resumeFeed = async (
  name: string,
  feed: Feed | undefined,
  deps: ResumeDeps,
): Promise<Resumed> => {
  const { records, events } = deps;
  const paused = await readPaused(records, name);
  await records.remove(toKey({ kind: 'paused', feed: name }));
  const isLoading = (await records.list(`pending/${name}/`)).keys.length > 0;
  if (isLoading) await events.put(EVENT.loadNext, { feed: name });
  const landed = paused === undefined ? [] : await findHeld(feed, deps);
  for (const detail of landed.slice(0, MOST_STARTED)) await events.put(EVENT.continue, detail);
  return {
    pausedAt: paused?.pausedAt,
    landed: Math.min(landed.length, MOST_STARTED),
    laterLanded: Math.max(0, landed.length - MOST_STARTED),
    isLoading,
  };
};

/** What starts each landed object that is neither sealed nor parked, whether it came during the pause or was half read before it. */
const findHeld = async (
  feed: Feed | undefined,
  deps: ResumeDeps,
): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  if (feed?.source.kind !== 's3') return [];
  const { bucket = deps.bucket } = feed.source;
  const most = { lost: MOST_COUNTED, versions: Number.POSITIVE_INFINITY };
  const { lost } = await findLostLanded(feed.feed, feed.source, { isAsked: () => true, most }, deps);
  return lost.map(({ batch, version: { key, versionId } }) => ({
    ...{ feed: feed.feed, generation: 0, correlation: `resume/${feed.feed}/${batch}` },
    object: { bucket, key, versionId },
  }));
};
