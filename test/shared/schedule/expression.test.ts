import { describe, expect, it } from 'vitest';
import { parseExpression } from '../../../shared/schedule/expression.ts';

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

  const nextFour = (expression: string, zone: string, from: string): (string | undefined)[] => {
    const timing = parseExpression(expression, zone);
    let at: number | undefined = Date.parse(from);
    return Array.from({ length: 4 }, () => {
      at = at === undefined ? undefined : timing.next(at, SINCE);
      return iso(at)?.slice(0, 16);
    });
  };

  it.each([
    [
      'a day in spring that has no such time',
      'cron(30 2 * * ? *)',
      'Europe/Berlin',
      '2026-03-27T12:00:00Z',
      ['2026-03-28T01:30', '2026-03-30T00:30', '2026-03-31T00:30', '2026-04-01T00:30'],
    ],
    [
      'the hour in spring that there is not',
      'cron(0/30 * * * ? *)',
      'Europe/Berlin',
      '2026-03-29T00:00:00Z',
      ['2026-03-29T00:30', '2026-03-29T01:00', '2026-03-29T01:30', '2026-03-29T02:00'],
    ],
    [
      'the second of two hours in autumn',
      'cron(0/30 * * * ? *)',
      'Europe/Berlin',
      '2026-10-25T00:00:00Z',
      ['2026-10-25T00:30', '2026-10-25T02:00', '2026-10-25T02:30', '2026-10-25T03:00'],
    ],
    [
      'the second time of a day in autumn',
      'cron(30 1 * * ? *)',
      'America/New_York',
      '2026-10-31T12:00:00Z',
      ['2026-11-01T05:30', '2026-11-02T06:30', '2026-11-03T06:30', '2026-11-04T06:30'],
    ],
    [
      'what has fired already, seen from within the second hour',
      'cron(0/30 * * * ? *)',
      'Europe/Berlin',
      '2026-10-25T01:10:00Z',
      ['2026-10-25T02:00', '2026-10-25T02:30', '2026-10-25T03:00', '2026-10-25T03:30'],
    ],
    [
      'a change of half an hour, in the south',
      'cron(15 2 * * ? *)',
      'Australia/Lord_Howe',
      '2026-10-02T20:00:00Z',
      ['2026-10-04T15:15', '2026-10-05T15:15', '2026-10-06T15:15', '2026-10-07T15:15'],
    ],
  ])('leaves out %s', (_name, expression, zone, from, times) => {
    expect(nextFour(expression, zone, from)).toEqual(times);
  });

  it('at a time that does not exist never fires, and at one that comes twice fires at the first', () => {
    const at = (body: string): string | undefined =>
      iso(parseExpression(`at(${body})`, 'Europe/Berlin').next(0, 0));
    expect(at('2026-03-29T02:30:00')).toBeUndefined();
    expect(at('2026-10-25T02:30:00')).toBe('2026-10-25T00:30:00.000Z');
    expect(at('2026-10-25T03:30:00')).toBe('2026-10-25T02:30:00.000Z');
  });

  it.each([
    ['every hour', /none of rate/],
    ['rate(0 minutes)', /rate\(N/],
    ['rate(5 weeks)', /rate\(N/],
    ['rate(1 hours)', /rate\(N/],
    ['rate(5 minute)', /rate\(N/],
    ['cron(0 12 * * *)', /5 fields/],
    ['cron(0 ? * * ? *)', /hours '\?', allowed 0-23/],
    ['cron(0 12 ? * 0 *)', /day-of-week '0', allowed 1-7/],
    ['cron(0 12 ? * 3#1,6#3 *)', /a single one where it has a #/],
    ['cron(0 12 * * ? 1969)', /year '1969'/],
    ['cron(0 12 * * * *)', /has to be \?/],
    ['cron(99 12 * * ? *)', /cron/],
    [
      'cron(0 12 ? * FRI-MON *)',
      /day-of-week 'FRI-MON', allowed 1-7 or SUN-SAT, a range from its smaller value/,
    ],
    ['at(tomorrow)', /at\(/],
    ['at(2026-02-30T00:00:00)', /at\(/],
    ['at(2026-02-20T00:00)', /at\(/],
  ])('%s is refused', (expression, message) => {
    expect(() => parseExpression(expression, 'UTC')).toThrow(message);
  });

  it('in a zone that there is not is refused', () => {
    expect(() => parseExpression('cron(0 12 * * ? *)', 'Europe/Berlinn')).toThrow(/Berlinn, which is no/);
  });
});
