import { parseKey } from '../../shared/keys.ts';
import { type BatchRecord, batchRecord } from '../../shared/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readKnownRecord } from '../records.ts';

/**
 * The newest key under date folders (`<prefix><yyyy>/<mm>/<dd>/…`) that a test accepts, found by walking the folders
 * backwards: four LISTs when the newest day has one, whatever the history.
 */
export const findNewestKey = async (
  records: RecordStore,
  prefix: string,
  accepts: (key: string) => boolean,
): Promise<string | undefined> => {
  const { keys, folders } = await records.list(prefix, '/');
  const key = keys.findLast(accepts);
  if (key !== undefined) return key;
  for (const folder of folders.toReversed()) {
    const found = await findNewestKey(records, folder, accepts);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** The newest sealed window of a feed; backfills and landed objects lie in the same folders and are passed over. */
export const findNewestSealed = async (
  records: RecordStore,
  feed: string,
): Promise<BatchRecord | undefined> => {
  const isWindow = (key: string) => {
    const parsed = parseKey(key);
    return parsed.kind === 'batch' && parsed.batch.startsWith('w-');
  };
  const key = await findNewestKey(records, `batches/${feed}/`, isWindow);
  return key === undefined ? undefined : readKnownRecord(records, key, batchRecord);
};
