import type { StateEvent, TaskRequest } from '../../../../infra/local/asl/frame.ts';
import { createEvaluator } from '../../../../infra/local/asl/jsonata.ts';
import { loadDefinition } from '../../../../infra/local/asl/load-machine.ts';
import { type ExecutionResult, runMachine } from '../../../../infra/local/asl/run-machine.ts';
import { type Clock, virtualClock } from '../../../../infra/local/clock.ts';

export interface Ran {
  readonly result: ExecutionResult;
  readonly events: readonly StateEvent[];
  /** Virtual seconds that it took. */
  readonly seconds: number;
}

export interface RunOptions {
  readonly input?: unknown;
  readonly random?: () => number;
  readonly task?: (request: TaskRequest, clock: Clock) => Promise<unknown>;
  readonly timeoutSeconds?: number;
  /** Milliseconds that the machine has withheld by now, of virtual time. @default none */
  readonly withheldMs?: (clock: Clock) => number;
}

export const START = Date.UTC(2026, 10, 23, 12);

/** A Task state that calls the function `name` with the state's input. */
export const lambda = (name: string, rest: object = { End: true }): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: name, Payload: '{% $states.input %}' },
  ...rest,
});

export const machineText = (states: object, startAt?: string, rest: object = {}): string =>
  JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: startAt ?? Object.keys(states)[0],
    States: states,
    ...rest,
  });

/** Runs states to the end on a virtual clock; tasks answer as `task` says. */
export const run = (states: object, options: RunOptions = {}): Promise<Ran> =>
  runText(machineText(states, undefined, { TimeoutSeconds: options.timeoutSeconds ?? 300 }), options);

/** Runs a machine's whole definition so. */
export const runText = async (text: string, options: RunOptions = {}): Promise<Ran> => {
  const definition = await loadDefinition('Test', text);
  const clock = virtualClock(START);
  const random = options.random ?? (() => 0.5);
  const events: StateEvent[] = [];
  let spans = 0;
  const result = await runMachine(
    {
      name: 'Test',
      arn: 'arn:aws:states:us-east-1:000000000000:stateMachine:Test',
      roleArn: 'role',
      definition,
    },
    { name: 'one', arn: 'arn:one', input: options.input ?? {}, span: 'root' },
    {
      clock,
      withheld: { ms: () => options.withheldMs?.(clock) ?? 0 },
      evaluator: createEvaluator({ now: clock.now, random, uuid: () => 'an-id' }),
      random,
      spanId: () => String(++spans),
      timeScale: 1,
      runTask: (request) => options.task?.(request, clock) ?? Promise.resolve(null),
      observe: (event) => events.push(event),
    },
  );
  return { result, events, seconds: (clock.now() - START) / 1000 };
};

/** The output of a run that succeeds; throws the error of one that does not. */
export const outputOf = async (states: object, options: RunOptions = {}): Promise<unknown> => {
  const { result } = await run(states, options);
  if (result.status !== 'SUCCEEDED') throw result.error;
  return result.output;
};
