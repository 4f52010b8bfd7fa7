import { parseKeyIfOurs } from '../../shared/state/keys.ts';
import { type BatchRecord, batchRecord } from '../../shared/state/records.ts';
import { newestDays } from '../newest-keys.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { READ_AT_ONCE, readEach } from '../read-each.ts';
import { readKnownRecord } from '../records.ts';

/** What names of windows begin with: windowBatch makes them. */
const WINDOW = 'w-';

/**
 * The newest sealed window of a feed: four LISTs where the newest day has one. Batches of another kind lie in the same folders and are
 * not listed, however many a day has. Behind a backfill of years, which leaves thousands of days without a window, days are listed side by side.
 */
export const findNewestSealed = async (
  records: RecordStore,
  feed: string,
): Promise<BatchRecord | undefined> => {
  for await (const days of inGroups(newestDays(records, `batches/${feed}/`))) {
    const keys = await readEach(days, (day) => newestWindow(day, records));
    const newest = keys.find((key) => key !== undefined);
    if (newest !== undefined) return readKnownRecord(records, newest, batchRecord);
  }
  return undefined;
};

const newestWindow = async (day: string, records: RecordStore): Promise<string | undefined> =>
  (await records.list(`${day}${WINDOW}`)).keys.findLast((key) => parseKeyIfOurs(key)?.kind === 'batch');

/** The first day alone, since it nearly always has a window. */
async function* inGroups(days: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let [group, size]: [string[], number] = [[], 1];
  for await (const day of days) {
    group.push(day);
    if (group.length < size) continue;
    yield group;
    [group, size] = [[], READ_AT_ONCE];
  }
  yield group;
}
