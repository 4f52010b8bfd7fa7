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

  const listVersions = async ({ inventory }: OpenInventory, prefix: string, after?: string) => {
    const found: (readonly [key: string, versionId: string])[] = [];
    for await (const { key, versionId } of inventory.listVersions(prefix, undefined, after))
      found.push([key, versionId]);
    return found;
  };

  describe(`ObjectInventory, ${name}`, () => {
    it('lists what lies below a prefix, in order, each with the time that it was put', async () => {
      const opened = await open();
      for (const key of ['a/2', 'a/1', 'b/1']) await opened.put(key);
      const items = await listAll(opened, 'a/');
      expect(items.map(({ key }) => key)).toEqual(['a/1', 'a/2']);
      for (const { lastModifiedMs } of items) expect(lastModifiedMs).toBeGreaterThan(0);
    });

    it('lists every version below a prefix, by key and the newest first', async () => {
      const opened = await open();
      const versions: string[] = [];
      for (const key of ['a/1', 'a/2', 'a/1', 'b/1']) versions.push(await opened.put(key));
      const [first, other, second] = versions;
      expect(await listVersions(opened, 'a/')).toEqual([
        ['a/1', second],
        ['a/1', first],
        ['a/2', other],
      ]);
    });

    it('lists the versions of keys behind one, whether that is there or not', async () => {
      const opened = await open();
      for (const key of ['a/1', 'a/2', 'a/2', 'a/3']) await opened.put(key);
      const keysBehind = async (after: string) =>
        (await listVersions(opened, 'a/', after)).map(([key]) => key);
      expect(await keysBehind('a/1')).toEqual(['a/2', 'a/2', 'a/3']);
      expect(await keysBehind('a/2')).toEqual(['a/3']);
      expect(await keysBehind('a/25')).toEqual(['a/3']);
      expect(await keysBehind('a/3')).toEqual([]);
    });

    it('lists no version of a key that was removed, but the one that was put after', async () => {
      const opened = await open();
      for (const key of ['a/1', 'a/1', 'a/2']) await opened.put(key);
      await opened.inventory.remove(['a/1', 'a/2']);
      const after = await opened.put('a/1');
      expect(await listVersions(opened, 'a/')).toEqual([['a/1', after]]);
    });

    it('removes a version for good, twice if asked, and what was put before and after stays', async () => {
      const opened = await open();
      const versions: string[] = [];
      for (const key of ['a/1', 'a/1', 'a/1', 'a/2']) versions.push(await opened.put(key));
      const [first = '', second = '', third = '', other = ''] = versions;
      const removed = [
        { key: 'a/1', versionId: second },
        { key: 'a/2', versionId: other },
      ];
      for (const _ of [1, 2]) await opened.inventory.removeVersions(removed);
      expect(await listVersions(opened, 'a/')).toEqual([
        ['a/1', third],
        ['a/1', first],
      ]);
      expect((await listAll(opened, 'a/')).map(({ key }) => key)).toEqual(['a/1']);
    });

    it('removes keys, twice if asked', async () => {
      const opened = await open();
      for (const key of ['a/1', 'a/2', 'a/3']) await opened.put(key);
      for (const _ of [1, 2]) await opened.inventory.remove(['a/1', 'a/3']);
      expect((await listAll(opened, 'a/')).map(({ key }) => key)).toEqual(['a/2']);
    });
  });
};
