import type { Catcher, Retrier } from './definition.ts';
import { leave, type Visit } from './frame.ts';
import { matchesError, type StatesError, toStatesError } from './states-error.ts';

/** Where an execution goes on after a state; no `next` ends its graph. */
export interface Step {
  readonly output: unknown;
  readonly next?: string | undefined;
}

interface Guards {
  readonly Retry: readonly Retrier[];
  readonly Catch: readonly Catcher[];
}

/** Seconds before retry number `retry` (from 0), without jitter. */
export const retryDelaySeconds = (retrier: Retrier, retry: number): number =>
  Math.min(
    retrier.IntervalSeconds * retrier.BackoffRate ** retry,
    retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY,
  );

/** Runs a state's work under its retriers, each with its own count, and then its catchers. */
export const guarded = async (visit: Visit, guards: Guards, work: () => Promise<Step>): Promise<Step> => {
  const counts = new Map<Retrier, number>();
  for (;;) {
    try {
      return await work();
    } catch (thrown) {
      // An execution that is over, and an iteration whose sibling failed, retry and catch nothing.
      visit.frame.signal.throwIfAborted();
      const error = located(visit, thrown);
      const retrier = guards.Retry.find((one) =>
        one.ErrorEquals.some((name) => matchesError(name, error.error)),
      );
      const count = retrier === undefined ? 0 : (counts.get(retrier) ?? 0);
      if (retrier !== undefined && count < retrier.MaxAttempts) {
        counts.set(retrier, count + 1);
        await backOff(visit, retrier, count, error);
      } else return await caught(visit, guards.Catch, error);
    }
  }
};

const located = (visit: Visit, thrown: unknown): StatesError => {
  const error = toStatesError(thrown);
  error.path ??= visit.path;
  return error;
};

const backOff = async (visit: Visit, retrier: Retrier, count: number, error: StatesError): Promise<void> => {
  const { host, signal, parentSpan } = visit.frame;
  const share = retrier.JitterStrategy === 'FULL' ? host.random() : 1;
  visit.retries += 1;
  host.observe({
    type: 'state-retried',
    path: visit.path,
    span: visit.span,
    parentSpan,
    at: host.clock.now(),
    error,
  });
  await host.clock.sleep(retryDelaySeconds(retrier, count) * 1000 * share * host.timeScale, signal);
};

const caught = async (visit: Visit, catchers: readonly Catcher[], error: StatesError): Promise<Step> => {
  const catcher = catchers.find((one) => one.ErrorEquals.some((name) => matchesError(name, error.error)));
  if (catcher === undefined) throw error;
  const errorOutput = { Error: error.error, ...(error.hasCause && { Cause: error.text }) };
  return { output: await leave(visit, catcher, errorOutput, { errorOutput }), next: catcher.Next };
};
