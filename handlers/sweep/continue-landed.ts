import type { Feed, S3Source } from '../../shared/model/feed.ts';
import { landingOf, NO_VERSION } from '../../shared/model/landing.ts';
import { landedBatch, toDateFolder, toKey } from '../../shared/state/keys.ts';
import { EVENT } from '../../shared/state/messages.ts';
import { isTurnOf, spread } from '../../shared/state/sweep-turn.ts';
import { readPaused } from '../paused.ts';
import type { InventoryVersion } from '../ports/object-inventory.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { sealedBatches } from './sealed-batches.ts';
import type { SweepDeps } from './sweep-deps.ts';

/** An execution lives 5 minutes, and an event may take one or more: younger objects are in good hands. */
const YOUNG_MS = 10 * 60_000;

/** Older ones were started again some 280 times: what landed on one day has one turn a day from then on. */
const OFTEN_MS = 3 * 24 * 3_600_000;

/** Events of one sweep and feed: as many executions as an account's functions serve at once. */
const MAX_CONTINUED = 1_000;

/** Objects that one sweep remembers, some 300 bytes each of the function's 512 MB. */
const MAX_LOST = 100_000;

interface Lost {
  readonly batch: string;
  readonly version: InventoryVersion;
}

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

const findLost = async (
  feed: string,
  source: S3Source,
  sweepNumber: number,
  { inventory, records, clock, signal }: SweepDeps,
): Promise<readonly Lost[]> => {
  const { bucket, prefix } = landingOf(feed, source);
  const hasEnded = await endedBatches(feed, records);
  const lost: Lost[] = [];
  for await (const version of inventory.listVersions(prefix, bucket)) {
    signal.throwIfAborted();
    if (!source.suffixes.some((suffix) => version.key.endsWith(suffix))) continue;
    if (version.versionId === NO_VERSION) continue; // put before the bucket had versions: refused by its event, too
    const age = clock.now() - version.lastModifiedMs;
    const date = toDateFolder(version.lastModifiedMs);
    if (age <= YOUNG_MS || (age > OFTEN_MS && !isTurnOf(date, sweepNumber))) continue;
    const batch = landedBatch(version.key, version.versionId, bucket);
    if (!(await hasEnded(date, batch))) lost.push({ batch, version });
    if (lost.length === MAX_LOST) break;
  }
  return lost;
};

/** Tells which batches are parked or sealed. */
const endedBatches = async (feed: string, records: RecordStore) => {
  const parked = new Set((await records.list(`parked/${feed}/`)).keys);
  const isSealed = sealedBatches(feed, records);
  return async (date: string, batch: string): Promise<boolean> =>
    parked.has(toKey({ kind: 'parked', feed, batch })) || isSealed(date, batch);
};
