import type { Clock } from '../../handlers/ports/clock.ts';
import type { ObjectInventory } from '../../handlers/ports/object-inventory.ts';
import type { RecordStore } from '../../handlers/ports/record-store.ts';
import { memoryRecordStore } from './memory-record-store.ts';

/** Records in memory, and an inventory of them that tells when each was put, in whole seconds as S3 does; each has one version. */
export const timedRecords = (clock: Pick<Clock, 'now'>) => {
  const memory = memoryRecordStore();
  const times = new Map<string, number>();
  const records: RecordStore & Pick<typeof memory, 'entries'> = {
    ...memory,
    putIfAbsent: async (key, text) => {
      const existing = await memory.putIfAbsent(key, text);
      if (existing === undefined) times.set(key, Math.floor(clock.now() / 1000) * 1000);
      return existing;
    },
  };
  const itemsBelow = async (prefix: string) =>
    (await memory.list(prefix)).keys.map((key) => ({ key, lastModifiedMs: times.get(key) ?? 0 }));
  const inventory: ObjectInventory = {
    async *list(prefix) {
      yield* await itemsBelow(prefix);
    },
    async *listVersions(prefix, _, after = '') {
      for (const item of await itemsBelow(prefix)) if (item.key > after) yield { ...item, versionId: 'v1' };
    },
    remove: async (keys) => {
      for (const key of keys) await memory.remove(key);
    },
    removeVersions: async (versions) => {
      for (const { key } of versions) await memory.remove(key);
    },
  };
  return { records, inventory };
};
