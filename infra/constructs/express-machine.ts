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
import type { DeploymentNames } from '../../shared/state/deployment-names.ts';
import { acknowledge } from './acknowledge.ts';
import { EVENT_RETRY } from './retry-policies.ts';
import type { StateFunction } from './state-function.ts';

/** An Express execution ends after 5 minutes at most: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const EXECUTION_TIMEOUT = Duration.seconds(295);

/** Makes a state that puts events of this deployment on the default bus by one call, and gives its input on; details are JSONata. */
export type PutEvents = (state: string, details: Readonly<Record<string, string>>) => TaskStateBase;

export interface ExpressMachineProps {
  readonly comment: string;
  readonly names: DeploymentNames;
  /** The functions that it calls. */
  readonly functions: readonly StateFunction[];
  readonly define: (self: Construct, putEvents: PutEvents) => IChainable;
}

/** A state machine as all of ours are: Express, JSONata, everything logged, traced, over before Express ends it. */
export class ExpressMachine extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, { comment, names, functions, define }: ExpressMachineProps) {
    super(scope, id);
    const putEvents: PutEvents = (state, details) =>
      new PutOwnEvents(this, state, names.eventSource, details);
    this.machine = new StateMachine(this, 'Machine', {
      comment,
      definitionBody: DefinitionBody.fromChainable(define(this, putEvents)),
      queryLanguage: QueryLanguage.JSONATA,
      stateMachineType: StateMachineType.EXPRESS,
      timeout: EXECUTION_TIMEOUT,
      tracingEnabled: true,
      logs: {
        level: LogLevel.ALL,
        includeExecutionData: true,
        destination: new LogGroup(this, 'Logs', {
          logGroupName: names.machineLogGroup(id),
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
 * Where the bus refuses one of the events the state fails, and tries all again:
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
 */
class PutOwnEvents extends EventBridgePutEvents {
  constructor(scope: Construct, state: string, source: string, details: Readonly<Record<string, string>>) {
    super(scope, state, {
      queryLanguage: QueryLanguage.JSONATA,
      stateName: state,
      entries: Object.entries(details).map(([detailType, detail]) => ({
        source,
        detailType,
        detail: TaskInput.fromText(detail),
      })),
      outputs: '{% $states.input %}',
    });
    for (const right of this.taskPolicies ?? [])
      right.addCondition('StringEquals', { 'events:source': source });
    this.addRetry(EVENT_RETRY);
  }
}
