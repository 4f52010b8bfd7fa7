import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toInstant } from '../../../shared/values/zone.ts';
import { rounds } from '../../rounds.ts';
import { problemsOf, valuesOf } from './typed.ts';

const berlin = { path: 'c', type: 'timestamptz', zone: 'Europe/Berlin' };

test('reads times without an offset by the zone, others by their offset', async () => {
  expect(
    await valuesOf(
      berlin,
      '<c>2024-07-01T12:00:00</c>',
      '<c>2024-01-01 12:00:00.5</c>',
      '<c>2024-07-01T12:00:00Z</c>',
      '<c>2024-07-01</c>',
    ),
  ).toEqual([
    '2024-07-01 10:00:00+00',
    '2024-01-01 11:00:00.500000+00',
    '2024-07-01 12:00:00+00',
    '2024-06-30 22:00:00+00',
  ]);
});

test('takes the first of two instants, and refuses a time that was skipped', async () => {
  expect(await valuesOf(berlin, '<c>2024-10-27T02:30:00</c>', '<c>2024-03-31T02:30:00</c>')).toEqual([
    '2024-10-27 00:30:00+00',
    '"2024-03-31T02:30:00" is a time that the clocks of Europe/Berlin skipped',
  ]);
});

test('lets a format go without an offset', async () => {
  const column = { ...berlin, format: 'd.M.yyyy HH:mm', zone: 'UTC' };
  expect(await valuesOf(column, '<c>1.7.2024 12:00</c>')).toEqual(['2024-07-01 12:00:00+00']);
});

test('is refused for other types and unknown zones', () => {
  expect(problemsOf({ type: 'timestamp', zone: 'UTC' })).toEqual([
    'c.zone: got type timestamp, allowed for timestamptz',
  ]);
  for (const zone of ['CET', '+01:00', 'Europe/Nowhere'])
    expect(problemsOf({ type: 'timestamptz', zone })).toEqual([
      `c.zone: got '${zone}', allowed UTC, or Area/City as in Europe/Berlin`,
    ]);
});

/** What the clocks of a zone show at an instant, by the runtime. */
const shown = (zone: string, ms: number): number => {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(ms);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
};

test('finds for each time that clocks show the first instant at which they show it', () => {
  const zones = fc.constantFrom(
    'Europe/Berlin',
    'America/St_Johns',
    'Australia/Lord_Howe',
    'Africa/Casablanca',
  );
  const seconds = fc.integer({ min: Date.UTC(1975, 0) / 1000, max: Date.UTC(2035, 0) / 1000 });
  fc.assert(
    fc.property(zones, seconds, (zone, second) => {
      const local = shown(zone, second * 1000);
      const instant = toInstant(zone)(local);
      expect(instant).toBeLessThanOrEqual(second * 1000);
      expect(shown(zone, instant ?? Number.NaN)).toBe(local);
    }),
    { numRuns: rounds(200) },
  );
});
