import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Window } from '../../../shared/model/feed.ts';
import { MAX_SLICES, nextWindow } from '../../../shared/source/window.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;
const window: Window = {
  cursor: 'modified',
  startMs: Date.UTC(2024, 0, 1),
  lookbackMs: 10 * MINUTE,
  delayMs: 2 * MINUTE,
  format: 'iso-offset',
};
const noon = Date.UTC(2024, 0, 11, 12);

test('starts at the start, and ends a delay before the schedule', () => {
  expect(nextWindow({ window, scheduledMs: noon, partitions: 1 })).toMatchObject({
    fromMs: window.startMs,
    toMs: noon - 2 * MINUTE,
  });
});

test('goes on where the sealed window ended', () => {
  const next = nextWindow({ window, sealedToMs: noon - DAY, scheduledMs: noon, partitions: 1 });
  expect(next?.fromMs).toBe(noon - DAY);
});

test("stays behind the source's clock when that is slow", () => {
  const next = nextWindow({ window, scheduledMs: noon, sourceClockMs: noon - 30 * MINUTE, partitions: 1 });
  expect(next?.toMs).toBe(noon - 32 * MINUTE);
});

test('is undefined when nothing lies between the sealed end and the schedule', () => {
  expect(
    nextWindow({ window, sealedToMs: noon - 2 * MINUTE, scheduledMs: noon, partitions: 1 }),
  ).toBeUndefined();
  const days: Window = { ...window, format: 'date' };
  expect(
    nextWindow({ window: days, sealedToMs: noon - 12 * 60 * MINUTE, scheduledMs: noon, partitions: 1 }),
  ).toBeUndefined();
});

test("cuts the start and the end down to the format's unit", () => {
  const days: Window = { ...window, startMs: window.startMs + 1, format: 'date' };
  expect(nextWindow({ window: days, scheduledMs: noon, partitions: 1 })).toMatchObject({
    fromMs: Date.UTC(2024, 0, 1),
    toMs: Date.UTC(2024, 0, 11),
  });
});

test('does not start before a sealed end of a finer format, since it would never move on', () => {
  const days: Window = { ...window, format: 'date', stepMs: DAY };
  const next = nextWindow({
    window: days,
    sealedToMs: Date.UTC(2024, 0, 9, 7),
    scheduledMs: noon,
    partitions: 1,
  });
  expect(next?.subWindows).toEqual([
    { fromMs: Date.UTC(2024, 0, 9, 7), toMs: Date.UTC(2024, 0, 10) },
    { fromMs: Date.UTC(2024, 0, 10), toMs: Date.UTC(2024, 0, 11) },
  ]);
});

const units = { date: DAY, iso: 1000, 'epoch-millis': 1 };
const anyInput = fc
  .record({
    format: fc.constantFrom('date' as const, 'iso' as const, 'epoch-millis' as const),
    startMs: fc.integer({ min: 0, max: 2 * DAY }),
    spanMs: fc.integer({ min: -DAY, max: 2000 * DAY }),
    steps: fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined }),
    delayMs: fc.integer({ min: 0, max: DAY }),
    isSealed: fc.boolean(),
    partitions: fc.integer({ min: 1, max: MAX_SLICES }),
  })
  .map(({ format, startMs, spanMs, steps, delayMs, isSealed, partitions }) => ({
    window: {
      ...window,
      format,
      startMs,
      delayMs,
      ...(steps === undefined ? {} : { stepMs: Math.max(units[format], steps * MINUTE) }),
    },
    scheduledMs: startMs + spanMs,
    sealedToMs: isSealed ? startMs : undefined,
    partitions,
  }));

test('tiles the window exactly with sub-windows that are never empty, never overlap and are no longer than a step and a unit', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const next = nextWindow(input);
      if (next === undefined) return;
      const unitMs = units[input.window.format];
      let atMs = next.fromMs;
      for (const { fromMs, toMs } of next.subWindows) {
        expect(fromMs).toBe(atMs);
        expect(toMs).toBeGreaterThan(fromMs);
        expect(toMs % unitMs).toBe(0);
        if (input.window.stepMs !== undefined)
          expect(toMs - fromMs).toBeLessThan(input.window.stepMs + unitMs);
        atMs = toMs;
      }
      expect(atMs).toBe(next.toMs);
      expect(next.subWindows.length * input.partitions).toBeLessThanOrEqual(MAX_SLICES);
      expect(next.toMs).toBeLessThanOrEqual(input.scheduledMs - input.window.delayMs);
    }),
  );
});

test('catches up with the schedule in windows that follow each other, whatever the backlog', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      let sealedToMs = input.sealedToMs;
      let windows = 0;
      for (;;) {
        const next = nextWindow({ ...input, sealedToMs });
        if (next === undefined) break;
        if (sealedToMs !== undefined) expect(next.fromMs).toBe(sealedToMs);
        sealedToMs = next.toMs;
        windows += 1;
        if (windows > 100) return;
      }
      const endMs = input.scheduledMs - input.window.delayMs;
      if (sealedToMs !== undefined && windows > 0)
        expect(endMs - sealedToMs).toBeLessThan(units[input.window.format]);
    }),
  );
});
