import type { S3Source } from '../../shared/model/feed.ts';
import { type Backfill, repeatedBatch } from '../../shared/state/backfill.ts';
import { EVENT } from '../../shared/state/messages.ts';
import { MOST_STARTED } from '../most-started.ts';
import type { Events } from '../ports/events.ts';
import { findLostLanded, type LostDeps } from './lost-landed.ts';

/** Objects that are counted for the person who asked, some 300 bytes each of a function's 512 MB. */
const MAX_COUNTED = 100_000;

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
  const { lost: left } = await findLostLanded(
    feed,
    source,
    {
      isAsked: ({ lastModifiedMs }) => lastModifiedMs >= fromMs && lastModifiedMs < toMs,
      toBatch: (batch) => repeatedBatch(batch, backfill),
      most: { lost: MAX_COUNTED, versions: Number.POSITIVE_INFINITY },
    },
    deps,
  );
  const { bucket = deps.bucket } = source;
  for (const { version } of left.slice(0, MOST_STARTED)) {
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
