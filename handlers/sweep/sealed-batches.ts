import { toKey } from '../../shared/state/keys.ts';
import type { RecordStore } from '../ports/record-store.ts';

/** Tells which batches of a date are sealed, by one LIST for each date that is asked for. */
export const sealedBatches = (feed: string, records: RecordStore) => {
  const sealed = new Map<string, ReadonlySet<string>>();
  return async (date: string, batch: string): Promise<boolean> => {
    const ofDate = sealed.get(date) ?? new Set((await records.list(`batches/${feed}/${date}/`)).keys);
    sealed.set(date, ofDate);
    return ofDate.has(toKey({ kind: 'batch', feed, date, batch }));
  };
};
