import { describe, expect, it } from 'vitest';
import { findBucketByTag, regionOf } from '../../../../infra/cli/deployment/find-on-aws.ts';
import { type ScriptedAnswer, scriptedS3 } from '../../../fakes/scripted-s3.ts';

const buckets = (...names: readonly string[]): ScriptedAnswer => ({
  status: 200,
  body: `<ListAllMyBucketsResult><Buckets>${names.map((name) => `<Bucket><Name>${name}</Name></Bucket>`).join('')}</Buckets></ListAllMyBucketsResult>`,
});
const stack = (name: string): ScriptedAnswer => ({
  status: 200,
  body: `<Tagging><TagSet><Tag><Key>project</Key><Value>millrace</Value></Tag><Tag><Key>aws:cloudformation:stack-name</Key><Value>${name}</Value></Tag></TagSet></Tagging>`,
});
const UNTAGGED: ScriptedAnswer = { status: 404, body: '<Error><Code>NoSuchTagSet</Code></Error>' };

describe('a deployment on AWS', () => {
  it('is found by the tag of its stack, beside others whose names begin alike', async () => {
    const { s3, requests } = scriptedS3([
      buckets(
        'millracestorage-accesslogs-1',
        'millracestorage-bucket-1',
        'millracestorage-own',
        'millracestorage-test-1',
      ),
      stack('MillraceStorage'),
      stack('MillraceStorage'),
      UNTAGGED,
      stack('MillraceStorage-test'),
    ]);
    expect(await findBucketByTag(s3)('test')).toBe('millracestorage-test-1');
    expect(requests).toHaveLength(5);
  });

  it('without a name is the default, and its bucket is not that of its access logs', async () => {
    const { s3 } = scriptedS3([
      buckets('millracestorage-accesslogs-1', 'millracestorage-bucket-1'),
      stack('MillraceStorage'),
      stack('MillraceStorage'),
    ]);
    expect(await findBucketByTag(s3)('default')).toBe('millracestorage-bucket-1');
  });

  it('that is not there is told with those that are', async () => {
    const { s3 } = scriptedS3([buckets('millracestorage-test-1'), stack('MillraceStorage-test')]);
    await expect(findBucketByTag(s3)('prod')).rejects.toThrow(
      'no deployment prod: no bucket of stack MillraceStorage-prod in this account and region; stacks with one: MillraceStorage-test; look at --env',
    );
  });

  it('whose buckets may not be listed is told by the call', async () => {
    const { s3 } = scriptedS3([{ status: 403, body: '<Error><Code>AccessDenied</Code></Error>' }]);
    await expect(findBucketByTag(s3)('prod')).rejects.toThrow('list of buckets failed with 403 AccessDenied');
  });
});

describe('the region of a deployment', () => {
  it('is asked for by the option that gives it where none is set', async () => {
    const missing = { region: () => Promise.reject(new Error('Region is missing')) };
    await expect(regionOf(missing)).rejects.toThrow('no region is set: add --region R, or set AWS_REGION');
    expect(await regionOf({ region: async () => 'eu-central-1' })).toBe('eu-central-1');
  });
});
