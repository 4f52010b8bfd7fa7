import type { Clock } from '../clock.ts';
import type { Evaluator } from './jsonata.ts';
import { STATES, StatesError } from './states-error.ts';

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
  readonly variables: Map<string, unknown>;
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

/** Hard limit of every payload: docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const MAX_PAYLOAD_BYTES = 262_144;

/** Throws `States.DataLimitExceeded` for what is over 256 KiB as JSON. */
export const checkSize = (value: unknown, what: string): void => {
  const bytes = Buffer.byteLength(JSON.stringify(value) ?? '');
  if (bytes <= MAX_PAYLOAD_BYTES) return;
  throw new StatesError(STATES.dataLimit, `${what} has ${bytes} bytes of JSON, at most ${MAX_PAYLOAD_BYTES}`);
};

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
  return frame.host.evaluator.evaluate(template, { ...Object.fromEntries(frame.variables), states });
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
  for (const [name, value] of assigned) checkSize(value, `variable ${name}`);
  checkSize(output, `the output of ${visit.path}`);
  for (const [name, value] of assigned) visit.frame.variables.set(name, value);
  return output;
};

/** A number that a field holds or its expression gives. */
export const evaluateNumber = async (
  visit: Visit,
  template: number | string,
  what: string,
): Promise<number> => {
  const value = await evaluateIn(visit, template);
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw new StatesError(
    STATES.query,
    `${what} of ${visit.path} is ${JSON.stringify(value)}, not a whole number of at least 0`,
  );
};
