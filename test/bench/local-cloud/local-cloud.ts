import { loadavg } from 'node:os';
import { LANDING_FEED, measureBurst, measureLanding } from './landing.ts';
import { openBenchCloud } from './open-bench-cloud.ts';
import { measureSlices, sliceFiles } from './slices.ts';
import { startSlowServer } from './slow-server.ts';

/** A figure of a cloud means little without what else the machine did. */
const withLoad = async <T>(work: Promise<T>) => ({ ...(await work), loadAfterwards: loadavg()[0] });

/** A burst of so many files alone, at a cloud that is warm. */
export const measureBurstAlone = async (files: number) => {
  await using bench = await openBenchCloud({ 'readings.yaml': LANDING_FEED });
  const warmLanding = await withLoad(measureLanding(bench));
  return { warmLanding, burst: await withLoad(measureBurst(bench, files)) };
};

/** The local cloud's times by the clock: a file of 1 MB, a burst of so many files, and slices of a slow server. */
export const measureLocalCloud = async (files: number) => {
  await using server = await startSlowServer();
  await using bench = await openBenchCloud({ 'readings.yaml': LANDING_FEED, ...sliceFiles(server.url) });
  const firstLanding = await withLoad(measureLanding(bench));
  const warmLanding = await withLoad(measureLanding(bench));
  const slices = await withLoad(measureSlices(bench));
  const burst = await withLoad(measureBurst(bench, files));
  return { firstLanding, warmLanding, slices, burst };
};
