import type { MapState, ParallelState, StateGraph } from './definition.ts';
import { evaluateIn, evaluateNumber, type Frame, leave, type Visit } from './frame.ts';
import type { Step } from './guard.ts';
import { checkSize } from './payload.ts';
import { STATES, StatesError } from './states-error.ts';

type RunGraph = (graph: StateGraph, input: unknown, frame: Frame) => Promise<unknown>;

/** Iterations of an inline Map at once: docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html */
const MAX_CONCURRENCY = 40;

/** Runs the branches at once; the first failure stops the others. */
export const runParallel = async (state: ParallelState, visit: Visit, runGraph: RunGraph): Promise<Step> => {
  const input = state.Arguments === undefined ? visit.input : await evaluateIn(visit, state.Arguments);
  const result = await allOrNone(visit, state.Branches, state.Branches.length, (branch, index, signal) =>
    inScope(visit, index, signal, (frame) => runGraph(branch, input, frame)),
  );
  return { output: await leave(visit, state, result, { result }), next: state.Next };
};

/** Runs the processor for each item, in order, at most MaxConcurrency and 40 at once; the first failure stops the others. */
export const runMap = async (state: MapState, visit: Visit, runGraph: RunGraph): Promise<Step> => {
  const items = state.Items === undefined ? visit.input : await evaluateIn(visit, state.Items);
  if (!Array.isArray(items)) {
    throw new StatesError(
      STATES.query,
      `the Items of ${visit.path} are ${JSON.stringify(items)?.slice(0, 100)}, not an array`,
    );
  }
  const asked =
    state.MaxConcurrency === undefined
      ? 0
      : await evaluateNumber(visit, state.MaxConcurrency, 'MaxConcurrency');
  const concurrency = asked === 0 ? MAX_CONCURRENCY : Math.min(asked, MAX_CONCURRENCY);
  const result = await allOrNone(visit, items, concurrency, (item: unknown, index, signal) =>
    inScope(visit, index, signal, async (scope) => {
      const frame: Frame = { ...scope, mapItem: { Index: index, Value: item } };
      const input =
        state.ItemSelector === undefined ? item : await evaluateIn({ ...visit, frame }, state.ItemSelector);
      checkSize(input, `item ${index} of ${visit.path}`);
      return await runGraph(state.ItemProcessor, input, frame);
    }),
  );
  return { output: await leave(visit, state, result, { result }), next: state.Next };
};

/** Runs a branch or an iteration in a scope of variables of its own. */
const inScope = async (
  visit: Visit,
  index: number,
  signal: AbortSignal,
  work: (frame: Frame) => Promise<unknown>,
): Promise<unknown> => {
  const variables = visit.frame.variables.inner();
  try {
    const pathPrefix = `${visit.path}[${index}]/`;
    return await work({ ...visit.frame, signal, variables, pathPrefix, parentSpan: visit.span });
  } finally {
    variables.end();
  }
};

/** Runs a work for each item, some at once, and gives the results in order, or stops all at the first error and throws it. */
const allOrNone = async <T>(
  visit: Visit,
  items: readonly T[],
  concurrency: number,
  work: (item: T, index: number, signal: AbortSignal) => Promise<unknown>,
): Promise<unknown[]> => {
  const failure = new AbortController();
  const signal = AbortSignal.any([visit.frame.signal, failure.signal]);
  const results: unknown[] = new Array(items.length);
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (signal.aborted) return;
      try {
        results[index] = await work(item, index, signal);
      } catch (error) {
        failure.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  signal.throwIfAborted();
  return results;
};
