import { describe, expect, it } from 'vitest';
import { newStarted } from '../../../infra/local/started.ts';

describe('what was started', () => {
  it('is stopped with the last one first, each when the one before has stopped', async () => {
    const order: string[] = [];
    const started = newStarted();
    const slow = started.adopt('slow', async (name) => {
      await Promise.resolve();
      order.push(name);
    });
    started.defer(() => order.push('quick'));
    await started.stop();
    await started.stop();
    expect([slow, ...order]).toEqual(['slow', 'quick', 'slow']);
  });

  it('is stopped where starting breaks off, and left alone once it was moved', async () => {
    const order: string[] = [];
    const begin = async (isWhole: boolean) => {
      await using started = newStarted();
      started.defer(() => order.push(isWhole ? 'moved' : 'broken off'));
      if (!isWhole) throw new Error('no port');
      return started.move();
    };
    await expect(begin(false)).rejects.toThrow('no port');
    const running = await begin(true);
    expect(order).toEqual(['broken off']);
    await running.stop();
    expect(order).toEqual(['broken off', 'moved']);
  });

  it('is stopped to its last where one of it fails, and the first error is told', async () => {
    const order: string[] = [];
    const started = newStarted();
    started.defer(() => order.push('first'));
    started.defer(() => Promise.reject(new Error('second')));
    started.defer(() => {
      throw new Error('third');
    });
    await expect(started.stop()).rejects.toThrow('third');
    expect(order).toEqual(['first']);
  });
});
