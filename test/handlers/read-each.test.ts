import { describe, expect, it } from 'vitest';
import { READ_AT_ONCE, readEach } from '../../handlers/read-each.ts';

/** Reads that end when they are told to: how many are in flight, and the most that were. */
const toReads = () => {
  const waiting: PromiseWithResolvers<void>[] = [];
  let most = 0;
  const read = async (n: number): Promise<string> => {
    const ending = Promise.withResolvers<void>();
    waiting.push(ending);
    most = Math.max(most, waiting.length);
    await ending.promise;
    return `read ${n}`;
  };
  /** Ends the newest read first, until there is none. */
  const endAll = async (): Promise<void> => {
    for (let last = waiting.pop(); last !== undefined; last = waiting.pop()) {
      last.resolve();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { read, endAll, waiting, most: () => most };
};

describe('reading each', () => {
  const items = Array.from({ length: 3 * READ_AT_ONCE + 1 }, (_, n) => n);

  it('has 32 in flight and no more, and keeps the order of what was asked for', async () => {
    const reads = toReads();
    const all = readEach(items, reads.read);
    expect(reads.waiting).toHaveLength(32);
    await reads.endAll();
    expect(await all).toEqual(items.map((n) => `read ${n}`));
    expect(reads.most()).toBe(32);
  });

  it('gives nothing of nothing', async () => {
    expect(await readEach([], async () => 1)).toEqual([]);
  });

  it('throws the first error, and begins no read after it', async () => {
    const begun: number[] = [];
    const read = async (n: number): Promise<void> => {
      begun.push(n);
      if (n === 0) throw new Error('no answer');
    };
    await expect(readEach(items, read)).rejects.toThrow('no answer');
    expect(begun).toEqual(items.slice(0, READ_AT_ONCE));
  });
});
