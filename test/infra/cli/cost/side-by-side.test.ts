import { describe, expect, it } from 'vitest';
import { sideBySide } from '../../../../infra/cli/cost/side-by-side.ts';

describe('sideBySide', () => {
  it('works at so many items at once, and answers in their order', async () => {
    const open: (() => void)[] = [];
    let [atWork, most] = [0, 0];
    const done = sideBySide([0, 1, 2, 3, 4], 2, async (n) => {
      atWork += 1;
      most = Math.max(most, atWork);
      await new Promise<void>((resolve) => open.push(resolve));
      atWork -= 1;
      return n * 10;
    });
    let isDone = false;
    void done.then(() => {
      isDone = true;
    });
    // The newest first, so that items end in another order than they began.
    while (!isDone) {
      open.pop()?.();
      await Promise.resolve();
    }
    expect(await done).toEqual([0, 10, 20, 30, 40]);
    expect(most).toBe(2);
  });

  it('fails with the first error', async () => {
    const fail = async (n: number) => (n === 1 ? Promise.reject(new Error('no')) : n);
    await expect(sideBySide([0, 1, 2], 2, fail)).rejects.toThrow('no');
  });

  it('is nothing of nothing', async () => {
    expect(await sideBySide([], 4, async () => 1)).toEqual([]);
  });
});
