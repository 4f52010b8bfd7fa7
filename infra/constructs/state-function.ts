import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  CfnFunction,
  Code,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { DeploymentNames } from '../../shared/state/deployment-names.ts';
import type { FindBundle } from '../bundles.ts';
import { memoryMibOf } from '../function-memory.ts';
import { acknowledge } from './acknowledge.ts';
import { queueKeyRight } from './grant-queue-key.ts';

export interface StateFunctionProps {
  /** Finds the folder that holds the handler's bundle, index.cjs. */
  readonly findBundle: FindBundle;
  readonly names: DeploymentNames;
  /** Variables of the function's own. @default - none */
  readonly environment?: Record<string, string>;
  /** @default 1 minute */
  readonly timeout?: Duration;
  /** Takes what it could not do, where it is invoked asynchronously. @default - it is not */
  readonly deadLetters?: Queue;
  /** Subnets and security groups that it runs in. @default - no network of the account */
  readonly network?: FunctionNetwork | undefined;
  /** A role shared with other functions, made by `functionRole`. @default - a role of its own */
  readonly role?: Role;
}

export interface FunctionNetwork {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

/** The Lambda that serves one state: named as the state, bundled from the handler of its name. */
export class StateFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;
  /** In MiB. */
  readonly memorySize: number;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, state: string, props: StateFunctionProps) {
    super(scope, state);
    this.logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.memorySize = memoryMibOf(state);
    this.role = props.role ?? functionRole(this, 'Role');
    this.role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [this.logGroup.logGroupArn],
      }),
    );
    this.function = new LambdaFunction(this, 'Function', {
      code: Code.fromAsset(props.findBundle(state)),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: this.memorySize,
      timeout: props.timeout ?? Duration.minutes(1),
      tracing: Tracing.ACTIVE,
      logGroup: this.logGroup,
      role: this.role.withoutPolicyUpdates(),
      environment: { POWERTOOLS_SERVICE_NAME: props.names.service, ...props.environment },
      ...(props.deadLetters !== undefined && { deadLetterQueue: props.deadLetters }),
    });
    if (props.network !== undefined) this.enter(props.network);
    if (props.deadLetters !== undefined) {
      this.needs(
        new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [props.deadLetters.queueArn] }),
      );
      const right = queueKeyRight(props.deadLetters);
      if (right !== undefined) this.needs(right);
    }
  }

  /** Gives a right that Lambda checks when it creates the function. */
  private needs(right: PolicyStatement): void {
    const { policyDependable } = this.role.addToPrincipalPolicy(right);
    if (policyDependable !== undefined) this.function.node.addDependency(policyDependable);
  }

  /** By ids alone, as they are given: the constructs of CDK ask for the whole network first. */
  private enter({ subnetIds, securityGroupIds }: FunctionNetwork): void {
    const { defaultChild } = this.function.node;
    if (!(defaultChild instanceof CfnFunction)) throw new Error('the function has no resource of its own');
    defaultChild.vpcConfig = { subnetIds: [...subnetIds], securityGroupIds: [...securityGroupIds] };
    // https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
    this.needs(
      new PolicyStatement({
        actions: [
          'ec2:CreateNetworkInterface',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeSubnets',
          'ec2:DeleteNetworkInterface',
          'ec2:AssignPrivateIpAddresses',
          'ec2:UnassignPrivateIpAddresses',
        ],
        resources: ['*'],
      }),
    );
  }
}

/** A role for one function, or for several that have to be one principal. */
export const functionRole = (scope: Construct, id: string): Role => {
  const role = new Role(scope, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  role.addToPolicy(
    new PolicyStatement({ actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], resources: ['*'] }),
  );
  acknowledge(role, {
    'IAM5[Resource::*]':
      'X-Ray has no resources to name; the Data API lets a statement be described by no ARN',
  });
  return role;
};
