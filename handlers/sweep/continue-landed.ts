import type { Feed } from '../../shared/model/feed.ts';
import { toDateFolder, toKey } from '../../shared/state/keys.ts';
import { EVENT } from '../../shared/state/messages.ts';
import { hadTurn } from '../../shared/state/sweep-turn.ts';
import { UNREAD } from '../attention/marks.ts';
import { MOST_STARTED } from '../most-started.ts';
import { pausedReason } from '../paused.ts';
import type { InventoryVersion } from '../ports/object-inventory.ts';
import { notePass, type Pass, readPass } from './landed-pass.ts';
import { findLostLanded } from './lost-landed.ts';
import type { SweepDeps } from './sweep-deps.ts';

/** An execution lives 5 minutes, and an event may take one or more: younger objects are in good hands. */
const YOUNG_MS = 10 * 60_000;

/** Older ones were started again some 280 times: what landed on one day has one turn a day from then on. */
const OFTEN_MS = 3 * 24 * 3_600_000;

/** Versions that one sweep looks at of a feed: 100 LISTs of 1,000, some 10 s of the sweep's time. */
const MAX_LOOKED_AT = 100_000;

/**
 * Starts Extract again for versions of landed objects that are neither sealed nor parked, however old: their event or their
 * execution was lost, or they lay there before their feed. It only lists, so that what is sealed hides nothing. What is more than one
 * sweep looks at is looked at by the next ones, in the order of keys, so that what fails each time keeps nothing else from its turn.
 * Of a paused feed nothing is started.
 */
export const continueLanded = async (
  definition: Feed,
  sweepNumber: number,
  deps: SweepDeps,
): Promise<number> => {
  const { feed, source } = definition;
  if (source.kind !== 's3' || (await pausedReason(deps.records, feed, definition)) !== undefined) return 0;
  const { bucket = deps.bucket } = source;
  const pass = await readPass(feed, sweepNumber, deps);
  const most = { lost: MOST_STARTED, versions: MAX_LOOKED_AT };
  const search = { isAsked: askedIn(pass, deps.clock.now()), after: pass.after, most };
  const { lost, next } = await findLostLanded(feed, source, search, deps);
  // What is refused once more puts it again.
  if (pass.isAll === true && next === undefined)
    await deps.records.remove(toKey({ kind: 'mark', feed, mark: UNREAD }));
  for (const { batch, version } of lost) {
    deps.signal.throwIfAborted();
    await deps.events.put(EVENT.continue, {
      feed,
      object: { bucket, key: version.key, versionId: version.versionId },
      generation: 0,
      correlation: `sweep/${feed}/${batch}`,
    });
  }
  await notePass(feed, sweepNumber, pass, next, deps);
  return lost.length;
};

/** A pass asks for old ones whose turn came since the pass before it began: each key is met once by every pass. */
const askedIn =
  ({ since, began, isAll }: Pass, nowMs: number) =>
  ({ lastModifiedMs }: InventoryVersion): boolean => {
    if (isAll === true) return true;
    const age = nowMs - lastModifiedMs;
    return age > YOUNG_MS && (age <= OFTEN_MS || hadTurn(toDateFolder(lastModifiedMs), since, began));
  };
