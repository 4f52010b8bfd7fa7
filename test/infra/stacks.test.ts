import { readFileSync } from 'node:fs';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { NEEDS } from '../../shared/attention/registry.ts';
import * as errors from '../../shared/errors.ts';
import { InvalidInput } from '../../shared/errors.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { extractTrigger, loadTrigger } from '../../shared/state/messages.ts';
import { dropsFeed, itemsFeed } from '../handlers/extract/world.ts';
import { synthesized } from './synthesized.ts';

const { storage, pipeline, warehouse } = synthesized();

const COPY_ROLE = 'arn:aws:iam::123456789012:role/copy';
// Redshift's own secrets have an exclamation mark in their names.
const SECRET = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:redshift!dwh-admin-AbCdEf';
const WORKGROUP =
  'arn:aws:redshift-serverless:eu-central-1:123456789012:workgroup/a1b2c3d4-0000-1111-2222-333344445555';
const ON_WORKGROUP = { 'millrace:workgroupName': 'analytics', 'millrace:copyRoleArn': COPY_ROLE };
const ON_CLUSTER = { 'millrace:clusterIdentifier': 'dwh', 'millrace:copyRoleArn': COPY_ROLE };

const expectSubmitting = (template: Template, resource: unknown): void =>
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Action: Match.arrayWith(['redshift-data:BatchExecuteStatement']),
          Resource: resource,
        }),
      ]),
    },
  });

const joinedWith = (suffix: string): object => ({ 'Fn::Join': ['', Match.arrayWith([suffix])] });

describe('the bucket', () => {
  it('is versioned, encrypted, private, and tells EventBridge natively', () => {
    storage.hasResource('AWS::S3::Bucket', {
      Properties: Match.objectLike({
        VersioningConfiguration: { Status: 'Enabled' },
        NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
        BucketEncryption: Match.anyValue(),
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      }),
    });
  });

  it('aborts uploads that nobody completes, and expires no current version', () => {
    storage.hasResourceProperties('AWS::S3::Bucket', {
      VersioningConfiguration: Match.anyValue(),
      LifecycleConfiguration: {
        Rules: Match.arrayWith([
          Match.objectLike({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }),
        ]),
      },
    });
    const buckets = Object.values(storage.findResources('AWS::S3::Bucket'));
    const rules = buckets
      .filter((bucket) => bucket.Properties.VersioningConfiguration !== undefined)
      .flatMap((bucket) => bucket.Properties.LifecycleConfiguration.Rules);
    for (const rule of rules) expect(rule).not.toHaveProperty('ExpirationInDays');
  });

  it('answers over TLS alone', () => {
    storage.allResourcesProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
  });
});

