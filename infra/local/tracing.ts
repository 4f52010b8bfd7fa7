import type { StateEvent } from './asl/frame.ts';
import type { ExecutionResult } from './asl/run-machine.ts';
import type { Outcome, Timing } from './lambda/outcome.ts';
import type { Segment } from './xray/segment.ts';

/** The segments that Step Functions and Lambda themselves send, so that the functions' own ones hang in one tree. */
export interface Traces {
  execution(of: {
    readonly machine: string;
    readonly name: string;
    readonly span: string;
    readonly traceId: string;
    readonly startTime: number;
    readonly result: ExecutionResult;
  }): void;
  state(of: { readonly event: StateEvent; readonly traceId: string; readonly startTime: number }): void;
  invocation(of: {
    readonly functionName: string;
    readonly requestId: string;
    readonly traceId: string;
    /** The state's subsegment. */
    readonly parent: string;
    /** What the function was told is its parent. */
    readonly span: string;
    readonly timing: Timing;
    readonly outcome: Outcome;
  }): void;
}

/** Builds the segments and hands them to the collector that the functions send theirs to. */
export const createTraces = (send: (segment: Segment) => void, newId: () => string): Traces => ({
  execution: ({ machine, name, span, traceId, startTime, result }) =>
    send({
      trace_id: traceId,
      id: span,
      name: machine,
      origin: 'AWS::StepFunctions::StateMachine',
      start_time: startTime / 1000,
      end_time: Date.now() / 1000,
      annotations: { execution: name },
      ...(result.status !== 'SUCCEEDED' && {
        fault: true,
        ...causeOf(newId(), result.error.error, result.error.text),
      }),
    }),
  state: ({ event, traceId, startTime }) =>
    send({
      type: 'subsegment',
      trace_id: traceId,
      parent_id: event.parentSpan,
      id: event.span,
      name: event.path.slice(event.path.lastIndexOf('/') + 1),
      start_time: startTime / 1000,
      end_time: event.at / 1000,
      metadata: { default: { path: event.path } },
      ...(event.error !== undefined && {
        fault: true,
        ...causeOf(newId(), event.error.error, event.error.text),
      }),
    }),
  invocation: ({ functionName, requestId, traceId, parent, span, timing, outcome }) => {
    const service = newId();
    const isFault = outcome.status === 'error';
    const isThrottle = isFault && outcome.errorType === 'Lambda.TooManyRequestsException';
    const common = { trace_id: traceId, name: functionName, end_time: timing.endedAt / 1000 };
    send({
      ...common,
      id: service,
      parent_id: parent,
      origin: 'AWS::Lambda',
      start_time: timing.queuedAt / 1000,
      aws: { request_id: requestId },
      http: { response: { status: isThrottle ? 429 : 200 } },
      ...(isThrottle ? { throttle: true, error: true } : isFault && { fault: true }),
    });
    if (isThrottle) return;
    send({
      ...common,
      id: span,
      parent_id: service,
      origin: 'AWS::Lambda::Function',
      start_time: timing.startedAt / 1000,
      aws: { request_id: requestId },
      ...(isFault && { fault: true, ...causeOf(newId(), outcome.errorType, outcome.cause) }),
      ...(timing.initMs !== undefined && {
        subsegments: [
          {
            id: newId(),
            name: 'Initialization',
            start_time: timing.startedAt / 1000,
            end_time: Math.min(timing.endedAt, timing.startedAt + timing.initMs) / 1000,
          },
        ],
      }),
    });
  },
});

const causeOf = (id: string, type: string, message: string): object => ({
  cause: { exceptions: [{ id, type, message: message.slice(0, 1000) }] },
});
