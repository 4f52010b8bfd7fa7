import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readAssembly } from '../../../../infra/local/assembly/assembly.ts';
import {
  aFunction,
  aMachine,
  aRule,
  aSchedule,
  type HandMade,
  invokes,
  writeAssembly,
} from '../hand-made-assembly.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assembly-'));
});
afterEach(() => rm(folder, { recursive: true }));

const read = async (made: HandMade) => readAssembly(await writeAssembly(folder, made));
const machine = aMachine({ StartAt: 'F', States: { F: invokes('Fn') } });

/** Resolves one template value, as a variable of a function. */
const resolved = async (value: unknown, made: Partial<HandMade> = {}): Promise<unknown> => {
  const Fn = aFunction({ Environment: { Variables: { VALUE: value } } });
  const { functions } = await read({ ...made, resources: { Fn, ...made.resources } });
  return functions[0]?.environment.VALUE;
};

describe('an assembly', () => {
  it('has the buckets of others that its rules listen to, with versions and events', async () => {
    const Rule = aRule('M', {
      source: ['aws.s3'],
      detail: { bucket: { name: ['of-others'] }, object: { key: [{ prefix: 'drops/' }] } },
    });
    const { buckets } = await read({ resources: { Fn: aFunction(), M: machine, Rule } });
    expect(buckets).toEqual([{ name: 'of-others', isVersioned: true, hasEventBridge: true, lifecycle: [] }]);
  });

  it('gives functions their bundle and machines their definition, by deterministic names', async () => {
    const { functions, machines } = await read({ resources: { Fn: aFunction(), M: machine } });
    expect(functions).toMatchObject([
      { name: 'One-Fn', codeFolder: join(folder, 'asset.abc123'), memoryMb: 256, timeoutSeconds: 20 },
    ]);
    expect(machines).toMatchObject([
      { name: 'One-M', arn: 'arn:aws:states:us-east-1:000000000000:stateMachine:One-M' },
    ]);
    expect(JSON.parse(machines[0]?.definition ?? '').States.F.Arguments.FunctionName).toBe(functions[0]?.arn);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'over 4 KB',
      { SMALL: 'x', LARGE: 'x'.repeat(4096) },
      /4120 bytes as JSON, the most of them in LARGE, allowed 4096/,
    ],
    ['of many bytes a character', { SMALL: 'ä'.repeat(2048) }, /bytes as JSON/],
    ['with a name of Lambda', { AWS_REGION: 'eu-west-1' }, /AWS_REGION/],
    ['with a name that begins with a digit', { '1ST': 'x' }, /a letter, then/],
    ['with a name of one letter', { A: 'x' }, /a letter, then/],
  ])('whose function has an environment %s is refused', async (_what, Variables, message) => {
    await expect(read({ resources: { Fn: aFunction({ Environment: { Variables } }) } })).rejects.toThrow(
      message,
    );
  });

  it('may give a function 4,096 bytes of environment, and a time zone', async () => {
    const Variables = { TZ: 'UTC', VALUE: '' };
    Variables.VALUE = 'x'.repeat(4096 - JSON.stringify(Variables).length);
    const { functions } = await read({ resources: { Fn: aFunction({ Environment: { Variables } }) } });
    expect(functions[0]?.environment).toEqual(Variables);
  });

  it('that gives a rule more than five targets is refused', async () => {
    const Targets = Array.from({ length: 6 }, (_, i) => ({ Id: `T${i}`, Arn: 'a', RoleArn: 'r' }));
    const R = { Type: 'AWS::Events::Rule', Properties: { EventPattern: { source: ['x'] }, Targets } };
    await expect(read({ resources: { Fn: aFunction(), M: machine, R } })).rejects.toThrow(/<=5/);
  });

  it('gives buckets lower-case names, versions and events', async () => {
    const Properties = {
      VersioningConfiguration: { Status: 'Enabled' },
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    };
    const { buckets } = await read({
      resources: { B: { Type: 'AWS::S3::Bucket', Properties }, Plain: { Type: 'AWS::S3::Bucket' } },
    });
    expect(buckets).toEqual([
      { name: 'one-b', stack: 'One', isVersioned: true, hasEventBridge: true, lifecycle: [] },
      { name: 'one-plain', stack: 'One', isVersioned: false, hasEventBridge: false, lifecycle: [] },
    ]);
  });

  const withRule = (rule: object, rest: object = {}) =>
    read({
      resources: {
        B: {
          Type: 'AWS::S3::Bucket',
          Properties: { LifecycleConfiguration: { Rules: [{ Status: 'Enabled', ...rule }] }, ...rest },
        },
      },
    });

  it('gives buckets the rules of their lifecycle', async () => {
    const { buckets } = await withRule({
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
      ExpirationInDays: 90,
      ExpiredObjectDeleteMarker: true,
      NoncurrentVersionExpiration: { NoncurrentDays: 30 },
    });
    expect(buckets[0]?.lifecycle).toEqual([
      { action: 'abortUploads', afterDays: 1 },
      { action: 'remove', afterDays: 90 },
      { action: 'removeNoncurrent', afterDays: 30 },
      { action: 'removeLoneMarkers' },
    ]);
  });

  it.each([
    ['Prefix', { ExpirationInDays: 1, Prefix: 'staged/' }],
    ['Transitions', { Transitions: [{ StorageClass: 'GLACIER', TransitionInDays: 1 }] }],
    [
      'NewerNoncurrentVersions',
      { NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 2 } },
    ],
    ['Status', { Status: 'Disabled', ExpirationInDays: 1 }],
  ])('that has a lifecycle rule with %s is refused', async (name, rule) => {
    await expect(withRule(rule)).rejects.toThrow(name);
  });

  it('that expires current versions where versions are kept is refused', async () => {
    const versions = { VersioningConfiguration: { Status: 'Enabled' } };
    await expect(withRule({ ExpirationInDays: 1 }, versions)).rejects.toThrow(/ExpirationInDays/);
  });

  it('reads rules and schedules with their targets', async () => {
    const { rules, schedules } = await read({
      resources: { Fn: aFunction(), M: machine, R: aRule('M', { source: ['x'] }), S: aSchedule('M') },
    });
    expect(rules).toMatchObject([
      {
        pattern: { source: ['x'] },
        isEnabled: true,
        targets: [{ machineArn: expect.stringContaining('One-M') }],
      },
    ]);
    expect(schedules).toMatchObject([
      { name: 'One-S', expression: 'rate(1 hour)', timeZone: 'UTC', isEnabled: true },
    ]);
  });

  it('lists what does nothing here', async () => {
    const { inert } = await read({
      resources: { L: { Type: 'AWS::Logs::LogGroup' }, A: { Type: 'AWS::CloudWatch::Alarm' } },
    });
    expect(inert).toEqual(['AWS::Logs::LogGroup One/L', 'AWS::CloudWatch::Alarm One/A']);
  });

  it('leaves out resources whose condition is not met', async () => {
    const conditions = { Never: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'nowhere'] } };
    const { functions } = await read({
      conditions,
      resources: { Fn: { ...aFunction(), Condition: 'Never' } },
    });
    expect(functions).toEqual([]);
  });

  it.each([
    ['a type', { T: { Type: 'AWS::DynamoDB::Table' } }, /AWS::DynamoDB::Table One\/T/],
    ['a custom resource', { T: { Type: 'Custom::Thing' } }, /Custom::Thing/],
    ['a property of a function', { Fn: aFunction({ Layers: ['l'] }) }, /Layers/],
    ['a runtime', { Fn: aFunction({ Runtime: 'nodejs20.x' }) }, /nodejs24/],
    ['inline code', { Fn: aFunction({ Code: { ZipFile: 'x' } }) }, /ZipFile|S3Key/],
    [
      'an asset that is not there',
      { Fn: aFunction({ Code: { S3Bucket: 'b', S3Key: 'def.zip' } }) },
      /def\.zip/,
    ],
    [
      'a STANDARD machine',
      {
        M: {
          Type: 'AWS::StepFunctions::StateMachine',
          Properties: { StateMachineType: 'STANDARD', DefinitionString: '{}', RoleArn: 'r' },
        },
      },
      /EXPRESS/,
    ],
    [
      'another bus',
      {
        Fn: aFunction(),
        M: machine,
        R: { Type: 'AWS::Events::Rule', Properties: { EventPattern: {}, EventBusName: 'other' } },
      },
      /EventBusName/,
    ],
    [
      'an input transformer',
      { Fn: aFunction(), M: machine, R: aRule('M', { source: ['x'] }, { InputTransformer: {} }) },
      /InputTransformer/,
    ],
    [
      'a target that is no machine',
      {
        Fn: aFunction(),
        R: {
          Type: 'AWS::Events::Rule',
          Properties: {
            EventPattern: {},
            Targets: [{ Id: 'T', Arn: { 'Fn::GetAtt': ['Fn', 'Arn'] }, RoleArn: 'arn:r' }],
          },
        },
      },
      /function:One-Fn is no state machine/,
    ],
    [
      'a flexible window',
      {
        Fn: aFunction(),
        M: machine,
        S: aSchedule('M', { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 } }),
      },
      /FlexibleTimeWindow|Maximum/,
    ],
    [
      'bucket notifications to functions',
      {
        B: {
          Type: 'AWS::S3::Bucket',
          Properties: { NotificationConfiguration: { LambdaConfigurations: [] } },
        },
      },
      /LambdaConfigurations/,
    ],
    [
      'a property of a namespace',
      { N: { Type: 'AWS::RedshiftServerless::Namespace', Properties: { SnapshotName: 's' } } },
      /SnapshotName/,
    ],
    [
      'a property of a workgroup',
      {
        W: {
          Type: 'AWS::RedshiftServerless::Workgroup',
          Properties: { NamespaceName: 'n', RecoveryPointId: 'r' },
        },
      },
      /RecoveryPointId/,
    ],
  ])('refuses %s that it does not know, by name', async (_what, resources, message) => {
    await expect(read({ resources })).rejects.toThrow(message);
  });
});

