import type { Feed } from '../../shared/model/feed.ts';
import { EVENT } from '../../shared/state/messages.ts';
import { MOST_STARTED } from '../most-started.ts';
import { findLostLanded } from '../sweep/lost-landed.ts';
import type { ChangeDeps } from './operate-deps.ts';

/** Landed objects that nobody extracted, now. */

export interface LandedDeps extends ChangeDeps {
  /** The bucket of the deployment's own landing/. */
  readonly bucket: string;
  readonly signal: AbortSignal;
}

export interface StartedLanded {
  /** Objects that are extracted now. */
  readonly started: number;
  /** More of them, which the sweep takes up. */
  readonly later: number;
}

/** Objects that are counted, some 300 bytes each. */
const MOST_COUNTED = 100_000;

/** Starts Extract for each landed object that is neither sealed nor parked; `why` begins the name of their chains. A feed over HTTP has none. */
export const extractLanded = async (
  { feed, source }: Feed,
  why: string,
  deps: LandedDeps,
): Promise<StartedLanded> => {
  if (source.kind !== 's3') return { started: 0, later: 0 };
  const { bucket = deps.bucket } = source;
  const most = { lost: MOST_COUNTED, versions: Number.POSITIVE_INFINITY };
  const { lost } = await findLostLanded(feed, source, { isAsked: () => true, most }, deps);
  const now = lost.slice(0, MOST_STARTED);
  for (const { batch, version } of now) {
    deps.signal.throwIfAborted();
    await deps.events.put(EVENT.continue, {
      ...{ feed, generation: 0, correlation: `${why}/${feed}/${batch}` },
      object: { bucket, key: version.key, versionId: version.versionId },
    });
  }
  return { started: now.length, later: lost.length - now.length };
};
