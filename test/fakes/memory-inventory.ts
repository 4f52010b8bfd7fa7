import type {
  InventoryItem,
  InventoryVersion,
  ObjectInventory,
} from '../../handlers/ports/object-inventory.ts';

interface MemoryVersion {
  readonly lastModifiedMs: number;
  readonly versionId: string;
}

/** An object's current version, and those that it overwrote, the newest first. */
export interface MemoryObject extends MemoryVersion {
  readonly older?: readonly MemoryVersion[];
}

/**
 * An ObjectInventory over a map of keys to their ages and versions; a removed key takes its older versions along. Those of a bucket of
 * others stand under its name and a colon.
 */
export const memoryInventory = (objects: Map<string, MemoryObject>): ObjectInventory => {
  const below = (prefix: string) =>
    [...objects].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    async *list(prefix): AsyncGenerator<InventoryItem> {
      for (const [key, { lastModifiedMs }] of below(prefix)) yield { key, lastModifiedMs };
    },
    async *listVersions(prefix, bucket, after = ''): AsyncGenerator<InventoryVersion> {
      const start = bucket === undefined ? '' : `${bucket}:`;
      for (const [name, { older = [], ...current }] of below(start + prefix)) {
        const key = name.slice(start.length);
        if (key <= after) continue;
        for (const { lastModifiedMs, versionId } of [current, ...older])
          yield { key, lastModifiedMs, versionId };
      }
    },
    remove: async (keys) => {
      for (const key of keys) objects.delete(key);
    },
    removeVersions: async (removed) => {
      for (const { key, versionId } of removed) {
        const object = objects.get(key);
        if (object === undefined) continue;
        const { older = [], ...current } = object;
        const [newest, ...rest] = [current, ...older].filter((version) => version.versionId !== versionId);
        if (newest === undefined) objects.delete(key);
        else objects.set(key, { ...newest, older: rest });
      }
    },
  };
};
