import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Phase, startStopwatch } from '../../../handlers/extract/stopwatch.ts';

const newTime = () => {
  let ms = 0;
  return {
    now: () => ms,
    pass: async (byMs: number): Promise<void> => {
      ms += byMs;
    },
  };
};

describe('a stopwatch', () => {
  it('gives each moment to the innermost phase, and what is none to other', async () => {
    const { now, pass } = newTime();
    const stopwatch = startStopwatch(now);
    await pass(1);
    await stopwatch.time('parse', async () => {
      await pass(10);
      await stopwatch.time('read', () => pass(100));
      await pass(10);
      await stopwatch.time('encode', () => pass(1_000));
    });
    await stopwatch.time('upload', () => pass(5));
    expect(stopwatch.read()).toEqual([
      { name: 'other', ms: 1 },
      { name: 'parse', ms: 20 },
      { name: 'read', ms: 100 },
      { name: 'encode', ms: 1_000 },
      { name: 'upload', ms: 5 },
    ]);
  });

  it('counts a wait for a turn while headers are waited for, and not beside other work', async () => {
    const { now, pass } = newTime();
    const stopwatch = startStopwatch(now);
    const { promise: turn, resolve: go } = Promise.withResolvers<void>();
    const ahead = stopwatch.timeTurn(() => turn);
    await stopwatch.time('parse', () => pass(40));
    await stopwatch.time('wait for headers', async () => {
      await pass(7);
      go();
      await ahead;
      await pass(3);
    });
    expect(stopwatch.read()).toEqual([
      { name: 'parse', ms: 40 },
      { name: 'wait for a turn', ms: 7 },
      { name: 'wait for headers', ms: 3 },
    ]);
  });

  it('counts a phase that fails, and one that is still under way when it is read', async () => {
    const { now, pass } = newTime();
    const stopwatch = startStopwatch(now);
    const failing = stopwatch.time('read', async () => {
      await pass(3);
      throw new Error('cut');
    });
    await expect(failing).rejects.toThrow('cut');
    void stopwatch.time('upload', () => new Promise(() => {}));
    await pass(4);
    expect(stopwatch.read()).toEqual([
      { name: 'read', ms: 3 },
      { name: 'upload', ms: 4 },
    ]);
  });

  it('knows the slowest page', async () => {
    const { now, pass } = newTime();
    const stopwatch = startStopwatch(now);
    expect(stopwatch.slowestPage()).toBeUndefined();
    for (const [place, ms] of [
      ['a', 3],
      ['b', 9],
      ['c', 4],
    ] as const)
      await stopwatch.timePage(place, () => pass(ms));
    expect(stopwatch.slowestPage()).toEqual({ place: 'b', ms: 9 });
  });

  it('counts the whole time once, however phases are nested and overlap', async () => {
    const phases: readonly Phase[] = ['wait for headers', 'read', 'parse', 'encode', 'upload', 'publish'];
    const moves = fc.array(
      fc.record({ phase: fc.constantFrom(...phases), ms: fc.nat(50), end: fc.nat(5), isTurn: fc.boolean() }),
    );
    await fc.assert(
      fc.asyncProperty(moves, async (all) => {
        const { now, pass } = newTime();
        const stopwatch = startStopwatch(now);
        const running: { end: () => void; done: Promise<void> }[] = [];
        for (const { phase, ms, end, isTurn } of all) {
          const { promise, resolve } = Promise.withResolvers<void>();
          const done = isTurn ? stopwatch.timeTurn(() => promise) : stopwatch.time(phase, () => promise);
          running.push({ end: resolve, done });
          await pass(ms);
          const [one] = running.splice(end, 1);
          one?.end();
          await one?.done;
        }
        const sum = stopwatch.read().reduce((total, { ms }) => total + ms, 0);
        expect(sum).toBe(now());
      }),
    );
  });
});
