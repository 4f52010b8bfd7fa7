import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hadTurn, isTurnOf, SWEEP_MINUTES, TURNS, toSweepNumber } from '../../../shared/state/sweep-turn.ts';

const INTERVAL_MS = SWEEP_MINUTES * 60_000;
const timeOf = (ms: number): string => new Date(ms).toISOString();

describe('the turns of the sweep', () => {
  it('come to every name once in a row of sweeps, whatever the time of the first', () => {
    const anyTime = fc.integer({ min: 0, max: Date.parse('2999-01-01') });
    fc.assert(
      fc.property(fc.string(), anyTime, (name, startMs) => {
        const turns = Array.from({ length: TURNS }, (_, n) =>
          toSweepNumber(timeOf(startMs + n * INTERVAL_MS)),
        );
        expect(turns.filter((sweepNumber) => isTurnOf(name, sweepNumber))).toHaveLength(1);
      }),
    );
  });

  it('come to every name within 23 days where the sweep runs for the same hour of each day', () => {
    const perDay = (24 * 60) / SWEEP_MINUTES;
    const swept = Array.from({ length: 23 * 4 }, (_, n) => Math.floor(n / 4) * perDay + (n % 4));
    expect(new Set(swept.map((sweepNumber) => sweepNumber % TURNS)).size).toBe(TURNS);
  });

  it('are told of a row of sweeps as of each of them', () => {
    const anyNumber = fc.integer({ min: 0, max: 40_000_000 });
    fc.assert(
      fc.property(fc.string(), anyNumber, fc.integer({ min: 0, max: 2 * TURNS }), (name, since, length) => {
        const sweeps = Array.from({ length }, (_, n) => since + 1 + n);
        const hadOne = sweeps.some((sweepNumber) => isTurnOf(name, sweepNumber));
        expect(hadTurn(name, since, since + length)).toBe(hadOne);
      }),
    );
  });
});
