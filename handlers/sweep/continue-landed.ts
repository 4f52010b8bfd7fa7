import type { Feed, S3Source } from '../../shared/model/feed.ts';
import { toDateFolder } from '../../shared/state/keys.ts';
import { EVENT } from '../../shared/state/messages.ts';
import { isTurnOf, spread } from '../../shared/state/sweep-turn.ts';
import { readPaused } from '../paused.ts';
import type { InventoryVersion } from '../ports/object-inventory.ts';
import { findLostLanded, type Lost } from './lost-landed.ts';
import type { SweepDeps } from './sweep-deps.ts';

/** An execution lives 5 minutes, and an event may take one or more: younger objects are in good hands. */
const YOUNG_MS = 10 * 60_000;

/** Older ones were started again some 280 times: what landed on one day has one turn a day from then on. */
const OFTEN_MS = 3 * 24 * 3_600_000;

/** Events of one sweep and feed: as many executions as an account's functions serve at once. */
const MAX_CONTINUED = 1_000;

/**
 * Starts Extract again for versions of landed objects that are neither sealed nor parked, however old: their event or their
 * execution was lost, or they lay there before their feed. It only lists, so that what is sealed hides nothing.
 * Of a paused feed nothing is started.
 */
export const continueLanded = async (
  { feed, source }: Feed,
  sweepNumber: number,
  deps: SweepDeps,
): Promise<number> => {
  if (source.kind !== 's3' || (await readPaused(deps.records, feed)) !== undefined) return 0;
  const { bucket = deps.bucket } = source;
  const lost = await findLost(feed, source, sweepNumber, deps);
  // Begun at another place in each sweep, so that what fails each time keeps nothing else from its turn.
  const start = lost.length > MAX_CONTINUED ? spread(`${sweepNumber}`, lost.length) : 0;
  const chosen = [...lost.slice(start), ...lost.slice(0, start)].slice(0, MAX_CONTINUED);
  for (const { batch, version } of chosen) {
    deps.signal.throwIfAborted();
    await deps.events.put(EVENT.continue, {
      feed,
      object: { bucket, key: version.key, versionId: version.versionId },
      generation: 0,
      correlation: `sweep/${feed}/${batch}`,
    });
  }
  return chosen.length;
};

const findLost = (
  feed: string,
  source: S3Source,
  sweepNumber: number,
  deps: SweepDeps,
): Promise<readonly Lost[]> => {
  const isAsked = ({ lastModifiedMs }: InventoryVersion): boolean => {
    const age = deps.clock.now() - lastModifiedMs;
    return age > YOUNG_MS && (age <= OFTEN_MS || isTurnOf(toDateFolder(lastModifiedMs), sweepNumber));
  };
  return findLostLanded(feed, source, isAsked, deps);
};
