import type { Clock } from '../clock.ts';
import type { Withheld } from '../pace.ts';
import type { Evaluator } from './jsonata.ts';
import { checkSize } from './payload.ts';
import { STATES, StatesError } from './states-error.ts';
import type { Variables } from './variables.ts';

/** A call of a service, as a Task state makes it. */
export interface TaskRequest {
  readonly resource: string;
  readonly arguments: unknown;
  readonly path: string;
  /** Id of the state's X-Ray subsegment. */
  readonly span: string;
  readonly execution: ExecutionContext;
}

/** What a state does, as it happens. */
export interface StateEvent {
  readonly type: 'state-entered' | 'state-exited' | 'state-failed' | 'state-retried';
  readonly path: string;
  readonly span: string;
  readonly parentSpan: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly error?: StatesError;
}

/** All that a machine needs of the world. */
export interface Host {
  readonly clock: Clock;
  readonly evaluator: Evaluator;
  random(): number;
  /** 16 hexadecimal digits. */
  spanId(): string;
  /** Time that counts for no timeout: the machine withheld it. */
  readonly withheld: Pick<Withheld, 'ms'>;
  /** Waits and retry delays take this share of their time; timeouts do not shrink. */
  readonly timeScale: number;
  /** Throws StatesError. A task that its state gave up is not told so: a Lambda goes on as well. */
  runTask(request: TaskRequest): Promise<unknown>;
  observe(event: StateEvent): void;
}

/** `$states.context`, but for what changes from state to state. */
export interface ExecutionContext {
  readonly Execution: {
    readonly Id: string;
    readonly Input: unknown;
    readonly Name: string;
    readonly RoleArn: string;
    readonly StartTime: string;
  };
  readonly StateMachine: { readonly Id: string; readonly Name: string };
}

/** Where a state runs: its execution, the scope of its variables, and what may end it from outside. */
export interface Frame {
  readonly host: Host;
  readonly execution: ExecutionContext;
  readonly signal: AbortSignal;
  readonly variables: Variables;
  readonly mapItem?: { readonly Index: number; readonly Value: unknown };
  readonly pathPrefix: string;
  readonly parentSpan: string;
}

/** One entry into a state. */
export interface Visit {
  readonly frame: Frame;
  readonly name: string;
  readonly path: string;
  readonly span: string;
  readonly enteredAt: number;
  readonly input: unknown;
  retries: number;
}

/** Evaluates a template with `$states` and the scope's variables; `extra` is `result` or `errorOutput`. */
export const evaluateIn = (
  visit: Visit,
  template: unknown,
  extra: Readonly<Record<string, unknown>> = {},
): Promise<unknown> => {
  const { frame } = visit;
  const context = {
    ...frame.execution,
    State: {
      EnteredTime: new Date(visit.enteredAt).toISOString(),
      Name: visit.name,
      RetryCount: visit.retries,
    },
    ...(frame.mapItem !== undefined && { Map: { Item: frame.mapItem } }),
  };
  const states = { input: visit.input, context, ...extra };
  return frame.host.evaluator.evaluate(template, { ...frame.variables.all(), states });
};

interface Leaving {
  readonly Assign?: Record<string, unknown> | undefined;
  readonly Output?: unknown;
}

/** Output and variables of a state, both from the values at its entry; the variables are set only when both are good. */
export const leave = async (
  visit: Visit,
  leaving: Leaving,
  fallback: unknown,
  extra: Readonly<Record<string, unknown>> = {},
): Promise<unknown> => {
  const assigned = Object.entries((await evaluateIn(visit, leaving.Assign ?? {}, extra)) ?? {});
  const output = leaving.Output === undefined ? fallback : await evaluateIn(visit, leaving.Output, extra);
  checkSize(output, `the output of ${visit.path}`);
  visit.frame.variables.assign(Object.fromEntries(assigned));
  return output;
};

/** Seconds and the like: docs.aws.amazon.com/step-functions/latest/dg/state-wait.html, state-task.html */
export const MAX_SECONDS = 99_999_999;

/** A number that a field holds or its expression gives. */
export const evaluateNumber = async (
  visit: Visit,
  template: number | string,
  what: string,
  least = 0,
): Promise<number> => {
  const value = await evaluateIn(visit, template);
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= MAX_SECONDS)
    return value;
  throw new StatesError(
    STATES.query,
    `${what} of ${visit.path} is ${JSON.stringify(value)}, not a whole number from ${least} to ${MAX_SECONDS}`,
  );
};
