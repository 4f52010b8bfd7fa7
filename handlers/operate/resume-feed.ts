import type { Feed } from '../../shared/model/feed.ts';
import { toKey } from '../../shared/state/keys.ts';
import { EVENT } from '../../shared/state/messages.ts';
import { readPaused } from '../paused.ts';
import { extractLanded, type LandedDeps, type StartedLanded } from './extract-landed.ts';

/** With the landed objects that are extracted now. */
export interface Resumed extends StartedLanded {
  /** Undefined where it was not paused. */
  readonly pausedAt: string | undefined;
  /** Whether a load is started. */
  readonly isLoading: boolean;
}

/**
 * Lets a feed go on, and starts what was held meanwhile: its pending batches, and landed objects that nobody extracted. A window
 * catches up at its feed's next schedule. `feed` is as it is deployed, undefined where the deployment does not run it.
 */
export const resumeFeed = async (
  name: string,
  feed: Feed | undefined,
  deps: LandedDeps,
): Promise<Resumed> => {
  const { records, events } = deps;
  const paused = await readPaused(records, name);
  await records.remove(toKey({ kind: 'paused', feed: name }));
  const isLoading = (await records.list(`pending/${name}/`)).keys.length > 0;
  if (isLoading) await events.put(EVENT.loadNext, { feed: name });
  const landed =
    paused === undefined || feed === undefined ? NOTHING : await extractLanded(feed, 'resume', deps);
  return { pausedAt: paused?.pausedAt, isLoading, ...landed };
};

const NOTHING: StartedLanded = { started: 0, later: 0 };