describe('the warehouse', () => {
  it('is a Redshift Serverless workgroup of our own by default', () => {
    warehouse.resourceCountIs('AWS::RedshiftServerless::Workgroup', 1);
  });

  it('has a database of any name that Redshift takes, and physical names without it', () => {
    const { warehouse } = synthesized({ 'millrace:database': 'etl_prod' });
    warehouse.hasResourceProperties('AWS::RedshiftServerless::Namespace', {
      NamespaceName: Match.stringLikeRegexp('^[a-z0-9-]{3,64}$'),
      DbName: 'etl_prod',
    });
  });

  it('lives in the subnets and security groups that are given', () => {
    const { warehouse } = synthesized({
      'millrace:subnetIds': 'subnet-0000000a,subnet-0000000b, subnet-0000000c',
      'millrace:securityGroupIds': 'sg-0000000a',
    });
    warehouse.hasResourceProperties('AWS::RedshiftServerless::Workgroup', {
      SubnetIds: ['subnet-0000000a', 'subnet-0000000b', 'subnet-0000000c'],
      SecurityGroupIds: ['sg-0000000a'],
    });
  });

  it('may be a workgroup that exists', () => {
    const existing = synthesized(ON_WORKGROUP);
    existing.warehouse.resourceCountIs('AWS::RedshiftServerless::Workgroup', 0);
    existing.pipeline.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({ WAREHOUSE: '{"workgroupName":"analytics","database":"millrace"}' }),
      },
    });
  });

  it('is left alone by a move to one that exists, and so is the bucket that both pipelines import', () => {
    expect(synthesized(ON_WORKGROUP).storage.toJSON()).toEqual(storage.toJSON());
    expect(JSON.stringify(storage.toJSON())).not.toContain('Redshift');
  });

  it('is the only workgroup that the functions may use', () => {
    const own = { 'Fn::ImportValue': Match.stringLikeRegexp('WorkgroupArn') };
    expectSubmitting(pipeline, own);
    expectSubmitting(
      synthesized({ ...ON_WORKGROUP, 'millrace:workgroupArn': WORKGROUP }).pipeline,
      WORKGROUP,
    );
  });

  it('that exists reads the bucket by the role that is given, with nothing to be done by hand', () => {
    const { pipeline } = synthesized(ON_CLUSTER);
    pipeline.hasResourceProperties('AWS::IAM::Policy', {
      Roles: ['copy'],
      PolicyDocument: {
        Statement: [
          Match.objectLike({
            Action: 's3:GetObject',
            Resource: [joinedWith('/loads/*'), joinedWith('/staged/*')],
          }),
          Match.objectLike({ Action: 's3:ListBucket' }),
        ],
      },
    });
  });

  it('may be logged in to with a secret', () => {
    synthesized({ ...ON_WORKGROUP, 'millrace:secretArn': SECRET }).pipeline.hasResourceProperties(
      'AWS::IAM::Policy',
      {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({ Action: 'secretsmanager:GetSecretValue', Resource: SECRET }),
          ]),
        },
      },
    );
  });

  it('may be a cluster that exists', () => {
    const existing = synthesized(ON_CLUSTER);
    existing.pipeline.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Action: 'redshift:GetClusterCredentialsWithIAM' })]),
      },
    });
  });
});

