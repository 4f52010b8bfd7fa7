import { readFileSync } from 'node:fs';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import * as errors from '../../shared/errors.ts';
import { InvalidInput } from '../../shared/errors.ts';
import { synthesized } from './synthesized.ts';

const { storage, pipeline } = synthesized();

describe('the bucket', () => {
  it('is versioned, encrypted, private, and tells EventBridge natively', () => {
    storage.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
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
  it('is a Redshift Serverless workgroup of our own by default, kept when the stack goes', () => {
    storage.resourceCountIs('AWS::RedshiftServerless::Workgroup', 1);
    storage.hasResource('AWS::RedshiftServerless::Namespace', { DeletionPolicy: 'Retain' });
  });

  it('may be a workgroup that exists', () => {
    const existing = synthesized({
      'millrace:workgroupName': 'analytics',
      'millrace:copyRoleArn': 'arn:aws:iam::123456789012:role/copy',
    });
    existing.storage.resourceCountIs('AWS::RedshiftServerless::Workgroup', 0);
    existing.pipeline.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({ WAREHOUSE: '{"workgroupName":"analytics","database":"millrace"}' }),
      },
    });
  });

  it('may be a cluster that exists', () => {
    const existing = synthesized({
      'millrace:clusterIdentifier': 'dwh',
      'millrace:copyRoleArn': 'arn:aws:iam::123456789012:role/copy',
    });
    existing.pipeline.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Action: 'redshift:GetClusterCredentialsWithIAM' })]),
      },
    });
  });
});

describe('the settings', () => {
  it.each([
    [{ 'millrace:workgroup': 'x' }, 'workgroup'],
    [{ 'millrace:workgroupName': 'x' }, 'millrace:copyRoleArn'],
    [{ 'millrace:copyRoleArn': 'x' }, 'millrace:copyRoleArn'],
    [{ 'millrace:workgroupName': 'x', 'millrace:clusterIdentifier': 'y' }, 'clusterIdentifier'],
    [{ 'millrace:loopbackSources': 'perhaps' }, 'loopbackSources'],
  ])('refuse %j, naming %s', (context, named) => {
    expect(() => synthesized(context)).toThrow(InvalidInput);
    expect(() => synthesized(context)).toThrow(named);
  });
});

describe('one role', () => {
  it('submits, describes and cancels statements, as only the submitter may ask what became of one', () => {
    const functions = Object.entries(pipeline.findResources('AWS::Lambda::Function'));
    const roles = functions
      .filter(([id]) => /PrepareWarehouse|SubmitLoad|DescribeLoad|SweepFunction/.test(id))
      .map(([, resource]) => JSON.stringify(resource.Properties.Role));
    expect(roles).toHaveLength(4);
    expect(new Set(roles).size).toBe(1);
  });
});

describe('every alarm', () => {
  it('has its heading in the runbook, and no heading is left over', () => {
    const alarms = Object.values(pipeline.findResources('AWS::CloudWatch::Alarm')).map(
      (alarm) => /"(.*)"/.exec(String(alarm.Properties.AlarmDescription))?.[1],
    );
    const headings = [...readFileSync('docs/runbook.md', 'utf8').matchAll(/^## (.+)$/gm)].map(
      (match) => match[1],
    );
    expect(headings.sort()).toEqual(alarms.sort());
  });
});

describe('every error that no retry mends', () => {
  it('is explained in the runbook', () => {
    const runbook = readFileSync('docs/runbook.md', 'utf8');
    const { isOfDocument: _, TerminalError, ...classes } = errors;
    const names = Object.entries(classes)
      .filter(([, Class]) => new Class('') instanceof TerminalError)
      .map(([name]) => name);
    expect(names).toContain('SliceStuck');
    expect(names.filter((name) => !runbook.includes(`\`${name}\``))).toEqual([]);
  });
});
