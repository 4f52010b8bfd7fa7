import type { ObjectInventory } from '../../handlers/ports/object-inventory.ts';
import type { RecordStore } from '../../handlers/ports/record-store.ts';

/** Requests to S3 by their kind, and how many of them had to wait for others. */
export interface Calls {
  readonly get: number;
  readonly list: number;
  readonly put: number;
  readonly delete: number;
  /** As many answers as were waited for one after the other: requests that are made together are answered together. */
  readonly inRow: number;
}

/** What one LIST answers with at most. */
const PAGE = 1_000;

/** Stores that count requests as S3 gets them: a listing is one for each thousand of what it gives. */
export const countedStores = () => {
  const calls = { get: 0, list: 0, put: 0, delete: 0, inRow: 0 };
  let waiting: (() => void)[] = [];
  const answerAll = (): void => {
    const woken = waiting;
    waiting = [];
    calls.inRow += 1;
    for (const wake of woken) wake();
  };
  const ask = (kind: 'get' | 'list' | 'put' | 'delete'): Promise<void> =>
    new Promise((resolve) => {
      calls[kind] += 1;
      if (waiting.push(resolve) === 1) setImmediate(answerAll);
    });
  async function* paged<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
    let given = 0;
    for await (const item of items) {
      if (given % PAGE === 0) await ask('list');
      given += 1;
      yield item;
    }
    if (given === 0) await ask('list');
  }
  const records = (store: RecordStore): RecordStore => ({
    read: async (key) => {
      await ask('get');
      return store.read(key);
    },
    putIfAbsent: async (key, text) => {
      await ask('put');
      return store.putIfAbsent(key, text);
    },
    remove: async (key) => {
      await ask('delete');
      return store.remove(key);
    },
    list: async (prefix, delimiter) => {
      const listing = await store.list(prefix, delimiter);
      const pages = Math.max(1, Math.ceil((listing.keys.length + listing.folders.length) / PAGE));
      for (let page = 0; page < pages; page += 1) await ask('list');
      return listing;
    },
  });
  const inventory = (of: ObjectInventory): ObjectInventory => ({
    list: (prefix) => paged(of.list(prefix)),
    listVersions: (...from) => paged(of.listVersions(...from)),
    remove: async (keys) => {
      await Promise.all(keys.map(() => ask('delete')));
      return of.remove(keys);
    },
    removeVersions: async (versions) => {
      await Promise.all(versions.map(() => ask('delete')));
      return of.removeVersions(versions);
    },
  });
  return { calls: calls as Calls, records, inventory };
};
