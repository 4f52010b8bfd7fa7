import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, it } from 'vitest';
import { dropsFeed, itemsFeed } from '../handlers/extract/world.ts';
import { synthesized } from '../infra/synthesized.ts';
import { readAwsEnvironment } from './environment.ts';
import { runAws } from './event-queue.ts';
import { randomNames, removePrefix } from './place.ts';
import { refusalOf } from './templates.ts';

/** The templates of each variant, as CloudFormation reads them. Nothing is deployed. */

const given = readAwsEnvironment(process.env);
const { AWS_REGION: region, MILLRACE_AWS_BUCKET: bucket, MILLRACE_AWS_COPY_ROLE: copyRole } = given;
const { prefix } = randomNames();
const s3 = new S3Client({ region });
afterAll(() => removePrefix(s3, bucket, prefix));

const VARIANTS = {
  'a warehouse of its own': {},
  'in a test, with a key': {
    'millrace:env': 'test',
    'millrace:kmsKeyArn': 'arn:aws:kms:eu-central-1:123456789012:key/1a2b3c4d',
  },
  'a workgroup of yours': { 'millrace:workgroupName': 'dwh', 'millrace:copyRoleArn': copyRole },
  'a cluster of yours': { 'millrace:clusterIdentifier': 'dwh', 'millrace:copyRoleArn': copyRole },
};

describe.each(Object.entries(VARIANTS))('CloudFormation, %s', (_, context) => {
  const feeds = { drops: dropsFeed(), items: itemsFeed() };
  it.each(['storage', 'warehouse', 'pipeline'] as const)('takes the stack %s', async (stack) => {
    const template = synthesized(context, feeds)[stack].toJSON();
    if (Object.keys(template.Resources ?? {}).length === 0) return;
    const place = { s3, bucket, prefix, region, aws: runAws(region) };
    expect(await refusalOf(stack, template, place)).toBeUndefined();
  });
});
