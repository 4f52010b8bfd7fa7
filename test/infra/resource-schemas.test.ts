import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { Feed } from '../../shared/model/feed.ts';
import { dropsFeed, itemsFeed } from '../handlers/extract/world.ts';
import { loadResourceSpec, type TemplateResource } from './resource-spec.ts';
import { synthesized } from './synthesized.ts';

/** The templates against CloudFormation's own resource types: what it refuses when a deployment is under way. */

const spec = loadResourceSpec();

const COPY_ROLE = 'arn:aws:iam::123456789012:role/copy';
const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/1a2b3c4d-0000-1111-2222-333344445555';
const VARIANTS = {
  'its own warehouse': {},
  'its own warehouse in subnets': {
    'millrace:env': 'test',
    'millrace:subnetIds': 'subnet-0000000a,subnet-0000000b,subnet-0000000c',
    'millrace:securityGroupIds': 'sg-0000000a',
    'millrace:sourceSubnetIds': 'subnet-0000000a',
    'millrace:sourceSecurityGroupIds': 'sg-0000000a',
    'millrace:secretKeyArns': KEY,
    'millrace:sourceKeyArns': KEY,
    'millrace:kmsKeyArn': KEY,
    'millrace:alarmTopicArn': 'arn:aws:sns:eu-central-1:123456789012:alarms',
  },
  'a workgroup that exists': { 'millrace:workgroupName': 'dwh', 'millrace:copyRoleArn': COPY_ROLE },
  'a cluster that exists': { 'millrace:clusterIdentifier': 'dwh', 'millrace:copyRoleArn': COPY_ROLE },
};

/** With whatever a feed can bring about. */
const feeds = (): Record<string, Feed> => {
  const [items, drops] = [itemsFeed(), dropsFeed()];
  if (items.source.kind !== 'http') throw new Error(items.source.kind);
  const auth = { kind: 'bearer' as const, secret: 'millrace/jazz' };
  return {
    items: {
      ...items,
      load: { everyMs: 900_000 },
      source: { ...items.source, auth, caSecret: 'millrace/ca', network: 'vpc' },
    },
    drops: { ...drops, source: { kind: 's3', suffixes: ['.xml'], bucket: 'of-others', prefix: 'drops/' } },
  };
};

const problemsIn = (template: Template): readonly string[] => {
  const resources: Readonly<Record<string, TemplateResource>> = template.toJSON().Resources;
  return Object.entries(resources).flatMap(([id, resource]) => spec.problemsOf(id, resource));
};

describe('the templates', () => {
  it.each(Object.entries(VARIANTS))(
    'with %s are such as CloudFormation publishes its types',
    (_, context) => {
      const network = {
        'millrace:sourceSubnetIds': 'subnet-0000000b',
        'millrace:sourceSecurityGroupIds': 'sg-0000000b',
      };
      const { storage, warehouse, pipeline } = synthesized({ ...network, ...context }, feeds());
      for (const template of [storage, warehouse, pipeline]) expect(problemsIn(template)).toEqual([]);
    },
  );
});

describe('the check of a template', () => {
  const problems = (Type: string, Properties: Record<string, unknown>) =>
    spec.problemsOf('Id', { Type, Properties });

  it('takes what is right, and any intrinsic function', () => {
    const Code = { S3Bucket: { Ref: 'Bucket' }, S3Key: { 'Fn::Sub': 'x' } };
    expect(problems('AWS::Lambda::Function', { Code, Role: { Ref: 'Role' }, Timeout: 3 })).toEqual([]);
  });

  it.each([
    ['AWS::Lambda::Functions', {}, 'there is no type AWS::Lambda::Functions'],
    ['AWS::SQS::Queue', { QueuName: 'q' }, 'there is no property QueuName'],
    ['AWS::SQS::Queue', { DelaySeconds: '3' }, '.DelaySeconds: got "3", allowed a integer'],
    ['AWS::SQS::Queue', { Tags: [{ Key: 'a' }] }, '.Tags[0]: Value is missing'],
    ['AWS::SQS::Queue', { Tags: { Key: 'a' } }, '.Tags: got {"Key":"a"}, allowed a list'],
    ['AWS::RedshiftServerless::Workgroup', {}, 'WorkgroupName is missing'],
    ['AWS::Lambda::Function', { Code: {}, Role: 'r', TracingConfig: { Mode: 'On' } }, 'got "On", allowed'],
  ])('refuses %s %j', (type, properties, problem) => {
    expect(problems(type, properties).join()).toContain(problem);
  });
});
