import type { Feed } from '../../shared/model/feed.ts';
import { swapContract } from '../../shared/model/rebuilt.ts';
import { isOfRange, swapBatch } from '../../shared/state/backfill.ts';
import { toDateFolder, toKey } from '../../shared/state/keys.ts';
import type { RebuildRecord } from '../../shared/state/operate-records.ts';
import { type BatchRecord, batchRecord, pendingRecord } from '../../shared/state/records.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { isRead, type Reach, readReach } from '../rebuild/reach.ts';
import { listWaiting, type SealedAt } from '../rebuild/sealed.ts';
import { isSwap } from '../rebuild/standing.ts';
import { putRecord } from '../records.ts';
import { readSkipped } from '../skipped.ts';

/** The last load of a rebuild: once all that it reads is loaded, its tables get the names of the feed's. */

export interface SwapDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  /** This invocation, the seal of what it seals. */
  readonly invocation: string;
}

/** The swap and, behind it, what waits and need not be loaded any more; or why it is not yet to be. */
export const planSwap = async (
  feed: Feed,
  rebuild: RebuildRecord,
  deps: SwapDeps,
): Promise<readonly SealedAt[] | string> => {
  const { records } = deps;
  const reach = await readReach(feed, rebuild, records);
  if (!isRead(reach)) return `${rebuild.table} is being rebuilt, and is not read yet`;
  const batch = swapBatch(rebuild.request, reach.toMs);
  const open = await listWaiting(feed.feed, records);
  const skipped = await readSkipped(feed.feed, records);
  const waits = open.find((one) => isOfRange(one, rebuild) && !isSwap(one) && !skipped.has(one));
  if (waits !== undefined) return `${rebuild.table} is being rebuilt, and ${waits} is not loaded yet`;
  if ((await records.read(toKey({ kind: 'parked', feed: feed.feed, batch }))) !== undefined)
    return `${batch}, which ends the rebuild of ${rebuild.table}, is parked`;
  return [await sealSwap(feed, rebuild, { batch, reach }, deps), ...reach.covered];
};

/** As any seal: what is pending is put first. */
const sealSwap = async (
  { feed, window, contract }: Feed,
  { request, from }: RebuildRecord,
  { batch, reach: { toMs } }: { readonly batch: string; readonly reach: Reach },
  { records, clock, invocation }: SwapDeps,
): Promise<SealedAt> => {
  const now = new Date(clock.now()).toISOString();
  const key = toKey({ kind: 'batch', feed, date: toDateFolder(toMs), batch });
  const record: BatchRecord = {
    ...{ feed, batch, seal: invocation, observed: now, contract: swapContract(contract, request) },
    ...(window === undefined ? {} : { window: { from, to: new Date(toMs).toISOString() } }),
    ...{ tables: {}, records: 0, outside: 0, rejects: { rows: 0, parts: [] }, bytes: 0, warnings: [] },
    correlation: `rebuild/${feed}/${request}`,
  };
  const pending = { invocation, key, at: now, bytes: 0 };
  await putRecord(records, toKey({ kind: 'pending', feed, batch }), pending, pendingRecord);
  return { key, record: await putRecord(records, key, record, batchRecord) };
};
