import { parseKeyIfOurs } from '../../shared/state/keys.ts';
import { type FailureRecord, failureRecord } from '../../shared/state/operate-records.ts';
import { newestKeys } from '../newest-keys.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readEach } from '../read-each.ts';
import { readRecord } from '../records.ts';

/** Failures of a feed that are looked through: those of three hours where one fails every minute. */
const MOST = 200;

/** What an unsealed batch failed of, the newest first. */
export const readBatchFailures = async (
  feed: string,
  batch: string,
  records: RecordStore,
): Promise<readonly FailureRecord[]> => {
  const keys: string[] = [];
  for await (const key of newestKeys(records, `failures/${feed}/`)) {
    if (parseKeyIfOurs(key)?.kind === 'failure') keys.push(key);
    if (keys.length === MOST) break;
  }
  const read = await readEach(keys, (key) => readRecord(records, key, failureRecord));
  return read.flatMap((one) => (one?.batch === batch ? [one] : []));
};
