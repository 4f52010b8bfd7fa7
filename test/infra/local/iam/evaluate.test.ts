import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AccessRequest, decide, matches } from '../../../../infra/local/iam/evaluate.ts';
import { parsePolicy, type Statement } from '../../../../infra/local/iam/policy.ts';
import { rounds } from '../../../rounds.ts';

const BUCKET = 'arn:aws:s3:::b';
const asked = (action: string, resource: string, rest: Partial<AccessRequest> = {}): AccessRequest => ({
  action,
  resource,
  principals: ['aws:arn:aws:iam::000000000000:role/r'],
  context: {},
  ...rest,
});
const policy = (...statements: object[]) => parsePolicy({ Version: '2012-10-17', Statement: statements });
const allow = (Action: string | string[], Resource: string | string[], rest: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...rest,
});
const overTls = (value: string) => ({ Condition: { Bool: { 'aws:SecureTransport': value } } });

describe('a request is', () => {
  it.each([
    ['allowed by the very action and resource', allow('s3:GetObject', `${BUCKET}/k`), 'allowed'],
    ['allowed by one of several', allow(['s3:PutObject', 's3:GetObject'], ['*', `${BUCKET}/x`]), 'allowed'],
    ['allowed by wildcards in both', allow('s3:Get*', `${BUCKET}/?`), 'allowed'],
    ['allowed whatever the case of the action', allow('S3:getobject', '*'), 'allowed'],
    ['denied for a resource in another case', allow('s3:GetObject', `${BUCKET}/K`), 'implicit deny'],
    ['denied on the objects by a right on the bucket', allow('s3:GetObject', BUCKET), 'implicit deny'],
    ['denied by version as by the object', allow('s3:GetObjectVersion', '*'), 'implicit deny'],
    ['denied by a prefix of the action', allow('s3:Get', '*'), 'implicit deny'],
    ['allowed where a condition is met', allow('*', '*', overTls('true')), 'allowed'],
    ['denied where a condition is not met', allow('*', '*', overTls('false')), 'implicit deny'],
    [
      'denied where the request does not tell what a condition asks',
      allow('*', '*', { Condition: { StringEquals: { 'aws:SourceAccount': '1' } } }),
      'implicit deny',
    ],
    ['allowed to everyone', allow('*', '*', { Principal: '*' }), 'allowed'],
    ['denied to another', allow('*', '*', { Principal: { AWS: 'arn:aws:iam::1:root' } }), 'implicit deny'],
    ['denied to a service only', allow('*', '*', { Principal: { Service: 'x' } }), 'implicit deny'],
  ])('%s', (_what, statement, decision) => {
    const request = asked('s3:GetObject', `${BUCKET}/k`, { context: { 'aws:SecureTransport': 'true' } });
    expect(decide(policy(statement), request)).toBe(decision);
  });

  it('denied for an action without resources unless all are named', () => {
    const request = asked('redshift-data:DescribeStatement', '*');
    expect(decide(policy(allow('redshift-data:*', '*')), request)).toBe('allowed');
    expect(decide(policy(allow('redshift-data:*', 'arn:aws:redshift-serverless:*')), request)).toBe(
      'implicit deny',
    );
  });

  it('met by each operator that occurs', () => {
    const context = { 'aws:SourceArn': 'arn:aws:states:r:1:stateMachine:m', 'aws:SourceAccount': '1' };
    const isMet = (Condition: object): boolean =>
      decide(policy(allow('*', '*', { Condition })), asked('a:b', 'c', { context })) === 'allowed';
    expect(isMet({ StringEquals: { 'AWS:sourceaccount': ['2', '1'] } })).toBe(true);
    expect(isMet({ StringEquals: { 'aws:SourceArn': 'arn:aws:states:*' } })).toBe(false);
    expect(isMet({ StringLike: { 'aws:SourceArn': 'arn:aws:states:*' } })).toBe(true);
    expect(isMet({ ArnLike: { 'aws:SourceArn': 'arn:aws:states:r:1:stateMachine:*' } })).toBe(true);
    expect(isMet({ ArnEquals: { 'aws:SourceArn': 'arn:aws:states:r:2:*' } })).toBe(false);
    expect(
      isMet({ StringEquals: { 'aws:SourceAccount': '1' }, ArnLike: { 'aws:SourceArn': 'arn:x:*' } }),
    ).toBe(false);
  });
});

