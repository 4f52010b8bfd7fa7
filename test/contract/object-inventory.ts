import { describe, expect, it } from 'vitest';
import type { InventoryItem, ObjectInventory } from '../../handlers/ports/object-inventory.ts';

export interface OpenInventory {
  readonly inventory: ObjectInventory;
  /** Puts an object, and answers its version. */
  put(key: string): Promise<string>;
}

/** The words of the ObjectInventory port, as tests; `open` gives an empty bucket. */
export const objectInventoryContract = (name: string, open: () => Promise<OpenInventory>) => {
  const listAll = async ({ inventory }: OpenInventory, prefix: string): Promise<readonly InventoryItem[]> => {
    const items: InventoryItem[] = [];
    for await (const item of inventory.list(prefix)) items.push(item);
    return items;
  };

  describe(`ObjectInventory, ${name}`, () => {
    it('lists what lies below a prefix, in order, each with the time that it was put', async () => {
      const opened = await open();
      for (const key of ['a/2', 'a/1', 'b/1']) await opened.put(key);
      const items = await listAll(opened, 'a/');
      expect(items.map(({ key }) => key)).toEqual(['a/1', 'a/2']);
      for (const { lastModifiedMs } of items) expect(lastModifiedMs).toBeGreaterThan(0);
    });

    it('knows the current version of a key, and undefined where there is none', async () => {
      const opened = await open();
      await opened.put('a');
      const second = await opened.put('a');
      expect(await opened.inventory.currentVersion('a')).toBe(second);
      expect(await opened.inventory.currentVersion('b')).toBeUndefined();
    });

    it('removes keys, twice if asked', async () => {
      const opened = await open();
      for (const key of ['a/1', 'a/2', 'a/3']) await opened.put(key);
      for (const _ of [1, 2]) await opened.inventory.remove(['a/1', 'a/3']);
      expect((await listAll(opened, 'a/')).map(({ key }) => key)).toEqual(['a/2']);
    });
  });
};
