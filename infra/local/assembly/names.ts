import { createHash } from 'node:crypto';
import { InvalidInput } from '../../../shared/errors.ts';

/** Where everything lives; AWS's own example account, so that nobody's is meant. */
export const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';

/** A resource as intrinsics refer to it: its name, what Ref gives, and its attributes. */
export interface Identity {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
const arnOfPolicy = (name: string): string => `arn:aws:iam::${ACCOUNT}:policy/${name}`;
const named = (name: string, service: string, resource: string): Identity => ({
  ref: name,
  attributes: { Arn: arn(service, resource) },
});

/** The property that names a resource of a type, where it has one. */
export const NAME_PROPERTY: Readonly<Record<string, string>> = {
  'AWS::S3::Bucket': 'BucketName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::StepFunctions::StateMachine': 'StateMachineName',
  'AWS::Events::Rule': 'Name',
  'AWS::Scheduler::Schedule': 'Name',
  'AWS::Scheduler::ScheduleGroup': 'Name',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::RedshiftServerless::Namespace': 'NamespaceName',
  'AWS::RedshiftServerless::Workgroup': 'WorkgroupName',
  'AWS::SecretsManager::Secret': 'Name',
};

const IDENTITIES: Readonly<Record<string, (name: string) => Identity>> = {
  'AWS::S3::Bucket': (name) => ({
    ref: name,
    attributes: {
      Arn: `arn:aws:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${REGION}.amazonaws.com`,
    },
  }),
  'AWS::Lambda::Function': (name) => named(name, 'lambda', `function:${name}`),
  'AWS::StepFunctions::StateMachine': (name) => {
    const machine = arn('states', `stateMachine:${name}`);
    return { ref: machine, attributes: { Arn: machine, Name: name } };
  },
  'AWS::Events::Rule': (name) => named(name, 'events', `rule/${name}`),
  'AWS::Scheduler::Schedule': (name) => named(name, 'scheduler', `schedule/default/${name}`),
  'AWS::Scheduler::ScheduleGroup': (name) => named(name, 'scheduler', `schedule-group/${name}`),
  'AWS::SQS::Queue': (name) => ({
    ref: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`,
    attributes: { Arn: arn('sqs', name), QueueName: name },
  }),
  'AWS::SNS::Topic': (name) => ({
    ref: arn('sns', name),
    attributes: { TopicArn: arn('sns', name), TopicName: name },
  }),
  'AWS::IAM::Role': (name) => ({ ref: name, attributes: { Arn: `arn:aws:iam::${ACCOUNT}:role/${name}` } }),
  'AWS::IAM::Policy': (name) => ({ ref: name, attributes: {} }),
  'AWS::IAM::ManagedPolicy': (name) => ({
    ref: arnOfPolicy(name),
    attributes: { PolicyArn: arnOfPolicy(name) },
  }),
  'AWS::S3::BucketPolicy': (name) => ({ ref: name, attributes: {} }),
  'AWS::KMS::Key': (name) => {
    const digits = createHash('sha256').update(name).digest('hex');
    const id = `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
    return { ref: id, attributes: { Arn: arn('kms', `key/${id}`), KeyId: id } };
  },
  'AWS::Logs::LogGroup': (name) => named(name, 'logs', `log-group:${name}:*`),
  'AWS::CloudWatch::Alarm': (name) => named(name, 'cloudwatch', `alarm:${name}`),
  'AWS::RedshiftServerless::Namespace': (name) => ({
    ref: name,
    attributes: {
      'Namespace.NamespaceArn': arn('redshift-serverless', `namespace/${name}`),
      'Namespace.NamespaceName': name,
    },
  }),
  'AWS::RedshiftServerless::Workgroup': (name) => ({
    ref: name,
    attributes: {
      'Workgroup.WorkgroupArn': arn('redshift-serverless', `workgroup/${name}`),
      'Workgroup.WorkgroupName': name,
    },
  }),
  'AWS::SecretsManager::Secret': (name) => {
    const secret = arn('secretsmanager', `secret:${name}-000000`);
    return { ref: secret, attributes: { Id: secret } };
  },
};

/** What Ref and GetAtt give of a resource. Throws InvalidInput for a type that nothing should refer to. */
export const identityOf = (type: string, name: string): Identity => {
  const identify = IDENTITIES[type];
  if (identify === undefined) throw new InvalidInput(`a reference to a ${type} (${name}) is not supported`);
  return identify(name);
};

/**
 * The name that a resource gets when its template gives it none: the same in every synthesis. CloudFormation would
 * add random letters; bucket names are lower case and have at most 63 characters.
 */
export const physicalName = (type: string, stack: string, logicalId: string): string => {
  const name = `${stack}-${logicalId}`;
  if (type !== 'AWS::S3::Bucket') return name;
  const lower = name.toLowerCase();
  if (lower.length <= 63) return lower;
  return `${lower.slice(0, 54)}-${createHash('sha256').update(lower).digest('hex').slice(0, 8)}`;
};
