import type { Feed } from '../../shared/model/feed.ts';
import type { Backfill } from '../../shared/state/backfill.ts';
import { backfillPrefix } from '../../shared/state/backfill.ts';
import { toKey, toStamp } from '../../shared/state/keys.ts';
import { type RebuildRecord, rebuildRecord } from '../../shared/state/operate-records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readRecord } from '../records.ts';

/** The rebuild of a feed that is under way, whatever contract it was asked for by. */
export const readRebuild = (feed: string, records: RecordStore): Promise<RebuildRecord | undefined> =>
  readRecord(records, toKey({ kind: 'rebuild', feed }), rebuildRecord);

/** The same, if it was asked for by the contract that is deployed: by another one it stands still, and the feed goes on without it. */
export const readStanding = async (
  feed: string,
  deployed: Feed | undefined,
  records: RecordStore,
): Promise<RebuildRecord | undefined> => {
  const record = await readRebuild(feed, records);
  return record?.contract === deployed?.contract.hash ? record : undefined;
};

/** What of a rebuild the executions carry that read it. */
export const toRange = ({ request, from, asked }: RebuildRecord, toMs: number): Backfill => ({
  ...{ request, from, asked, rebuilds: true },
  to: new Date(toMs).toISOString(),
});

/** Whether a batch is of a rebuild: one of its ranges, or a landed object that is read for it. */
export const isOfRebuild = (batch: string, { request, asked }: RebuildRecord): boolean =>
  batch.startsWith(backfillPrefix(request)) ||
  (batch.startsWith('f-') && batch.endsWith(`-${toStamp(Date.parse(asked))}`));

/** Whether a batch is the end of a rebuild, of whichever. */
export const isSwap = (batch: string): boolean => /^b-[0-9a-f]{12}-swap-/.test(batch);
