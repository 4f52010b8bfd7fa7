import { describe, expect, it } from 'vitest';
import {
  CADENCE_TEXTS,
  dueUntil,
  isDue,
  parseCadence,
  toCadenceExpression,
  withCadence,
} from '../../../shared/model/load-cadence.ts';
import { parseExpression } from '../../../shared/schedule/expression.ts';
import { feedOf, TABLES } from '../../handlers/extract/world.ts';

const NOW = Date.parse('2026-11-23T12:03:20Z');
const at = (iso: string): number => Date.parse(`2026-11-23T${iso}Z`);

describe('a cadence', () => {
  it.each(CADENCE_TEXTS)(
    '%s fires at its own multiples since 1970, as feeds of one cadence do together',
    (text) => {
      const everyMs = parseCadence(text);
      const timing = parseExpression(toCadenceExpression(everyMs), 'Etc/UTC');
      let time = NOW;
      for (let n = 0; n < 30; n += 1) {
        const next = timing.next(time, NOW) ?? 0;
        expect(next).toBe((Math.floor(time / everyMs) + 1) * everyMs);
        time = next;
      }
    },
  );

  it.each([
    ['7m', 'write 6m or 10m'],
    ['90m', 'write 1h or 2h'],
    ['30s', 'write 1m'],
    ['2d', 'write 1d'],
  ])('of %s is refused: it divides neither an hour nor a day', (text, near) => {
    expect(() => parseCadence(text)).toThrow(
      new RegExp(`^got '${text}', allowed 1m 2m .* 12h 1d, which divide an hour or a day: ${near}$`),
    );
  });

  it('takes one duration however it is written', () => {
    expect([parseCadence('60m'), parseCadence('24h')]).toEqual([3_600_000, 86_400_000]);
  });
});

describe('the cadence of a deployment', () => {
  const feed = (load?: string) =>
    feedOf('drops', `source: { s3: {} }\n${load === undefined ? '' : `load: ${load}\n`}${TABLES}`);

  it('is that of every feed which does not say its own', () => {
    expect(withCadence(feed(), 900_000).load).toEqual({ everyMs: 900_000 });
    expect(withCadence(feed('{ maxBytes: 1MiB }'), 900_000).load).toEqual({
      everyMs: 900_000,
      maxBytes: 1_048_576,
    });
    expect(withCadence(feed('{ every: 5m }'), 900_000).load).toEqual({ everyMs: 300_000 });
    expect(withCadence(feed('{ every: batch }'), 900_000).load).toEqual({ everyBatch: true });
    expect(withCadence(feed(), undefined).load).toBeUndefined();
  });
});

describe('what is due', () => {
  const now = { nowMs: NOW, maxBytes: 100, isSchedule: false };
  const FIVE = parseCadence('5m');

  it('was sealed by the newest time of the cadence, whoever asks and whenever', () => {
    const until = dueUntil(FIVE, [], now);
    expect(until).toBe(at('12:00:00'));
    expect(isDue({ sealedMs: at('12:00:00') }, until)).toBe(true);
    expect(isDue({ sealedMs: at('12:00:01') }, until)).toBe(false);
  });

  it('is everything for the schedule, and as soon as there is enough for a load', () => {
    expect(dueUntil(FIVE, [], { ...now, isSchedule: true })).toBe(NOW);
    expect(dueUntil(FIVE, [{ bytes: 60 }, { bytes: 39 }], now)).toBe(at('12:00:00'));
    expect(dueUntil(FIVE, [{ bytes: 60 }, { bytes: 40 }], now)).toBe(NOW);
  });

  it('is what nobody knows the time of: batches of before it was kept, and those given back', () => {
    expect(isDue({}, 0)).toBe(true);
  });
});