describe('an intrinsic', () => {
  it.each([
    ['Ref of a bucket', { Ref: 'B' }, 'one-b'],
    ['Ref of a pseudo parameter', { Ref: 'AWS::AccountId' }, '000000000000'],
    ['Ref of a parameter with a default', { Ref: 'P' }, 'p'],
    ['GetAtt', { 'Fn::GetAtt': ['B', 'Arn'] }, 'arn:aws:s3:::one-b'],
    ['GetAtt as text', { 'Fn::GetAtt': 'B.Arn' }, 'arn:aws:s3:::one-b'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'B' }, { Ref: 'AWS::NoValue' }]] }, 'a-one-b'],
    [
      'Sub',
      { 'Fn::Sub': '${AWS::Region}/${B}/${B.Arn}/${!Literal}' },
      'us-east-1/one-b/arn:aws:s3:::one-b/${Literal}',
    ],
    ['Sub with variables', { 'Fn::Sub': ['${x}', { x: { Ref: 'B' } }] }, 'one-b'],
    [
      'Select of Split',
      { 'Fn::Select': [5, { 'Fn::Split': [':', { 'Fn::GetAtt': ['B', 'Arn'] }] }] },
      'one-b',
    ],
    ['If of And, Or, Not and Equals', { 'Fn::If': ['Yes', 'y', 'n'] }, 'y'],
  ])('%s', async (_what, value, text) => {
    const conditions = {
      Same: { 'Fn::Equals': ['a', 'a'] },
      Yes: {
        'Fn::And': [
          { Condition: 'Same' },
          { 'Fn::Or': [{ 'Fn::Not': [{ Condition: 'Same' }] }, { Condition: 'Same' }] },
        ],
      },
    };
    const resources = { B: { Type: 'AWS::S3::Bucket' } };
    expect(
      await resolved(value, { conditions, resources, parameters: { P: { Type: 'String', Default: 'p' } } }),
    ).toBe(text);
  });

  it('imports across stacks', async () => {
    const { functions } = await read({
      resources: { B: { Type: 'AWS::S3::Bucket' } },
      outputs: { O: { Value: { Ref: 'B' }, Export: { Name: { 'Fn::Sub': '${AWS::StackName}:b' } } } },
      importing: { Fn: aFunction({ Environment: { Variables: { VALUE: { 'Fn::ImportValue': 'One:b' } } } }) },
    });
    expect(functions).toMatchObject([{ name: 'Two-Fn', environment: { VALUE: 'one-b' } }]);
  });

  it.each([
    ['intrinsic', { 'Fn::Cidr': ['10.0.0.0/16', 1, 8] }, /Fn::Cidr/],
    ['reference', { Ref: 'Absent' }, /Absent/],
    ['attribute', { 'Fn::GetAtt': ['Fn', 'Color'] }, /Fn\.Color/],
    ['import', { 'Fn::ImportValue': 'nobody' }, /nobody/],
    ['parameter of SSM', { Ref: 'BootstrapVersion' }, /BootstrapVersion/],
  ])('that is an unknown %s is refused by name', async (_what, value, message) => {
    await expect(resolved(value)).rejects.toThrow(message);
  });
});
