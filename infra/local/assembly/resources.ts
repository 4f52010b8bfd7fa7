import * as z from 'zod';
import { InvalidInput } from '../../../shared/errors.ts';
import type { BucketConfig } from '../s3/call.ts';
import type { LifecycleRule } from '../s3/lifecycle-rule.ts';
import { ACCESS_BEHAVIOURS, type AccessModel } from './access-resources.ts';
import { environmentVariables } from './environment.ts';
import { type SecretModel, toGeneratedSecret } from './generated-secret.ts';
import { lifecycleConfiguration, toLifecycle } from './lifecycle.ts';
import { parseProperties as parse, type Resolved } from './resolved.ts';
import { type RuleTarget, rule, toRuleTarget } from './rules.ts';

export interface BucketModel extends BucketConfig {
  readonly lifecycle: readonly LifecycleRule[];
}

export interface FunctionModel {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  /** Folder of the unzipped bundle. */
  readonly codeFolder: string;
  readonly handler: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly reservedConcurrency?: number | undefined;
}

export interface MachineModel {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  /** JSON text. */
  readonly definition: string;
}

export interface RuleModel {
  readonly name: string;
  readonly pattern: Readonly<Record<string, unknown>>;
  readonly isEnabled: boolean;
  readonly targets: readonly RuleTarget[];
}

export interface ScheduleModel {
  readonly name: string;
  readonly arn: string;
  readonly expression: string;
  readonly timeZone: string;
  readonly isEnabled: boolean;
  readonly machineArn: string;
  readonly roleArn: string;
  readonly input: string;
}

export interface NamespaceModel {
  readonly name: string;
  readonly database: string;
  /** ARNs of the roles that COPY may assume. */
  readonly roles: readonly string[];
  /** The one that `IAM_ROLE default` means. */
  readonly defaultRole?: string | undefined;
}

export interface Model extends AccessModel {
  readonly buckets: BucketModel[];
  readonly functions: FunctionModel[];
  readonly machines: MachineModel[];
  readonly rules: RuleModel[];
  readonly schedules: ScheduleModel[];
  readonly namespaces: NamespaceModel[];
  readonly workgroups: { readonly name: string; readonly namespace: string }[];
  readonly secrets: SecretModel[];
}

/** Types without behaviour on one machine: encryption, retention and alarms are AWS's matter. */
export const INERT_TYPES: readonly string[] = [
  'AWS::KMS::Key',
  'AWS::KMS::Alias',
  'AWS::Logs::LogGroup',
  'AWS::Logs::QueryDefinition',
  'AWS::XRay::Group',
  'AWS::XRay::SamplingRule',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::Scheduler::ScheduleGroup',
  'AWS::Lambda::Permission',
  'AWS::CDK::Metadata',
];

const ignored = z.unknown().optional();
const text = z.string();

const bucket = z.strictObject({
  BucketName: text.optional(),
  VersioningConfiguration: z.strictObject({ Status: z.enum(['Enabled', 'Suspended']) }).optional(),
  NotificationConfiguration: z
    .strictObject({
      EventBridgeConfiguration: z.strictObject({ EventBridgeEnabled: z.literal(true) }).optional(),
    })
    .optional(),
  BucketEncryption: ignored,
  LifecycleConfiguration: lifecycleConfiguration.optional(),
  LoggingConfiguration: ignored,
  OwnershipControls: ignored,
  PublicAccessBlockConfiguration: ignored,
  Tags: ignored,
});

const lambda = z.strictObject({
  FunctionName: text.optional(),
  Code: z.strictObject({ S3Bucket: text, S3Key: text.regex(/^[0-9a-f]+\.zip$/) }),
  Handler: text,
  Runtime: z.literal('nodejs24.x'),
  MemorySize: z.coerce.number().int().min(128).max(10_240).default(128),
  Timeout: z.coerce.number().int().min(1).max(900).default(3),
  Environment: z.strictObject({ Variables: environmentVariables.default({}) }).optional(),
  ReservedConcurrentExecutions: z.coerce.number().int().min(0).optional(),
  Architectures: ignored,
  DeadLetterConfig: ignored,
  Description: ignored,
  EphemeralStorage: ignored,
  KmsKeyArn: ignored,
  LoggingConfig: ignored,
  Role: text,
  Tags: ignored,
  TracingConfig: ignored,
  VpcConfig: ignored, // one machine is one network
});

const machine = z.strictObject({
  StateMachineName: text.optional(),
  StateMachineType: z.literal('EXPRESS'),
  DefinitionString: text,
  RoleArn: text,
  LoggingConfiguration: ignored,
  TracingConfiguration: ignored,
  Tags: ignored,
});

