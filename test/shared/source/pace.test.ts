import fc from 'fast-check';
import { expect, test } from 'vitest';
import { paceOf } from '../../../shared/source/pace.ts';

test('is that of the feed divided by the slices that run at once', () => {
  const source = { requestsPerSecond: 2, concurrency: 4 };
  expect(paceOf(source, { slice: 0, slices: 10, isNew: true })).toEqual({ firstMs: 500, everyMs: 2000 });
  expect(paceOf(source, { slice: 3, slices: 10, isNew: true })).toEqual({ firstMs: 2000, everyMs: 2000 });
  expect(paceOf(source, { slice: 4, slices: 10, isNew: true })).toEqual({ firstMs: 2000, everyMs: 2000 });
  expect(paceOf(source, { slice: 0, slices: 1, isNew: true })).toEqual({ firstMs: 500, everyMs: 500 });
  expect(paceOf({ concurrency: 4 }, { slice: 0, slices: 1, isNew: true })).toBeUndefined();
});

/** When requests go out where a Map runs slices with so many requests each, which take no time, in lanes. */
const simulate = (
  source: { requestsPerSecond: number; concurrency: number },
  requests: readonly number[],
) => {
  const lanes = Array.from({ length: Math.min(source.concurrency, requests.length) }, () => 0);
  const sent: number[] = [];
  for (const [slice, count] of requests.entries()) {
    const lane = lanes.indexOf(Math.min(...lanes));
    const pace = paceOf(source, { slice, slices: requests.length, isNew: true }) ?? expect.unreachable();
    for (let n = 0; n < count; n += 1) {
      lanes[lane] = (lanes[lane] ?? 0) + (n === 0 ? pace.firstMs : pace.everyMs);
      sent.push(lanes[lane] ?? 0);
    }
  }
  return sent.toSorted((a, b) => a - b);
};

test('keeps all slices together below the rate, whatever a Map gives to its lanes', () => {
  const requests = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 30 });
  const rate = fc.constantFrom(0.5, 1, 2, 5, 7.5);
  fc.assert(
    fc.property(requests, rate, fc.integer({ min: 1, max: 8 }), (counts, requestsPerSecond, concurrency) => {
      const sent = simulate({ requestsPerSecond, concurrency }, counts);
      const lanes = Math.min(concurrency, counts.length);
      for (const [i, from] of sent.entries()) {
        for (const [more, to] of sent.slice(i).entries()) {
          // Each lane may have its turn at either end of a stretch of time.
          expect(more + 1).toBeLessThanOrEqual(((to - from) / 1000) * requestsPerSecond + lanes + 0.001);
        }
      }
    }),
  );
});
