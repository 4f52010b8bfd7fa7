import type { Feed } from '../../shared/model/feed.ts';
import { backfillPrefix } from '../../shared/state/backfill.ts';
import { toKey } from '../../shared/state/keys.ts';
import { leaseRecord } from '../../shared/state/lease-record.ts';
import { EVENT } from '../../shared/state/messages.ts';
import type { RebuildRecord } from '../../shared/state/operate-records.ts';
import { batchRecord } from '../../shared/state/records.ts';
import { MOST_STARTED } from '../most-started.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events } from '../ports/events.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readKnownRecord, readRecord } from '../records.ts';
import { isRead, type Reach, readReach } from './reach.ts';
import { toRange } from './standing.ts';

export interface AdvanceDeps {
  readonly records: RecordStore;
  readonly events: Events;
  readonly clock: Pick<Clock, 'now'>;
  readonly signal: AbortSignal;
}

/**
 * Starts what a rebuild needs next, where nobody does it: what is not read is asked for, and once all is read the load that ends it. Asking
 * twice is harmless. Gives how many executions were asked for.
 */
export const advanceRebuild = async (
  feed: Feed,
  rebuild: RebuildRecord,
  deps: AdvanceDeps,
): Promise<{ readonly asked: number; readonly reach: Reach }> => {
  const reach = await readReach(feed, rebuild, deps.records);
  if (isRead(reach)) {
    await deps.events.put(EVENT.loadNext, { feed: feed.feed });
    return { asked: 0, reach };
  }
  if (feed.source.kind === 's3') return { asked: await askObjects(rebuild, reach, deps), reach };
  if (await isWaiting(rebuild, deps)) return { asked: 0, reach };
  await deps.events.put(EVENT.continue, toFirstLink(rebuild, reach));
  return { asked: 1, reach };
};

/** Someone reads the feed now, or a stretch waits for a person: either way another execution would do nothing. */
const isWaiting = async (
  { feed, request }: RebuildRecord,
  { records, clock }: AdvanceDeps,
): Promise<boolean> => {
  const lease = await readRecord(records, toKey({ kind: 'lease', feed }), leaseRecord);
  if (lease !== undefined && Date.parse(lease.until) > clock.now()) return true;
  return (await records.list(`parked/${feed}/${backfillPrefix(request)}`)).keys.length > 0;
};

const toFirstLink = (rebuild: RebuildRecord, { toMs }: Reach): Readonly<Record<string, unknown>> => ({
  feed: rebuild.feed,
  backfill: toRange(rebuild, toMs),
  generation: 0,
  correlation: `rebuild/${rebuild.feed}/${rebuild.request}`,
});

const askObjects = async (
  rebuild: RebuildRecord,
  reach: Reach,
  { records, events, signal }: AdvanceDeps,
): Promise<number> => {
  const link = toFirstLink(rebuild, reach);
  let asked = 0;
  for (const key of reach.missing.slice(0, MOST_STARTED)) {
    signal.throwIfAborted();
    const { object } = await readKnownRecord(records, key, batchRecord);
    if (object === undefined) continue;
    const { bucket, key: name, versionId } = object;
    await events.put(EVENT.continue, { ...link, object: { bucket, key: name, versionId } });
    asked += 1;
  }
  return asked;
};