const schedule = z.strictObject({
  Name: text.optional(),
  ScheduleExpression: text,
  ScheduleExpressionTimezone: text.default('UTC'),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  FlexibleTimeWindow: z.strictObject({ Mode: z.literal('OFF') }),
  Target: z.strictObject({
    Arn: text,
    Input: text,
    RoleArn: text,
    DeadLetterConfig: ignored,
    RetryPolicy: ignored,
  }),
  GroupName: ignored,
  Description: ignored,
  KmsKeyArn: ignored,
});

const namespace = z.strictObject({
  NamespaceName: text,
  DbName: text.default('dev'),
  IamRoles: z.array(text).default([]),
  DefaultIamRoleArn: text.optional(),
  AdminUsername: ignored,
  AdminUserPassword: ignored,
  LogExports: ignored,
  Tags: ignored,
});

const workgroup = z.strictObject({
  WorkgroupName: text,
  NamespaceName: text,
  BaseCapacity: ignored,
  MaxCapacity: ignored,
  ConfigParameters: ignored,
  PubliclyAccessible: ignored,
  SecurityGroupIds: ignored,
  SubnetIds: ignored,
  Tags: ignored,
});

const addFunction = (model: Model, resource: Resolved): void => {
  const read = parse(lambda, resource);
  const folder = resource.stack.assetFolders.get(read.Code.S3Key.slice(0, -'.zip'.length));
  if (folder === undefined) throw new InvalidInput(`the assembly has no asset ${read.Code.S3Key}`);
  model.functions.push({
    name: resource.name,
    arn: resource.identity.attributes.Arn ?? '',
    roleArn: read.Role,
    codeFolder: folder,
    handler: read.Handler,
    memoryMb: read.MemorySize,
    timeoutSeconds: read.Timeout,
    environment: read.Environment?.Variables ?? {},
    reservedConcurrency: read.ReservedConcurrentExecutions,
  });
};

const addRule = (model: Model, resource: Resolved): void => {
  const read = parse(rule, resource);
  model.rules.push({
    name: resource.name,
    pattern: read.EventPattern,
    isEnabled: read.State === 'ENABLED',
    targets: read.Targets.map(toRuleTarget),
  });
};

/** Types with behaviour. A property that is neither used nor known to be without effect here is refused by name. */
export const BEHAVIOURS: Readonly<Record<string, (model: Model, resource: Resolved) => void>> = {
  ...ACCESS_BEHAVIOURS,
  'AWS::S3::Bucket': (model, resource) => {
    const read = parse(bucket, resource);
    const isVersioned = read.VersioningConfiguration?.Status === 'Enabled';
    model.buckets.push({
      name: resource.name,
      isVersioned,
      stack: resource.stack.name,
      hasEventBridge: read.NotificationConfiguration?.EventBridgeConfiguration !== undefined,
      lifecycle: toLifecycle(read.LifecycleConfiguration, isVersioned),
    });
  },
  'AWS::Lambda::Function': addFunction,
  'AWS::StepFunctions::StateMachine': (model, resource) => {
    const read = parse(machine, resource);
    model.machines.push({
      name: resource.name,
      arn: resource.identity.ref,
      roleArn: read.RoleArn,
      definition: read.DefinitionString,
    });
  },
  'AWS::Events::Rule': addRule,
  'AWS::Scheduler::Schedule': (model, resource) => {
    const read = parse(schedule, resource);
    model.schedules.push({
      name: resource.name,
      arn: resource.identity.attributes.Arn ?? '',
      expression: read.ScheduleExpression,
      timeZone: read.ScheduleExpressionTimezone,
      isEnabled: read.State === 'ENABLED',
      machineArn: read.Target.Arn,
      roleArn: read.Target.RoleArn,
      input: read.Target.Input,
    });
  },
  'AWS::RedshiftServerless::Namespace': (model, resource) => {
    const read = parse(namespace, resource);
    model.namespaces.push({
      name: resource.name,
      database: read.DbName,
      roles: read.IamRoles,
      defaultRole: read.DefaultIamRoleArn,
    });
  },
  'AWS::RedshiftServerless::Workgroup': (model, resource) => {
    model.workgroups.push({ name: resource.name, namespace: parse(workgroup, resource).NamespaceName });
  },
  'AWS::SecretsManager::Secret': (model, resource) => {
    model.secrets.push(toGeneratedSecret(resource));
  },
};
