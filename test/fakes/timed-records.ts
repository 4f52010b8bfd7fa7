import type { Clock } from '../../handlers/ports/clock.ts';
import type { ObjectInventory } from '../../handlers/ports/object-inventory.ts';
import { memoryRecordStore } from './memory-record-store.ts';

/** A RecordStore in memory, and the inventory of the same objects: each has the time at which it was put. */
export const timedRecords = (clock: Pick<Clock, 'now'>) => {
  const records = memoryRecordStore();
  const times = new Map<string, number>();
  const inventory: ObjectInventory = {
    async *list(prefix) {
      for (const key of (await records.list(prefix)).keys)
        yield { key, lastModifiedMs: times.get(key) ?? clock.now() };
    },
    async *listVersions() {},
    removeVersions: async () => {},
    remove: async (keys) => {
      for (const key of keys) records.entries.delete(key);
    },
  };
  const putIfAbsent = async (key: string, text: string): Promise<string | undefined> => {
    const existing = await records.putIfAbsent(key, text);
    if (existing === undefined) times.set(key, clock.now());
    return existing;
  };
  return { records: { ...records, putIfAbsent }, inventory };
};
