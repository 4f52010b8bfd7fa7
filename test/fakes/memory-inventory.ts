import type { InventoryItem, ObjectInventory } from '../../handlers/ports/object-inventory.ts';

/** An ObjectInventory over a map of keys to their ages and versions. */
export const memoryInventory = (
  objects: Map<string, { readonly lastModifiedMs: number; readonly versionId: string }>,
): ObjectInventory => ({
  async *list(prefix): AsyncGenerator<InventoryItem> {
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    for (const key of keys) yield { key, lastModifiedMs: objects.get(key)?.lastModifiedMs ?? 0 };
  },
  currentVersion: async (key) => objects.get(key)?.versionId,
  remove: async (keys) => {
    for (const key of keys) objects.delete(key);
  },
});
