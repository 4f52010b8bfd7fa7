import type { Backfill } from '../shared/state/backfill.ts';
import { toKey } from '../shared/state/keys.ts';
import { backfillRecord } from '../shared/state/operate-records.ts';
import type { RecordStore } from './ports/record-store.ts';
import { putRecord } from './records.ts';

/** All of a range is sealed: the same question is answered by that from now on, and nobody goes on with it. */
export const endBackfill = async (
  feed: string,
  backfill: Backfill,
  invocation: string,
  records: RecordStore,
): Promise<void> => {
  const name = { feed, request: backfill.request };
  await putRecord(
    records,
    toKey({ kind: 'backfilled', ...name }),
    { feed, ...backfill, invocation },
    backfillRecord,
  );
  await records.remove(toKey({ kind: 'backfill', ...name }));
};
