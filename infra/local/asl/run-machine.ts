import { untilSpent } from '../pace.ts';
import type { Definition } from './definition.ts';
import type { ExecutionContext, Frame, Host } from './frame.ts';
import { checkSize } from './payload.ts';
import { runGraph } from './run-graph.ts';
import { STATES, StatesError, toStatesError } from './states-error.ts';
import { newVariables } from './variables.ts';

/** A machine that was checked and can run; its expressions are compiled once. */
export interface Machine {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  readonly definition: Definition;
}

export interface ExecutionStart {
  readonly name: string;
  readonly arn: string;
  readonly input: unknown;
  /** Id of the machine's X-Ray segment. */
  readonly span: string;
  /** Ends the execution sooner than its definition. @default the definition's TimeoutSeconds */
  readonly timeoutMs?: number | undefined;
  /** Ends the execution from outside, whatever it is at; its result means nothing then. */
  readonly signal?: AbortSignal | undefined;
}

export type ExecutionResult =
  | { readonly status: 'SUCCEEDED'; readonly output: unknown }
  | { readonly status: 'FAILED' | 'TIMED_OUT'; readonly error: StatesError };

/** Runs one execution to its end; whatever happens in it is its result. Nothing catches its timeout. */
export const runMachine = async (
  machine: Machine,
  start: ExecutionStart,
  host: Host,
): Promise<ExecutionResult> => {
  const over = new AbortController();
  const timer = new AbortController();
  const timeoutMs = start.timeoutMs ?? machine.definition.TimeoutSeconds * 1000;
  untilSpent(timeoutMs, host, timer.signal).then(
    () => over.abort(new StatesError(STATES.timeout, `the execution took over ${timeoutMs / 1000} s`)),
    () => {},
  );
  const signal = start.signal === undefined ? over.signal : AbortSignal.any([over.signal, start.signal]);
  try {
    checkSize(start.input, 'the input of the execution');
    const output = await runGraph(machine.definition, start.input, topFrame(machine, start, host, signal));
    return { status: 'SUCCEEDED', output };
  } catch (thrown) {
    return { status: over.signal.aborted ? 'TIMED_OUT' : 'FAILED', error: toStatesError(thrown) };
  } finally {
    timer.abort();
  }
};

const topFrame = (machine: Machine, start: ExecutionStart, host: Host, signal: AbortSignal): Frame => {
  const execution: ExecutionContext = {
    Execution: {
      Id: start.arn,
      Input: start.input,
      Name: start.name,
      RoleArn: machine.roleArn,
      StartTime: new Date(host.clock.now()).toISOString(),
    },
    StateMachine: { Id: machine.arn, Name: machine.name },
  };
  return { host, execution, signal, variables: newVariables(), pathPrefix: '', parentSpan: start.span };
};
