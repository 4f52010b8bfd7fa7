import type { StateEvent } from './asl/frame.ts';
import type { ExecutionResult } from './asl/run-machine.ts';
import type { Outcome, Timing } from './lambda/outcome.ts';
import type { Segment } from './xray/segment.ts';

/** One execution that ended. Times are milliseconds since 1970. */
export interface ExecutionSpan {
  readonly machine: string;
  readonly name: string;
  readonly span: string;
  readonly traceId: string;
  readonly startTime: number;
  readonly result: ExecutionResult;
}

/** One state that was left. */
export interface StateSpan {
  readonly event: StateEvent;
  readonly traceId: string;
  readonly startTime: number;
}

export interface InvocationSpan {
  readonly functionName: string;
  readonly requestId: string;
  readonly traceId: string;
  /** The state's subsegment. */
  readonly parent: string;
  /** What the function was told is its parent. */
  readonly span: string;
  readonly timing: Timing;
  readonly outcome: Outcome;
}

/** The segments that Step Functions and Lambda themselves send, so that the functions' own ones hang in one tree. */
export interface Traces {
  execution(of: ExecutionSpan): void;
  state(of: StateSpan): void;
  invocation(of: InvocationSpan): void;
}

/** Builds the segments and hands them to the collector that the functions send theirs to. */
export const createTraces = (send: (segment: Segment) => void, newId: () => string): Traces => ({
  execution: (of) => send(toMachineSegment(of, newId)),
  state: (of) => send(toStateSubsegment(of, newId)),
  invocation: (of) => {
    const service = toServiceSegment(of, newId);
    send(service);
    if (!isThrottle(of.outcome)) send(toFunctionSegment(of, service.id, newId));
  },
});

const toMachineSegment = (of: ExecutionSpan, newId: () => string): Segment => ({
  trace_id: of.traceId,
  id: of.span,
  name: of.machine,
  origin: 'AWS::StepFunctions::StateMachine',
  start_time: of.startTime / 1000,
  end_time: Date.now() / 1000,
  annotations: { execution: of.name },
  ...(of.result.status !== 'SUCCEEDED' && toFault(newId(), of.result.error.error, of.result.error.text)),
});

const toStateSubsegment = ({ event, traceId, startTime }: StateSpan, newId: () => string): Segment => ({
  type: 'subsegment',
  trace_id: traceId,
  parent_id: event.parentSpan,
  id: event.span,
  name: event.path.slice(event.path.lastIndexOf('/') + 1),
  start_time: startTime / 1000,
  end_time: event.at / 1000,
  metadata: { default: { path: event.path } },
  ...(event.error !== undefined && toFault(newId(), event.error.error, event.error.text)),
});

/** The Lambda service's part: from the call to the answer, waiting for an environment included. */
const toServiceSegment = (of: InvocationSpan, newId: () => string): Segment => ({
  trace_id: of.traceId,
  id: newId(),
  parent_id: of.parent,
  name: of.functionName,
  origin: 'AWS::Lambda',
  start_time: of.timing.queuedAt / 1000,
  end_time: of.timing.endedAt / 1000,
  aws: { request_id: of.requestId },
  http: { response: { status: isThrottle(of.outcome) ? 429 : 200 } },
  ...(isThrottle(of.outcome) ? { throttle: true, error: true } : { fault: of.outcome.status === 'error' }),
});

const toFunctionSegment = (of: InvocationSpan, service: string, newId: () => string): Segment => {
  const { startedAt, endedAt, initMs } = of.timing;
  const init = {
    id: newId(),
    name: 'Initialization',
    start_time: startedAt / 1000,
    end_time: Math.min(endedAt, startedAt + (initMs ?? 0)) / 1000,
  };
  return {
    trace_id: of.traceId,
    id: of.span,
    parent_id: service,
    name: of.functionName,
    origin: 'AWS::Lambda::Function',
    start_time: startedAt / 1000,
    end_time: endedAt / 1000,
    aws: { request_id: of.requestId },
    ...(of.outcome.status === 'error' && toFault(newId(), of.outcome.errorType, of.outcome.cause)),
    ...(initMs !== undefined && { subsegments: [init] }),
  };
};

const isThrottle = (outcome: Outcome): boolean =>
  outcome.status === 'error' && outcome.errorType === 'Lambda.TooManyRequestsException';

const toFault = (id: string, type: string, message: string) => ({
  fault: true,
  cause: { exceptions: [{ id, type, message: message.slice(0, 1000) }] },
});
