import type { S3Source } from '../../shared/model/feed.ts';
import { type Backfill, repeatedBatch } from '../../shared/state/backfill.ts';
import { EVENT } from '../../shared/state/messages.ts';
import type { Events } from '../ports/events.ts';
import { findLostLanded, type LostDeps } from './lost-landed.ts';

/** Events of one go: as many executions as an account's functions serve at once. The sweep asks for the rest. */
const MAX_ASKED = 1_000;

export interface BackfillLandedDeps extends LostDeps {
  readonly events: Events;
  /** Of the deployment's own. */
  readonly bucket: string;
}

/**
 * Starts Extract for the landed objects of a range whose repetition is neither sealed nor parked. Gives how many there are; with 0 the range
 * is read.
 */
export const backfillLanded = async (
  feed: string,
  source: S3Source,
  backfill: Backfill,
  deps: BackfillLandedDeps,
): Promise<number> => {
  const [fromMs, toMs] = [Date.parse(backfill.from), Date.parse(backfill.to)];
  const left = await findLostLanded(
    feed,
    source,
    ({ lastModifiedMs }) => lastModifiedMs >= fromMs && lastModifiedMs < toMs,
    deps,
    (batch) => repeatedBatch(batch, backfill),
  );
  const { bucket = deps.bucket } = source;
  for (const { version } of left.slice(0, MAX_ASKED)) {
    deps.signal.throwIfAborted();
    await deps.events.put(EVENT.continue, {
      feed,
      object: { bucket, key: version.key, versionId: version.versionId },
      backfill,
      generation: 0,
      correlation: `backfill/${feed}/${backfill.request}`,
    });
  }
  return left.length;
};
