import { untilSpent } from '../pace.ts';
import type { ChoiceState, FailState, State, StateGraph, TaskState, WaitState } from './definition.ts';
import { evaluateIn, evaluateNumber, type Frame, leave, type Visit } from './frame.ts';
import { guarded, type Step } from './guard.ts';
import { checkSize } from './payload.ts';
import { runMap, runParallel } from './run-branches.ts';
import { STATES, StatesError, toStatesError } from './states-error.ts';
import { parseTimestamp } from './timestamp.ts';

/** Runs states from `StartAt` to the one that ends the graph, and gives its output. Throws StatesError. */
export const runGraph = async (graph: StateGraph, input: unknown, frame: Frame): Promise<unknown> => {
  let name = graph.StartAt;
  let value = input;
  for (;;) {
    frame.signal.throwIfAborted();
    const step = await visitState(graph, name, value, frame);
    value = step.output;
    if (step.next === undefined) return value;
    name = step.next;
  }
};

const visitState = async (graph: StateGraph, name: string, input: unknown, frame: Frame): Promise<Step> => {
  const { host, parentSpan } = frame;
  const state = graph.States[name];
  if (state === undefined) throw new StatesError(STATES.runtime, `there is no state ${name}`);
  const path = frame.pathPrefix + name;
  const span = host.spanId();
  const visit: Visit = { frame, name, path, span, enteredAt: host.clock.now(), input, retries: 0 };
  host.observe({ type: 'state-entered', path, span, parentSpan, at: visit.enteredAt });
  try {
    const step = await runState(state, visit);
    host.observe({ type: 'state-exited', path, span, parentSpan, at: host.clock.now() });
    return step;
  } catch (thrown) {
    const error = toStatesError(thrown);
    if (!frame.signal.aborted) error.path ??= path;
    host.observe({ type: 'state-failed', path, span, parentSpan, at: host.clock.now(), error });
    throw error;
  }
};

const runState = async (state: State, visit: Visit): Promise<Step> => {
  switch (state.Type) {
    case 'Pass':
      return { output: await leave(visit, state, visit.input), next: state.Next };
    case 'Succeed':
      return { output: await leave(visit, state, visit.input) };
    case 'Fail':
      return await runFail(state, visit);
    case 'Choice':
      return await runChoice(state, visit);
    case 'Wait':
      return await runWait(state, visit);
    case 'Task':
      return await guarded(visit, state, () => runTask(state, visit));
    case 'Parallel':
      return await guarded(visit, state, () => runParallel(state, visit, runGraph));
    case 'Map':
      return await guarded(visit, state, () => runMap(state, visit, runGraph));
  }
};

const runFail = async (state: FailState, visit: Visit): Promise<never> => {
  const error = await evaluateIn(visit, state.Error ?? '');
  const cause = await evaluateIn(visit, state.Cause ?? '');
  if (typeof error !== 'string' || typeof cause !== 'string') {
    throw new StatesError(STATES.query, `Error and Cause of ${visit.path} are not both text`);
  }
  throw new StatesError(error, cause, visit.path);
};

const runChoice = async (state: ChoiceState, visit: Visit): Promise<Step> => {
  for (const rule of state.Choices) {
    const isMet = await evaluateIn(visit, rule.Condition);
    if (typeof isMet !== 'boolean') {
      throw new StatesError(
        STATES.query,
        `the condition ${rule.Condition} of ${visit.path} gave ${JSON.stringify(isMet)}, not a boolean`,
      );
    }
    if (isMet) return { output: await leave(visit, rule, visit.input), next: rule.Next };
  }
  if (state.Default === undefined) throw new StatesError(STATES.noChoice, `no rule of ${visit.path} matched`);
  return { output: await leave(visit, state, visit.input), next: state.Default };
};

const runWait = async (state: WaitState, visit: Visit): Promise<Step> => {
  const { host, signal } = visit.frame;
  const ms =
    state.Seconds === undefined
      ? (await evaluateTimestamp(visit, state.Timestamp)) - host.clock.now()
      : (await evaluateNumber(visit, state.Seconds, 'Seconds')) * 1000;
  await host.clock.sleep(Math.max(0, ms) * host.timeScale, signal);
  return { output: await leave(visit, state, visit.input), next: state.Next };
};

const evaluateTimestamp = async (visit: Visit, template: unknown): Promise<number> => {
  const value = await evaluateIn(visit, template);
  const time = parseTimestamp(value);
  if (time !== undefined) return time;
  throw new StatesError(
    STATES.query,
    `the Timestamp of ${visit.path} is ${JSON.stringify(value)?.slice(0, 100)}, not a time such as 2026-01-31T03:00:00Z`,
  );
};

const runTask = async (state: TaskState, visit: Visit): Promise<Step> => {
  const { host, execution, signal } = visit.frame;
  const args = state.Arguments === undefined ? visit.input : await evaluateIn(visit, state.Arguments);
  checkSize(args, `what ${visit.path} sends`);
  const timeoutSeconds =
    state.TimeoutSeconds === undefined
      ? undefined
      : await evaluateNumber(visit, state.TimeoutSeconds, 'TimeoutSeconds', 1);
  const task = host.runTask({
    resource: state.Resource,
    arguments: args,
    path: visit.path,
    span: visit.span,
    execution,
  });
  const result = await untilEnded(task, visit, timeoutSeconds, signal);
  checkSize(result, `the result of ${visit.path}`);
  return { output: await leave(visit, state, result, { result }), next: state.Next };
};

/** A task's result, unless its time or its frame ends first; the task itself is not stopped. */
const untilEnded = async (
  task: Promise<unknown>,
  visit: Visit,
  timeoutSeconds: number | undefined,
  signal: AbortSignal,
): Promise<unknown> => {
  const over = new AbortController();
  const ended = AbortSignal.any([signal, over.signal]);
  const gone = Promise.withResolvers<never>();
  const onAbort = (): void => gone.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const timeout =
    timeoutSeconds === undefined
      ? gone.promise
      : untilSpent(timeoutSeconds * 1000, visit.frame.host, ended).then(() => {
          throw new StatesError(STATES.timeout, `${visit.path} took over ${timeoutSeconds} s`);
        });
  gone.promise.catch(() => {});
  timeout.catch(() => {});
  task.catch(() => {});
  try {
    signal.throwIfAborted();
    return await Promise.race([task, timeout, gone.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    over.abort();
  }
};
