import { toKey } from '../../shared/state/keys.ts';
import { type SettledRecord, settledRecord } from '../../shared/state/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readEach } from '../read-each.ts';
import { putRecord } from '../records.ts';
import type { Load } from './load-records.ts';

/** Puts a load's last word, and answers the one that stands. The feed's next load may start from then on. */
export const settle = (records: RecordStore, load: Load, settled: SettledRecord): Promise<SettledRecord> =>
  putRecord(records, toKey({ kind: 'settled', ...load.name }), settled, settledRecord);

/** Takes batches off what is pending; what is off already stays so. */
export const removePending = async (
  records: RecordStore,
  feed: string,
  batches: readonly string[],
): Promise<void> => {
  await readEach(batches, (batch) => records.remove(toKey({ kind: 'pending', feed, batch })));
};
