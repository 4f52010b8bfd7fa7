import { countLoad, countPlanBatch, countSweep } from '../handlers/support/count-calls.ts';

/** Requests to S3 of states where there are so many batches; `inRow` are those that wait for each other. */
export const measureCalls = async (sizes: readonly number[]): Promise<object> => {
  const figures: Record<string, object> = {};
  for (const size of sizes)
    figures[size] = {
      planBatchBesideBackfills: await countPlanBatch(size, 1, true),
      planBatchBehindTwoYearsOfBackfills: await countPlanBatch(size, 730, true),
      ...(await countLoad(size)),
      sweepOfOneFeed: await countSweep(size, 1),
      sweepOfTwentyFeeds: await countSweep(size, 20),
    };
  return figures;
};