const word = fc.constantFrom('s3:GetObject', 's3:PutObject', 's3:*', '*', 'a:b', 'arn:x', 'arn:*', 'arn:x/k');
const written = fc.record({ Effect: fc.constantFrom('Allow', 'Deny'), Action: word, Resource: word });
const request = fc.record({
  action: fc.constantFrom('s3:GetObject', 'a:b'),
  resource: fc.constantFrom('arn:x', 'arn:x/k', '*'),
});

describe('whatever the policies and the request', () => {
  it('an explicit Deny wins, wherever it stands', () => {
    fc.assert(
      fc.property(fc.array(written), request, fc.nat(), (statements, { action, resource }, at) => {
        const deny = { Effect: 'Deny', Action: action, Resource: resource };
        const all = statements.toSpliced(at % (statements.length + 1), 0, {
          ...deny,
          Effect: 'Deny' as const,
        });
        expect(decide(policy(...all), asked(action, resource))).toBe('explicit deny');
      }),
    );
  });

  it('nothing is allowed but by an Allow, and a Deny takes nothing else away', () => {
    fc.assert(
      fc.property(fc.array(written), request, (statements, { action, resource }) => {
        const all = policy(...statements);
        const isOne = (effect: Statement['effect']) =>
          all.some(
            (one) => one.effect === effect && decide([one], asked(action, resource)) !== 'implicit deny',
          );
        const expected = isOne('Deny') ? 'explicit deny' : isOne('Allow') ? 'allowed' : 'implicit deny';
        expect(decide(all, asked(action, resource))).toBe(expected);
        expect(decide([], asked(action, resource))).toBe('implicit deny');
      }),
    );
  });

  it('a pattern matches as the regular expression that it stands for', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '*', '?'), maxLength: 8 });
    fc.assert(
      fc.property(text, text, (pattern, value) => {
        const source = pattern.replaceAll('.', '\\.').replaceAll('?', '.').replaceAll('*', '.*');
        expect(matches(pattern, value)).toBe(new RegExp(`^${source}$`, 's').test(value));
      }),
      { numRuns: rounds(1000) },
    );
  });
});

describe('a policy is refused by name for', () => {
  it.each([
    ['NotAction', { Effect: 'Allow', NotAction: 'x', Resource: '*' }, 'NotAction'],
    ['NotResource', { Effect: 'Allow', Action: 'x', NotResource: '*' }, 'NotResource'],
    [
      'an unknown operator',
      allow('x', '*', { Condition: { IpAddress: { 'aws:SourceIp': '1.2.3.4' } } }),
      'IpAddress',
    ],
    ['an unknown key', allow('x', '*', { Condition: { StringLike: { 's3:prefix': 'a/*' } } }), 's3:prefix'],
    ['a variable', allow('x', 'arn:${aws:username}'), '\\$\\{aws:username'],
    ['another version', undefined, 'Version'],
  ])('%s', (_what, statement, name) => {
    const document =
      statement === undefined
        ? { Version: '2008-10-17', Statement: [] }
        : { Version: '2012-10-17', Statement: [statement] };
    expect(() => parsePolicy(document)).toThrow(new RegExp(name));
  });
});

it('a right to decrypt by way of Secrets Manager is known, and met by no request of this machine', () => {
  const key = 'arn:aws:kms:us-east-1:000000000000:key/k';
  const statements = policy(
    allow('kms:Decrypt', key, {
      Condition: {
        StringEquals: { 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' },
        StringLike: {
          'kms:EncryptionContext:SecretARN': ['arn:aws:secretsmanager:us-east-1:0:secret:s-??????'],
        },
      },
    }),
  );
  expect(statements[0]?.conditions.map(({ key }) => key)).toEqual([
    'kms:ViaService',
    'kms:EncryptionContext:SecretARN',
  ]);
  expect(decide(statements, asked('kms:Decrypt', key))).toBe('implicit deny');
});
