import type { Feed } from '../../shared/model/feed.ts';
import { type Backfill, backfillPrefix, toBackfill } from '../../shared/state/backfill.ts';
import { toKey } from '../../shared/state/keys.ts';
import { leaseRecord } from '../../shared/state/lease-record.ts';
import { EVENT } from '../../shared/state/messages.ts';
import { type BackfillRecord, backfillRecord } from '../../shared/state/operate-records.ts';
import { endBackfill } from '../end-backfill.ts';
import { readBackfillProgress } from '../extract/backfill-progress.ts';
import { pausedReason } from '../paused.ts';
import { readKnownRecord, readRecord } from '../records.ts';
import { type BackfillLandedDeps, backfillLanded } from './backfill-landed.ts';
import type { SweepDeps } from './sweep-deps.ts';

/** An execution lives 5 minutes, and its event may take one or more. */
const YOUNG_MS = 10 * 60_000;

/** What a sweep has of it, and a command. */
export interface ContinueDeps extends BackfillLandedDeps {
  readonly clock: Pick<SweepDeps['clock'], 'now'>;
  readonly invocation: string;
}

/**
 * Goes on with what was asked for of a feed and is not read yet, where its chain of executions is broken; what is read is taken off the list. What
 * is younger than `youngMs` is left to the chain that was begun for it.
 */
export const continueBackfills = async (
  definition: Feed,
  deps: ContinueDeps,
  youngMs = YOUNG_MS,
): Promise<number> => {
  const { keys } = await deps.records.list(`backfills/${definition.feed}/`);
  if (keys.length === 0 || (await pausedReason(deps.records, definition.feed, definition)) !== undefined)
    return 0;
  let continued = 0;
  for (const key of keys) {
    const record = await readKnownRecord(deps.records, key, backfillRecord);
    if (deps.clock.now() - Date.parse(record.asked) <= youngMs) continue;
    continued += await continueOne(definition, record, deps);
  }
  return continued;
};

const continueOne = async (
  { feed, source }: Feed,
  record: BackfillRecord,
  deps: ContinueDeps,
): Promise<number> => {
  const backfill = toBackfill(record);
  const end = () => endBackfill(feed, backfill, deps.invocation, deps.records);
  if (source.kind === 's3') {
    const left = await backfillLanded(feed, source, backfill, deps);
    if (left === 0) await end();
    return left;
  }
  const { nextMs } = await readBackfillProgress(feed, backfill, deps.records);
  if (nextMs >= Date.parse(backfill.to)) {
    await end();
    return 0;
  }
  if (await isWaiting(feed, backfill.request, deps)) return 0;
  await deps.events.put(EVENT.continue, toFirstLink(feed, backfill));
  return 1;
};

/** Someone reads the feed now, or a stretch waits for a person: either way another execution would do nothing. */
const isWaiting = async (
  feed: string,
  request: string,
  { records, clock }: ContinueDeps,
): Promise<boolean> => {
  const lease = await readRecord(records, toKey({ kind: 'lease', feed }), leaseRecord);
  if (lease !== undefined && Date.parse(lease.until) > clock.now()) return true;
  return (await records.list(`parked/${feed}/${backfillPrefix(request)}`)).keys.length > 0;
};

/** What starts the chain that reads a range. */
export const toFirstLink = (feed: string, backfill: Backfill): Readonly<Record<string, unknown>> => ({
  feed,
  backfill,
  generation: 0,
  correlation: `backfill/${feed}/${backfill.request}`,
});
