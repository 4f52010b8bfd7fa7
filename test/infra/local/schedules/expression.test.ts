import { describe, expect, it } from 'vitest';
import { parseExpression } from '../../../../infra/local/schedules/expression.ts';

const SINCE = Date.UTC(2026, 10, 23, 12, 0, 30);
const iso = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();

describe('a schedule expression', () => {
  it.each([
    ['rate(5 minutes)', 'UTC', '2026-11-23T12:05:30.000Z'],
    ['rate(1 hour)', 'UTC', '2026-11-23T13:00:30.000Z'],
    ['rate(2 days)', 'UTC', '2026-11-25T12:00:30.000Z'],
    ['cron(0/15 * * * ? *)', 'UTC', '2026-11-23T12:15:00.000Z'],
    ['cron(5/20 * * * ? *)', 'UTC', '2026-11-23T12:05:00.000Z'],
    ['cron(0 2 * * ? *)', 'Europe/Amsterdam', '2026-11-24T01:00:00.000Z'],
    ['cron(0 12 ? * 1 *)', 'UTC', '2026-11-29T12:00:00.000Z'],
    ['cron(0 12 ? * MON-FRI *)', 'UTC', '2026-11-24T12:00:00.000Z'],
    ['cron(0 12 ? * 2#1 *)', 'UTC', '2026-12-07T12:00:00.000Z'],
    ['cron(0 0 L * ? *)', 'UTC', '2026-11-30T00:00:00.000Z'],
    ['cron(0 0 1 1 ? 2028)', 'UTC', '2028-01-01T00:00:00.000Z'],
    ['at(2026-12-24T18:00:00)', 'America/New_York', '2026-12-24T23:00:00.000Z'],
    ['at(2020-01-01T00:00:00)', 'UTC', undefined],
  ])('%s in %s next fires at %s', (expression, zone, next) => {
    expect(iso(parseExpression(expression, zone).next(SINCE, SINCE))).toBe(next);
  });

  it('a rate counts from when its schedule came into being', () => {
    const timing = parseExpression('rate(10 minutes)', 'UTC');
    expect(iso(timing.next(SINCE + 1_234_567, SINCE))).toBe('2026-11-23T12:30:30.000Z');
  });

  it.each([
    ['every hour', /none of rate/],
    ['rate(0 minutes)', /rate\(N/],
    ['rate(5 weeks)', /rate\(N/],
    ['cron(0 12 * * *)', /5 fields/],
    ['cron(0 12 * * * *)', /has to be \?/],
    ['cron(99 12 * * ? *)', /cron/],
    ['at(tomorrow)', /at\(/],
  ])('%s is refused', (expression, message) => {
    expect(() => parseExpression(expression, 'UTC')).toThrow(message);
  });
});
