import type { Measures, Metrics } from '../../handlers/ports/metrics.ts';

/** Metrics in an array, for tests to look at. */
export const memoryMetrics = (): Metrics & {
  readonly taken: ({ readonly feed: string } & Measures)[];
} => {
  const taken: ({ readonly feed: string } & Measures)[] = [];
  return { taken, put: (feed, measures) => taken.push({ feed, ...measures }) };
};
