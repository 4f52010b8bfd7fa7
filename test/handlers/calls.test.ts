import { describe, expect, it } from 'vitest';
import { countLoad, countPlanBatch, countSweep } from './support/count-calls.ts';

/** Requests to S3 are what a state costs and, at some 20 ms each that waits for another, what it takes. */

describe.each([10, 1_000, 10_000])('requests to S3 where there are %i batches', (batches) => {
  it('are as few for PlanBatch as without them, whatever was backfilled on the newest day', async () => {
    for (const hasWindow of [true, false]) {
      const calls = await countPlanBatch(batches, 1, hasWindow);
      expect(calls).toEqual(await countPlanBatch(1, 1, hasWindow));
      expect(calls.list).toBeLessThanOrEqual(5);
      expect(calls.inRow).toBeLessThanOrEqual(12);
    }
  });

  it('are one for each day that PlanBatch finds no window on, 32 of them side by side', async () => {
    const { list, inRow } = await countPlanBatch(batches, 730, true);
    expect(list).toBeLessThanOrEqual(Math.min(batches, 730) + 30);
    expect(inRow).toBeLessThanOrEqual(12 + 25 + Math.ceil(730 / 32));
  });

  it('are for a load those of the batches that it may take, and none to count them again', async () => {
    const { PlanLoad, SubmitLoad, MarkLoaded } = await countLoad(batches);
    const [looked, taken] = [Math.min(batches, 256), Math.min(batches, 128)];
    const pages = Math.ceil(batches / 1_000);
    expect(PlanLoad).toEqual({
      get: 2 * looked + 2, // that nobody holds the feed, and none rebuilds it
      list: 2 + pages,
      put: 1,
      delete: 0,
      inRow: expect.any(Number),
    });
    expect(PlanLoad.inRow).toBeLessThanOrEqual(5 + pages + 2 * Math.ceil(looked / 32));
    expect(SubmitLoad).toMatchObject({ get: taken + 2, list: 1, put: 2 });
    expect(SubmitLoad.inRow).toBeLessThanOrEqual(4 + Math.ceil(taken / 32));
    expect(MarkLoaded).toMatchObject({ get: 2, list: 0, put: 1, delete: taken });
    expect(MarkLoaded.inRow).toBeLessThanOrEqual(2 + Math.ceil(taken / 32));
  });

  it('are for the sweep of one feed some thirty and a page for each thousand, and of twenty are waited for side by side', async () => {
    const pages = Math.ceil(batches / 1_000);
    const one = await countSweep(batches, 1);
    expect(one.list).toBeLessThanOrEqual(35 + pages);
    expect(one.inRow).toBeLessThanOrEqual(20 + pages);
    const twenty = await countSweep(batches, 20);
    expect(twenty.inRow).toBeLessThanOrEqual((twenty.get + twenty.list + twenty.put) / 5);
  });
});

describe('the sweep of more landed objects than one looks at', () => {
  it('takes some hundred LISTs', async () => {
    const { list } = await countSweep(150_000, 1);
    expect(list).toBeLessThanOrEqual(140);
  });
});