describe('what holds data', () => {
  it.each([
    ['AWS::S3::Bucket', storage],
    ['AWS::RedshiftServerless::Namespace', warehouse],
    ['AWS::RedshiftServerless::Workgroup', warehouse],
    ['AWS::SecretsManager::Secret', warehouse],
  ])('is kept when its stack goes, but not when its stack never came to be: %s', (type, template) => {
    template.allResources(type, { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });
});

describe('the outputs', () => {
  it.each([
    ['a workgroup', ON_WORKGROUP, { WorkgroupName: 'analytics', CopyRoleArn: COPY_ROLE }],
    ['a cluster', ON_CLUSTER, { ClusterIdentifier: 'dwh', CopyRoleArn: COPY_ROLE }],
    ['one of our own', {}, { WorkgroupName: 'millracewarehouse', CopyRoleArn: Match.anyValue() }],
  ])('name all that an operator of a warehouse asks for: %s', (_what, context, values) => {
    const { pipeline } = synthesized(context);
    for (const [name, Value] of Object.entries(values)) pipeline.hasOutput(name, { Value });
    pipeline.hasOutput('BucketName', { Value: Match.anyValue() });
    pipeline.hasOutput('WarehouseRoleName', { Value: Match.anyValue() });
    pipeline.hasOutput('WarehouseRoleArn', { Value: Match.anyValue() });
  });
});

describe('a feed that its file holds', () => {
  it('has its schedules, and none of them is enabled', () => {
    const held = { ...itemsFeed(), load: { everyMs: 300_000 }, paused: true as const };
    const statesOf = (feed: Feed) =>
      Object.entries(synthesized({}, { items: feed }).pipeline.findResources('AWS::Scheduler::Schedule'))
        .filter(([id]) => !id.startsWith('SweepSchedule'))
        .map(([, { Properties }]) => Properties.State);
    expect(statesOf(held)).toEqual(['DISABLED', 'DISABLED']);
    expect(statesOf({ ...held, paused: undefined })).toEqual(['ENABLED', 'ENABLED']);
  });
});

describe('a feed with a cadence', () => {
  it('has a schedule that starts Load by the clock, in UTC and in one minute for all', () => {
    const feeds = { drops: { ...dropsFeed(), load: { everyMs: 300_000 } }, items: itemsFeed() };
    const { pipeline } = synthesized({}, feeds);
    const schedules = Object.values(pipeline.findResources('AWS::Scheduler::Schedule'));
    const due = schedules.filter(({ Properties }) => /LoadDue/.test(JSON.stringify(Properties)));
    expect(due).toHaveLength(1);
    expect(due[0]?.Properties).toMatchObject({
      ScheduleExpression: 'cron(0/5 * * * ? *)',
      ScheduleExpressionTimezone: 'Etc/UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Input: expect.anything() },
    });
    const input = JSON.parse(due[0]?.Properties.Target.Input);
    const trigger = JSON.parse(
      JSON.stringify(input).replace('<aws.scheduler.scheduled-time>', '2026-11-23T12:05:00Z'),
    );
    expect(loadTrigger.parse(trigger)).toEqual(trigger);
    expect(extractTrigger.safeParse(trigger).success).toBe(false);
  });
});

describe('the settings', () => {
  it('say what they got and what is allowed', () => {
    expect(() => synthesized({ 'millrace:database': 'ETL prod' })).toThrow(/got "ETL prod", allowed .*a-z/);
  });

  it('are refused in a line a problem, which names the setting, or the nearest one', () => {
    const context = {
      ...{ 'millrace:copyRoleArn': 'x', 'millrace:workgroup': 'x', 'millrace:databse': 'x' },
      ...{
        'millrace:subnetIds': 'subnet-0000000a,no',
        'millrace:env': 3,
        'millrace:loopbackSources': 'perhaps',
        'millrace:loadEvery': '45m',
      },
    };
    let message = '';
    try {
      synthesized(context);
    } catch (error) {
      message = error instanceof InvalidInput ? error.message : '';
    }
    expect(message.split('\n').sort()).toEqual([
      'context millrace:copyRoleArn: got "x", allowed an ARN such as arn:aws:iam::123456789012:role/copy',
      'context millrace:databse: unknown setting, did you mean millrace:database',
      'context millrace:env: got 3, allowed 1 to 16 of a-z, 0-9 and -, a letter first, no - last',
      "context millrace:loadEvery: got '45m', allowed 1m 2m 3m 4m 5m 6m 10m 12m 15m 20m 30m 1h 2h 3h 4h 6h 8h 12h 1d, which divide an hour or a day: write 30m or 1h",
      'context millrace:loopbackSources: got "perhaps", allowed true or false',
      'context millrace:subnetIds[1]: got "no", allowed subnet-0a1b2c3d4e5f60718 and the like',
      'context millrace:workgroup: unknown setting, did you mean millrace:workgroupName or millrace:workgroupArn',
    ]);
  });

  it.each([
    [{ 'millrace:workgroup': 'x' }, 'workgroup'],
    [{ 'millrace:env': 'default' }, 'as commands call the deployment without one so'],
    [{ 'millrace:workgroupName': 'dwh' }, 'millrace:copyRoleArn'],
    [{ 'millrace:copyRoleArn': COPY_ROLE }, 'millrace:copyRoleArn'],
    [{ 'millrace:workgroupName': 'dwh', 'millrace:clusterIdentifier': 'y' }, 'clusterIdentifier'],
    [{ 'millrace:secretArn': SECRET }, 'millrace:secretArn'],
    [{ ...ON_CLUSTER, 'millrace:workgroupArn': WORKGROUP }, 'millrace:workgroupArn'],
    [{ ...ON_CLUSTER, 'millrace:subnetIds': 'subnet-0000000a' }, 'millrace:subnetIds'],
    [{ ...ON_CLUSTER, 'millrace:securityGroupIds': 'sg-0000000a' }, 'millrace:securityGroupIds'],
    [{ 'millrace:database': 'a b' }, 'database'],
    [{ 'millrace:database': '' }, 'database'],
    [{ 'millrace:workgroupName': 'no', 'millrace:copyRoleArn': COPY_ROLE }, 'workgroupName'],
    [{ 'millrace:workgroupName': 'Dwh', 'millrace:copyRoleArn': COPY_ROLE }, 'workgroupName'],
    [{ 'millrace:clusterIdentifier': '1dwh', 'millrace:copyRoleArn': COPY_ROLE }, 'clusterIdentifier'],
    [{ 'millrace:clusterIdentifier': 'dwh', 'millrace:copyRoleArn': 'copy' }, 'copyRoleArn'],
    [{ ...ON_CLUSTER, 'millrace:secretArn': 'admin' }, 'secretArn'],
    [{ 'millrace:alarmTopicArn': 'alarms' }, 'alarmTopicArn'],
    [{ 'millrace:env': '../prod' }, 'env'],
    [{ 'millrace:env': 'Prod' }, 'env'],
    [{ 'millrace:env': 'prod-' }, 'env'],
    [{ 'millrace:env': 'default' }, 'env'],
    [{ 'millrace:env': 'a-name-of-17-chars' }, 'env'],
    [{ 'millrace:connections': '../prod' }, 'connections'],
    [{ 'millrace:feeds': '' }, 'feeds'],
    [{ 'millrace:subnetIds': 'subnet-0000000a, vpc-0000000a' }, 'subnetIds'],
    [{ 'millrace:securityGroupIds': 'default' }, 'securityGroupIds'],
    [{ 'millrace:loopbackSources': 'perhaps' }, 'loopbackSources'],
  ])('refuse %j, naming %s', (context, named) => {
    expect(() => synthesized(context)).toThrow(InvalidInput);
    expect(() => synthesized(context)).toThrow(named);
  });
});

describe('one role', () => {
  const rolesOf = (template: Template, of: RegExp) =>
    Object.entries(template.findResources('AWS::Lambda::Function'))
      .filter(([id]) => of.test(id))
      .map(([, resource]) => JSON.stringify(resource.Properties.Role));

  it('submits, describes and cancels statements, as only the submitter may ask what became of one', () => {
    const roles = rolesOf(pipeline, /SubmitLoad|DescribeLoad|SweepFunction/);
    expect(roles).toHaveLength(3);
    expect(new Set(roles).size).toBe(1);
  });

  it('prepares the warehouse too where it names the user', () => {
    const onTheirs = synthesized(ON_WORKGROUP).pipeline;
    const roles = rolesOf(onTheirs, /PrepareWarehouse|SubmitLoad|DescribeLoad|SweepFunction/);
    expect(roles).toHaveLength(4);
    expect(new Set(roles).size).toBe(1);
    expect(JSON.stringify(onTheirs.toJSON())).not.toContain('ADMIN_SECRET_ARN');
  });
});

describe('the user that loads into the created warehouse', () => {
  it('is not its admin, whose secret PrepareWarehouse alone may read', () => {
    const environments = Object.entries(pipeline.findResources('AWS::Lambda::Function')).map(
      ([id, { Properties }]) => [id, JSON.stringify(Properties.Environment)] as const,
    );
    const withAdmin = environments.filter(([, variables]) => variables.includes('Admin'));
    expect(withAdmin.map(([id]) => id)).toEqual([expect.stringContaining('PrepareWarehouse')]);
    const onWarehouse = environments.filter(([, variables]) => variables.includes('WarehouseLoader'));
    expect(onWarehouse).toHaveLength(4);
    const policies = Object.entries(pipeline.findResources('AWS::IAM::Policy'));
    const readers = policies.filter(([, policy]) => JSON.stringify(policy).includes('WarehouseAdmin'));
    expect(readers.map(([id]) => id)).toEqual([expect.stringContaining('PrepareRole')]);
  });
});

describe('SpoolPage', () => {
  it('has the longest time that there is, and leaves what it could not do to the dead letters', () => {
    const [[, { Properties, DependsOn }] = expect.unreachable()] = Object.entries(
      pipeline.findResources('AWS::Lambda::Function'),
    ).filter(([id]) => id.includes('SpoolPage'));
    expect(Properties.Timeout).toBe(900);
    // Lambda refuses a queue that the role may not send to yet.
    expect(DependsOn).toContainEqual(expect.stringMatching(/SpoolPageRoleDefaultPolicy/));
    const queue = Properties.DeadLetterConfig.TargetArn;
    expect(Object.keys(pipeline.findResources('AWS::SQS::Queue'))).toEqual([queue['Fn::GetAtt'][0]]);
    pipeline.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Action: 'sqs:SendMessage', Resource: queue })]),
      },
      Roles: [Match.objectLike({ Ref: Match.stringLikeRegexp('SpoolPage') })],
    });
  });
});

