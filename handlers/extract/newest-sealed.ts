import { parseKeyIfOurs } from '../../shared/state/keys.ts';
import { type BatchRecord, batchRecord } from '../../shared/state/records.ts';
import { newestKeys } from '../newest-keys.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readKnownRecord } from '../records.ts';

/** The newest sealed window of a feed; batches of another kind lie in the same folders and are passed over. */
export const findNewestSealed = async (
  records: RecordStore,
  feed: string,
): Promise<BatchRecord | undefined> => {
  for await (const key of newestKeys(records, `batches/${feed}/`)) {
    const name = parseKeyIfOurs(key);
    const isWindow = name?.kind === 'batch' && name.batch.startsWith('w-');
    if (isWindow) return readKnownRecord(records, key, batchRecord);
  }
  return undefined;
};
