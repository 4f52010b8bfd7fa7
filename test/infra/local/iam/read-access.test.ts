import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readAssembly } from '../../../../infra/local/assembly/assembly.ts';
import { type Caller, type Rights, toCaller } from '../../../../infra/local/iam/access.ts';
import { issueKeys } from '../../../../infra/local/iam/issue-keys.ts';
import { readAccess } from '../../../../infra/local/iam/read-access.ts';
import {
  aFunction,
  aMachine,
  aRole,
  aRule,
  aSchedule,
  invokes,
  writeAssembly,
} from '../hand-made-assembly.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'access-'));
});
afterEach(() => rm(folder, { recursive: true }));

const load = async (resources: Readonly<Record<string, object>>) =>
  readAssembly(await writeAssembly(folder, { resources }));
const read = async (resources: Readonly<Record<string, object>>): Promise<Rights> =>
  readAccess(await load(resources));

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:One-Fn';
const ROLE = 'arn:aws:iam::000000000000:role/r';
const asRole = (rights: Rights): Caller => toCaller(rights, ROLE, 'One-Fn');
const BUCKET = { Type: 'AWS::S3::Bucket' };
const machine = aMachine({ StartAt: 'F', States: { F: invokes('Fn') } });
const Reads = {
  Type: 'AWS::IAM::Policy',
  Properties: {
    PolicyName: 'reads',
    Roles: [{ Ref: 'Role' }],
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 's3:GetObject',
          Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['B', 'Arn'] }, '/landing/*']] },
        },
      ],
    },
  },
};
const bucketPolicy = (statement: object) => ({
  Type: 'AWS::S3::BucketPolicy',
  Properties: {
    Bucket: { Ref: 'B' },
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Principal: '*',
          Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['B', 'Arn'] }, '/*']] },
          ...statement,
        },
      ],
    },
  },
});

describe('the rights of an assembly', () => {
  it('are a role’s inline and attached policies', async () => {
    const caller = asRole(await read({ Fn: aFunction(), Role: aRole([]), B: BUCKET, Reads }));
    expect(caller.refusalOf('s3:GetObject', 'arn:aws:s3:::one-b/landing/x')).toBeUndefined();
    expect(caller.refusalOf('s3:GetObject', 'arn:aws:s3:::one-b/batches/x')).toBe(
      'User: arn:aws:sts::000000000000:assumed-role/r/One-Fn is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::one-b/batches/x because no identity-based policy allows the s3:GetObject action',
    );
  });

  it('end where a bucket’s policy denies; requests count as coming by TLS', async () => {
    const overTls = { Condition: { Bool: { 'aws:SecureTransport': 'false' } } };
    const one = { Fn: aFunction(), Role: aRole(), B: BUCKET };
    const tls = await read({ ...one, P: bucketPolicy({ Effect: 'Deny', Action: 's3:*', ...overTls }) });
    expect(asRole(tls).refusalOf('s3:GetObject', 'arn:aws:s3:::one-b/x')).toBeUndefined();
    const none = await read({ ...one, P: bucketPolicy({ Effect: 'Deny', Action: 's3:*' }) });
    expect(asRole(none).refusalOf('s3:GetObject', 'arn:aws:s3:::one-b/x')).toMatch(
      /explicit deny in a resource-based policy/,
    );
  });

  it('belong to keys of each function, of COPY’s roles and of the operator, made anew at each start', async () => {
    const assembly = await load({ Fn: aFunction(), Role: aRole([]) });
    const [keys, again] = [issueKeys(assembly), issueKeys(assembly)];
    expect(keys.table[keys.operator.accessKeyId]).toEqual({ secretAccessKey: keys.operator.secretAccessKey });
    const key = keys.functions.get(ARN);
    expect(keys.table[key?.accessKeyId ?? '']).toEqual({
      secretAccessKey: key?.secretAccessKey,
      sessionToken: key?.sessionToken,
      role: { arn: ROLE, session: 'One-Fn' },
    });
    const secretsOf = ({ operator, functions }: typeof keys) =>
      [operator, ...functions.values()].flatMap((one) => Object.values(one));
    expect(secretsOf(keys)).toHaveLength(5);
    expect(new Set([...secretsOf(keys), ...secretsOf(again)]).size).toBe(10);
  });

  it('give COPY a key of each role that the namespace has', async () => {
    const copying = {
      ...aRole([]),
      Properties: { ...aRole([]).Properties, ...trusting('redshift', 'redshift-serverless') },
    };
    const assembly = await load({
      Role: copying,
      N: {
        Type: 'AWS::RedshiftServerless::Namespace',
        Properties: {
          NamespaceName: 'n',
          IamRoles: [{ 'Fn::GetAtt': ['Role', 'Arn'] }],
          DefaultIamRoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
        },
      },
    });
    const { copy, table } = issueKeys(assembly);
    expect(Object.keys(copy)).toEqual([ROLE, 'default']);
    expect(copy.default).toBe(copy[ROLE]);
    expect(table[copy.default?.accessKeyId ?? '']?.role).toEqual({
      arn: ROLE,
      session: 'RedshiftIamRoleSession',
    });
  });
});

const trusting = (...services: readonly string[]) => ({
  AssumeRolePolicyDocument: {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: services.map((name) => `${name}.amazonaws.com`) },
      },
    ],
  },
});

describe('an assembly is refused whose', () => {
  const Role = aRole([]);
  it.each([
    [
      'function has a role from elsewhere',
      { Fn: aFunction({ Role: 'arn:aws:iam::1:role/x' }) },
      /role\/x is not in/,
    ],
    [
      'function’s role Lambda may not assume',
      { Fn: aFunction(), Role: { ...Role, Properties: { ...Role.Properties, ...trusting('ec2') } } },
      /lambda.amazonaws.com may not assume role .*implicit deny/,
    ],
    [
      'rule may not start its machine',
      { Fn: aFunction(), M: machine, R: aRule('M', { source: ['x'] }), Role },
      /rule One-R: .*not authorized to perform: states:StartExecution on resource: .*:One-M/,
    ],
    [
      'schedule may not start its machine',
      { Fn: aFunction(), M: machine, S: aSchedule('M'), Role },
      /schedule One-S: .*states:StartExecution/,
    ],
    [
      'role has a managed policy',
      { Role: { ...Role, Properties: { ...Role.Properties, ManagedPolicyArns: [] } } },
      /ManagedPolicyArns/,
    ],
    ['policies are those of a group', { P: { Type: 'AWS::IAM::GroupPolicy' } }, /does not know/],
  ])('%s', async (_what, resources: Readonly<Record<string, object>>, message) => {
    await expect(read(resources)).rejects.toThrow(message);
  });
});
