import * as z from 'zod';
import type { TaskRequest } from '../asl/frame.ts';
import { STATES, StatesError } from '../asl/states-error.ts';
import type { EventBus } from '../eventbridge/bus.ts';
import { DEFAULT_BUS } from '../eventbridge/put-events.ts';
import type { Caller } from '../iam/access.ts';
import type { ConditionContext } from '../iam/policy.ts';
import type { LambdaPool } from '../lambda/pool.ts';
import type { Traces } from '../tracing.ts';
import type { AsyncInvocations } from './async-invocations.ts';
import type { Chance } from './chance.ts';

const lambdaArguments = z.strictObject({
  FunctionName: z.string(),
  Payload: z.unknown(),
  InvocationType: z.literal('Event').optional(),
});
const entry = z.strictObject({
  Source: z.string(),
  DetailType: z.string(),
  Detail: z.union([z.string(), z.record(z.string(), z.unknown())]),
  EventBusName: z.string().optional(),
  Resources: z.array(z.string()).optional(),
});
const eventsArguments = z.strictObject({ Entries: z.array(entry) });

export interface TaskOptions {
  readonly pool: Pick<LambdaPool, 'invoke'>;
  readonly asyncInvocations: AsyncInvocations;
  readonly bus: Pick<EventBus, 'put'>;
  readonly traces: Traces;
  readonly chance: Chance;
  /** A machine's role, as an execution of it acts. */
  callerOf(roleArn: string, session: string): Caller;
}

/** Calls the service that a Task state names. Throws StatesError with the names that AWS gives. */
export const createTasks = (options: TaskOptions) => {
  const byResource: Readonly<Record<string, (request: TaskRequest, traceId: string) => Promise<unknown>>> = {
    'arn:aws:states:::lambda:invoke': (request, traceId) => invokeFunction(options, request, traceId),
    'arn:aws:states:::events:putEvents': (request) => putEvents(options, request),
  };
  return async (request: TaskRequest, traceId: string): Promise<unknown> => {
    const call = byResource[request.resource];
    if (call === undefined) throw new StatesError(STATES.runtime, `${request.resource} is not supported`);
    return call(request, traceId);
  };
};

const invokeFunction = async (
  options: TaskOptions,
  request: TaskRequest,
  traceId: string,
): Promise<unknown> => {
  const { pool, traces, chance } = options;
  const { FunctionName, Payload, InvocationType } = parseArguments(lambdaArguments, request);
  demand(options, request, 'lambda:InvokeFunction', FunctionName);
  if (InvocationType === 'Event') {
    const call = {
      functionArn: FunctionName,
      payload: JSON.stringify(Payload),
      traceId,
      parent: request.span,
    };
    options.asyncInvocations.start(call);
    return { Payload: '', StatusCode: 202 };
  }
  const requestId = chance.uuid();
  const span = chance.hex(8);
  const { timing, ...outcome } = await pool.invoke({
    functionArn: FunctionName,
    payload: JSON.stringify(Payload),
    requestId,
    traceHeader: `Root=${traceId};Parent=${span};Sampled=1`,
  });
  const functionName = FunctionName.slice(FunctionName.lastIndexOf(':') + 1);
  traces.invocation({ functionName, requestId, traceId, parent: request.span, span, timing, outcome });
  if (outcome.status === 'error') throw new StatesError(outcome.errorType, outcome.cause);
  return { ExecutedVersion: '$LATEST', Payload: JSON.parse(outcome.payload), StatusCode: 200 };
};

/** The execution and its machine are added to each event's resources, as Step Functions does. */
const putEvents = async (options: TaskOptions, request: TaskRequest): Promise<unknown> => {
  const { bus } = options;
  const { Entries } = parseArguments(eventsArguments, request);
  for (const { Source } of Entries)
    demand(options, request, 'events:PutEvents', DEFAULT_BUS, { 'events:source': Source });
  const { Execution, StateMachine } = request.execution;
  const answer = await bus.put(
    Entries.map((one) => ({
      ...one,
      Detail: typeof one.Detail === 'string' ? one.Detail : JSON.stringify(one.Detail),
      Resources: [...(one.Resources ?? []), StateMachine.Id, Execution.Id],
    })),
  );
  if (answer.FailedEntryCount > 0) throw new StatesError('EventBridge.FailedEntry', JSON.stringify(answer));
  return answer;
};

/** The errors that Step Functions gives a task whose service refuses the machine's role. */
const REFUSED = {
  'lambda:InvokeFunction': 'Lambda.AWSLambdaException',
  'events:PutEvents': 'EventBridge.AccessDeniedException',
} as const;

/** Throws StatesError unless the machine's role may do this. */
const demand = (
  { callerOf }: TaskOptions,
  { execution }: TaskRequest,
  action: keyof typeof REFUSED,
  resource: string,
  context?: ConditionContext,
): void => {
  const { RoleArn, Name } = execution.Execution;
  const refusal = callerOf(RoleArn, Name).refusalOf(action, resource, context);
  if (refusal !== undefined) throw new StatesError(REFUSED[action], refusal);
};

const parseArguments = <T>(schema: z.ZodType<T>, request: TaskRequest): T => {
  const parsed = schema.safeParse(request.arguments);
  if (parsed.success) return parsed.data;
  throw new StatesError(STATES.runtime, `Arguments of ${request.path}: ${z.prettifyError(parsed.error)}`);
};
