import { afterEach, describe, expect, it } from 'vitest';
import { followTime, runAhead, timeAhead } from '../../../infra/local/time-ahead.ts';

const HOUR = 3_600_000;
const machine = Date;
afterEach(() => runAhead(0));

describe('time that runs ahead', () => {
  it('is what all of Date tells, and no other time', () => {
    const before = Date.now();
    runAhead(HOUR);
    expect(timeAhead()).toBe(HOUR);
    for (const told of [Date.now(), Date.parse(new Date().toISOString()), Date.parse(Date())])
      expect(told - before - HOUR).toBeLessThan(60_000);
    expect(Date.now() - before).toBeGreaterThanOrEqual(HOUR);
    expect(new Date('2026-01-15T08:00:00Z').toISOString()).toBe('2026-01-15T08:00:00.000Z');
    expect(new Date(2026, 0, 15).getFullYear()).toBe(2026);
    expect(Date.UTC(2026, 0)).toBe(machine.UTC(2026, 0));
    expect([new Date() instanceof Date, new machine() instanceof Date]).toEqual([true, true]);
    class Later extends Date {}
    expect(new Later()).toBeInstanceOf(Later);
  });

  it('is the machine’s own again at 0', () => {
    runAhead(HOUR);
    runAhead(0);
    expect(Date).toBe(machine);
  });

  it('is handed to who follows it: at once where it is ahead, at each change, and no more after that', () => {
    const told: number[] = [];
    followTime((ms) => told.push(ms))();
    runAhead(HOUR);
    const unfollow = followTime((ms) => told.push(ms));
    runAhead(2 * HOUR);
    unfollow();
    runAhead(3 * HOUR);
    expect(told).toEqual([HOUR, 2 * HOUR]);
  });
});
