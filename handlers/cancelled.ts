import { toKey } from '../shared/state/keys.ts';
import { backfillRecord } from '../shared/state/operate-records.ts';
import type { RecordStore } from './ports/record-store.ts';
import { readRecord } from './records.ts';

/** When a person cancelled a range; undefined where nobody did. */
export const readCancelledAt = async (
  feed: string,
  request: string,
  records: RecordStore,
): Promise<string | undefined> =>
  (await readRecord(records, toKey({ kind: 'backfilled', feed, request }), backfillRecord))?.cancelledAt;
