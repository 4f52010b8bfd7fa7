import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  DefinitionBody,
  type IChainable,
  LogLevel,
  QueryLanguage,
  type RetryProps,
  StateMachine,
  StateMachineType,
  TaskInput,
  type TaskStateBase,
  Timeout,
} from 'aws-cdk-lib/aws-stepfunctions';
import {
  EventBridgePutEvents,
  LambdaInvocationType,
  LambdaInvoke,
} from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { EVENT_SOURCE } from '../../shared/state/messages.ts';
import { acknowledge } from './acknowledge.ts';
import { EVENT_RETRY } from './retry-policies.ts';
import type { StateFunction } from './state-function.ts';

/** An Express execution ends after 5 minutes at most: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const EXECUTION_TIMEOUT = Duration.seconds(295);

/**
 * Where the machine of a construct logs. The prefix keeps the account's log resource policy short:
 * https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
 */
export const machineLogGroup = (path: string): string =>
  `/aws/vendedlogs/states/${path.replaceAll('/', '-')}`;

/** A state machine as all of ours are: Express, JSONata, everything logged, traced, over before Express ends it. */
export class ExpressMachine extends Construct {
  readonly machine: StateMachine;

  constructor(
    scope: Construct,
    id: string,
    comment: string,
    functions: readonly StateFunction[],
    define: (self: Construct) => IChainable,
  ) {
    super(scope, id);
    this.machine = new StateMachine(this, 'Machine', {
      comment,
      definitionBody: DefinitionBody.fromChainable(define(this)),
      queryLanguage: QueryLanguage.JSONATA,
      stateMachineType: StateMachineType.EXPRESS,
      timeout: EXECUTION_TIMEOUT,
      tracingEnabled: true,
      logs: {
        level: LogLevel.ALL,
        includeExecutionData: true,
        destination: new LogGroup(this, 'Logs', {
          logGroupName: machineLogGroup(this.node.path),
          retention: RetentionDays.ONE_MONTH,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      },
    });
    acknowledge(this.machine, {
      'IAM5[Resource::*]':
        'log delivery and X-Ray take no resource: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html',
    });
    for (const { function: called } of functions) {
      const name = Stack.of(called).getLogicalId(called.node.defaultChild as CfnFunction);
      acknowledge(this.machine, {
        [`IAM5[Resource::<${name}.Arn>:*]`]: 'versions of the one function it calls',
      });
    }
  }
}

export interface InvokeProps {
  /** The function's input: JSON whose `{% … %}` strings are JSONata. */
  readonly payload: Record<string, unknown> | string;
  readonly retry: readonly RetryProps[];
  /** Variables set from the function's answer. @default - none */
  readonly assign?: Record<string, unknown>;
  /** Longest time the state waits for the function. @default 65 seconds: over the functions' own minute */
  readonly timeout?: Duration;
  /** The function is started and not waited for: it may take longer than the execution. @default false */
  readonly isAsync?: boolean;
}

/** A state that calls the function of its own name, and gives its answer on. */
export const invoke = (scope: Construct, on: StateFunction, props: InvokeProps): LambdaInvoke => {
  const state = LambdaInvoke.jsonata(scope, on.node.id, {
    stateName: on.node.id,
    lambdaFunction: on.function,
    payload:
      typeof props.payload === 'string'
        ? TaskInput.fromText(props.payload)
        : TaskInput.fromObject(props.payload),
    outputs: props.isAsync === true ? {} : '{% $states.result.Payload %}',
    ...(props.isAsync === true && { invocationType: LambdaInvocationType.EVENT }),
    // The construct's own retry waits up to 126 s, nearly half of an Express execution.
    retryOnServiceExceptions: false,
    taskTimeout: Timeout.duration(props.timeout ?? Duration.seconds(65)),
    ...(props.assign !== undefined && { assign: props.assign }),
  });
  for (const retry of props.retry) state.addRetry(retry);
  return state;
};

/**
 * A state that puts events of ours on the default bus by one call, and gives its input on; details are JSONata. Where the bus refuses one of them the
 * state fails, and tries all again: https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
 */
export const putEvents = (
  scope: Construct,
  state: string,
  details: Readonly<Record<string, string>>,
): TaskStateBase =>
  EventBridgePutEvents.jsonata(scope, state, {
    stateName: state,
    entries: Object.entries(details).map(([detailType, detail]) => ({
      source: EVENT_SOURCE,
      detailType,
      detail: TaskInput.fromText(detail),
    })),
    outputs: '{% $states.input %}',
  }).addRetry(EVENT_RETRY);
