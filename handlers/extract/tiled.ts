import type { Span } from '../ports/tracer.ts';
import { type Stopwatch, startStopwatch } from './stopwatch.ts';

/** Does a work and shows on its subsegment where its time went, of one that fails too. */
export const tiled = async <T>(span: Span, work: (stopwatch: Stopwatch) => Promise<T>): Promise<T> => {
  const stopwatch = startStopwatch();
  try {
    return await work(stopwatch);
  } finally {
    span.tile(stopwatch.read());
    const slowest = stopwatch.slowestPage();
    if (slowest !== undefined)
      span.annotate({ slowest_page: slowest.place, slowest_page_ms: Math.round(slowest.ms) });
  }
};
