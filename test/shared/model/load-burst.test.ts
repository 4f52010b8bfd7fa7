import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatherUntil, isFollowing, MOST_GATHERED_MS, QUIET_MS } from '../../../shared/model/load-burst.ts';

/** The times at which loads of a burst are planned that take so long each. */
const loadsOf = (burstMs: number, loadMs: number): readonly number[] => {
  const planned = [0];
  for (let at = 0; at < burstMs; ) {
    at = Math.max(at + loadMs, gatherUntil({ fromMs: 0, plannedMs: at }, STILL));
    planned.push(at);
  }
  return planned;
};

/** Batches are sealed all the time. */
const STILL = Number.POSITIVE_INFINITY;

const loadMs = fc.integer({ min: 500, max: 30_000 });
const burstMs = fc.integer({ min: 0, max: 3_600_000 });

describe('loads of a burst', () => {
  it('are five in a minute, and fourteen in ten', () => {
    expect([60_000, 600_000].map((ms) => loadsOf(ms, 1_500).length)).toEqual([5, 14]);
  });

  it('are the logarithm of the first minutes and one a minute then, whatever a load takes', () => {
    fc.assert(
      fc.property(burstMs, loadMs, (burst, load) => {
        const most = 2 + Math.ceil(Math.log2(MOST_GATHERED_MS / load + 1) / 2 + burst / MOST_GATHERED_MS);
        expect(loadsOf(burst, load).length).toBeLessThanOrEqual(most + 1);
      }),
    );
  });

  it('wait for nobody at first, never longer than the most, and never longer than thrice the burst', () => {
    fc.assert(
      fc.property(burstMs, fc.nat(), (lasted, fromMs) => {
        const waits = gatherUntil({ fromMs, plannedMs: fromMs + lasted }, STILL) - fromMs - lasted;
        expect(waits).toBe(Math.min(MOST_GATHERED_MS, 3 * lasted));
      }),
    );
  });

  it('wait no longer than nothing comes', () => {
    fc.assert(
      fc.property(burstMs, fc.integer({ min: 0, max: 60_000 }), (plannedMs, later) => {
        const newestMs = plannedMs + later;
        expect(gatherUntil({ fromMs: 0, plannedMs }, newestMs)).toBeLessThanOrEqual(newestMs + QUIET_MS);
      }),
    );
  });

  it.each([
    ['came while the load was under way', [6_000, 12_000], true],
    ['was noted before the load and sealed under way', [4_000, 12_000], true],
    ['all came after it: there was a pause', [11_000, 12_000], false],
    ['was left over by the load', [-25_000, 6_000], false],
    ['does not say when it was sealed', [undefined, 6_000], false],
    ['is nothing', [], false],
  ])('gather where what waits %s', (_, sealedMs, isGathered) => {
    expect(isFollowing({ plannedMs: 5_000, settledMs: 10_000, sealedMs })).toBe(isGathered);
  });
});
