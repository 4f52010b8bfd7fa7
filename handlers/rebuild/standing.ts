import type { Feed } from '../../shared/model/feed.ts';
import type { Backfill } from '../../shared/state/backfill.ts';
import { isOfRange } from '../../shared/state/backfill.ts';
import { toKey } from '../../shared/state/keys.ts';
import { type RebuildRecord, rebuildRecord } from '../../shared/state/operate-records.ts';
import type { BatchRecord } from '../../shared/state/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readEach } from '../read-each.ts';
import { readKnownRecord, readRecord } from '../records.ts';

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
  return isOfContract(record, deployed) ? record : undefined;
};

const isOfContract = (record: RebuildRecord | undefined, deployed: Feed | undefined): boolean =>
  record !== undefined && record.contract === deployed?.contract.hash;

/** The rebuilds of a feed that are over and were by its contract, the oldest first. */
export const listRebuilt = async (
  { feed, contract }: Feed,
  records: RecordStore,
): Promise<readonly RebuildRecord[]> => {
  const { keys } = await records.list(`rebuilt/${feed}/`);
  const all = await readEach(keys, (key) => readKnownRecord(records, key, rebuildRecord));
  const own = all.filter((one) => one.contract === contract.hash);
  return own.toSorted((a, b) => (a.asked < b.asked ? -1 : 1));
};

/** What a load may take of a feed: while it is rebuilt what is read for that, and else all but that. What ends a rebuild is found by it alone. */
export interface Taking {
  readonly rebuild: RebuildRecord | undefined;
  takes(batch: string): boolean;
  /** Of a rebuild that was given up: nothing takes it any more. */
  isGivenUp(record: Pick<BatchRecord, 'batch' | 'contract'>): boolean;
}

export const toTaking = async (
  feed: string,
  deployed: Feed | undefined,
  records: RecordStore,
): Promise<Taking> => {
  const asked = await readRebuild(feed, records);
  const isAsked = (batch: string): boolean => asked !== undefined && isOfRange(batch, asked);
  const rebuild = isOfContract(asked, deployed) ? asked : undefined;
  return {
    rebuild,
    takes: (batch) => (rebuild === undefined ? !isAsked(batch) : isAsked(batch) && !isSwap(batch)),
    isGivenUp: ({ batch, contract: { swaps, tables } }) =>
      !isAsked(batch) && (swaps !== undefined || tables.some(({ beside }) => beside !== undefined)),
  };
};

/** What of a rebuild the executions carry that read it. */
export const toRange = ({ table, request, from, asked }: RebuildRecord, toMs: number): Backfill => ({
  ...{ request, from, asked, rebuilds: table },
  to: new Date(toMs).toISOString(),
});

/** Whether a batch is the end of a rebuild, of whichever. */
export const isSwap = (batch: string): boolean => /^b-[0-9a-f]{12}-swap-/.test(batch);