describe('every alarm and every state of a feed', () => {
  it('has its heading in the runbook, and no heading is left over', () => {
    const alarms = Object.values(pipeline.findResources('AWS::CloudWatch::Alarm')).map(
      (alarm) => /"(.*)"/.exec(String(alarm.Properties.AlarmDescription))?.[1],
    );
    const headings = [...readFileSync('docs/runbook.md', 'utf8').matchAll(/^## (.+)$/gm)].map(
      (match) => match[1],
    );
    const needs = NEEDS.map(({ heading }) => heading);
    const failing = ['ExtractFailed', 'LoadFailed', 'SettleLoadFailed'];
    expect(headings.sort()).toEqual([...alarms, ...needs, ...failing].sort());
  });
});

describe('every error that no retry mends', () => {
  it('is explained in the runbook', () => {
    const runbook = readFileSync('docs/runbook.md', 'utf8');
    const { TerminalError, ...classes } = errors;
    const names = Object.entries(classes)
      .filter(([, Class]) => new Class('') instanceof TerminalError)
      .map(([name]) => name);
    expect(names).toContain('SliceStuck');
    expect(names.filter((name) => !runbook.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('a bucket of others that a feed reads', () => {
  const feed: Feed = {
    ...dropsFeed(),
    source: { kind: 's3', suffixes: ['.xml'], bucket: 'of-others', prefix: 'drops/' },
  };
  const key = 'arn:aws:kms:eu-central-1:123456789012:key/1a2b3c4d-0000-1111-2222-333344445555';
  const { pipeline, storage } = synthesized({ 'millrace:sourceKeyArns': key }, { drops: feed });
  const policies = JSON.stringify(pipeline.findResources('AWS::IAM::Policy'));

  it('starts Extract by a rule on its name and prefix', () => {
    pipeline.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: { bucket: { name: ['of-others'] }, object: { key: [{ prefix: 'drops/' }] } },
      },
    });
  });

  it('is not made, and its owner is told what it needs', () => {
    expect(JSON.stringify(storage.toJSON())).not.toContain('of-others');
    pipeline.hasOutput('SourceBuckets', {
      Value: 'of-others',
      Description: Match.stringLikeRegexp('EventBridge notifications and versioning'),
    });
  });

  it('is read below the prefix alone, by PlanBatch and ExtractSlice, and listed by the sweep', () => {
    const count = (text: string): number => policies.split(text).length - 1;
    expect(count(':s3:::of-others/drops/*"')).toBe(2);
    expect(count(':s3:::of-others"')).toBe(3);
    expect(count(key)).toBe(2);
    expect(policies).not.toContain('of-others/*');
  });
});

describe("a key of the customer's for the secrets of feeds", () => {
  const key = 'arn:aws:kms:eu-central-1:123456789012:key/1a2b3c4d-0000-1111-2222-333344445555';
  const feed = itemsFeed();
  if (feed.source.kind !== 'http') throw new Error(feed.source.kind);
  const auth = { kind: 'bearer' as const, secret: 'millrace/jazz' };
  const withSecret: Feed = { ...feed, source: { ...feed.source, auth, caSecret: 'millrace/ca' } };

  interface Statement {
    readonly Action: unknown;
    readonly Resource: unknown;
    readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  }

  /** What each role may decrypt, by the function's name. */
  const decrypts = (context: Record<string, string>, feeds: Record<string, Feed>) => {
    const { pipeline } = synthesized(context, feeds);
    return Object.entries(pipeline.findResources('AWS::IAM::Policy')).flatMap(([id, { Properties }]) =>
      (Properties.PolicyDocument.Statement as Statement[])
        .filter(({ Action }) => JSON.stringify(Action).includes('kms:'))
        .map((statement) => ({
          of: /Functions(PlanBatch|ExtractSlice|SpoolPage)Role/.exec(id)?.[1] ?? id,
          ...statement,
        })),
    );
  };

  it('may be used by what reads sources alone, through Secrets Manager, each for the secrets that it reads', () => {
    const found = decrypts({ 'millrace:secretKeyArns': key }, { items: withSecret });
    const secretsIn = (condition: unknown): string[] =>
      [...JSON.stringify(condition).matchAll(/secret:(millrace\/\w+)-\?{6}/g)].map(([, name]) => name ?? '');
    expect(found.map(({ of, Action, Resource }) => [of, Action, Resource]).sort()).toEqual([
      ['ExtractSlice', 'kms:Decrypt', key],
      ['PlanBatch', 'kms:Decrypt', key],
      ['SpoolPage', 'kms:Decrypt', key],
    ]);
    for (const { of, Condition } of found) {
      expect(Object.keys(Condition ?? {}).sort()).toEqual(['StringEquals', 'StringLike']);
      expect(JSON.stringify(Condition?.StringEquals?.['kms:ViaService'])).toMatch(
        /secretsmanager\..*AWS::Region.*AWS::URLSuffix/,
      );
      expect(secretsIn(Condition?.StringLike?.['kms:EncryptionContext:SecretARN'])).toEqual(
        of === 'PlanBatch' ? ['millrace/ca'] : ['millrace/jazz', 'millrace/ca'],
      );
    }
  });

  it('is granted to nobody where no feed has a secret, or no key is named', () => {
    expect(decrypts({ 'millrace:secretKeyArns': key }, { items: feed })).toEqual([]);
    expect(decrypts({}, { items: withSecret })).toEqual([]);
  });

  it('may be several', () => {
    const other = key.replace('1a2b', '9f8e');
    const [first] = decrypts({ 'millrace:secretKeyArns': `${key}, ${other}` }, { items: withSecret });
    expect(first?.Resource).toEqual([key, other]);
  });

  it('is refused by alias', () => {
    const alias = 'arn:aws:kms:eu-central-1:123456789012:alias/etl';
    expect(() => synthesized({ 'millrace:secretKeyArns': alias })).toThrow(
      'millrace:secretKeyArns[0]: got "arn:aws:kms:eu-central-1:123456789012:alias/etl", allowed an ARN such as arn:aws:kms:',
    );
  });

  it("can name the functions' roles, which are outputs", () => {
    const { pipeline } = synthesized();
    const roleOf = (output: string): string =>
      pipeline.findOutputs(output)[output]?.Value['Fn::GetAtt'][0] ?? '';
    expect(roleOf('PlanBatchRoleArn')).toMatch(/^FunctionsPlanBatchRole/);
    expect(roleOf('ExtractSliceRoleArn')).toMatch(/^FunctionsExtractSliceRole/);
    expect(roleOf('SpoolPageRoleArn')).toMatch(/^FunctionsSpoolPageRole/);
  });
});
