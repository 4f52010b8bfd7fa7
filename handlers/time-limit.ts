import { OutOfTime } from '../shared/errors.ts';
import type { Clock } from './ports/clock.ts';

/** Runs work under a signal that fires with the outer one, or with OutOfTime at a point in time (epoch milliseconds). */
export const withTimeLimit = async <T>(
  limit: { readonly clock: Clock; readonly atMs: number; readonly outer: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const over = new AbortController();
  const done = new AbortController();
  const remainingMs = Math.max(0, limit.atMs - limit.clock.now());
  limit.clock.sleep(remainingMs, done.signal).then(
    () => over.abort(new OutOfTime(`work not done in the ${remainingMs} ms until its time limit`)),
    () => {}, // the work was done first
  );
  try {
    return await work(AbortSignal.any([limit.outer, over.signal]));
  } finally {
    done.abort();
  }
};
