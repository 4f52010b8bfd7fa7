import { describe, expect, it } from 'vitest';
import { withStaleAfter } from '../../../shared/schedule/stale-after.ts';
import { itemsFeed } from '../../handlers/extract/world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const hoursOf = (expression: string, timezone?: string): number | undefined => {
  const schedule = { expression, ...(timezone === undefined ? {} : { timezone }) };
  const ms = withStaleAfter({ ...itemsFeed(), schedule }).alerts?.staleAfterMs;
  return ms === undefined ? undefined : ms / HOUR;
};

describe('the age by which a feed is stale', () => {
  it.each([
    ['rate(15 minutes)', 0.75],
    ['rate(1 day)', 72],
    ['cron(0 3 * * ? *)', 72],
    ['cron(0 3 ? * MON-FRI *)', 120], // from Thursday to Tuesday
    ['cron(0 3 ? * SUN *)', 3 * 7 * 24],
    ['cron(0 3 1 * ? *)', 92 * 24],
  ])('is three times of %s: %d hours', (expression, hours) => {
    expect(hoursOf(expression)).toBe(hours);
  });

  it('counts the rest of a schedule that is busy by day alone', () => {
    expect(hoursOf('cron(0/5 8-17 ? * MON-FRI *)')).toBeGreaterThan(60);
    expect(hoursOf('cron(0/5 8-17 ? * MON-FRI *)')).toBeLessThan(66);
  });

  it('outlasts the change of clocks', () => {
    expect(hoursOf('cron(0 3 * * ? *)', 'Europe/Berlin')).toBe(73);
  });

  it('is none where the schedule fires once, or where there is none', () => {
    expect(hoursOf('at(2026-03-01T03:00:00)')).toBeUndefined();
    const { schedule: _, ...without } = itemsFeed();
    expect(withStaleAfter(without)).toEqual(without);
  });

  it('is what the feed says, where it says so', () => {
    const feed = { ...itemsFeed(), alerts: { staleAfterMs: DAY } };
    expect(withStaleAfter(feed)).toEqual(feed);
  });
});
