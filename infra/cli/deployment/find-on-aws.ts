import { GetBucketTaggingCommand, paginateListBuckets, type S3Client } from '@aws-sdk/client-s3';
import { toServiceError } from '../../../handlers/adapters/aws-errors.ts';
import { type DeploymentNames, deploymentNames, UNNAMED } from '../../../shared/state/deployment-names.ts';
import { UsageError } from '../command-io.ts';

/** Finds the state bucket of a deployment on AWS by the deployment's name. Throws UsageError where there is none. */
export type FindBucket = (env: string) => Promise<string>;

/** Of a stack that CloudFormation made: it puts this tag on what it makes. */
const STACK_TAG = 'aws:cloudformation:stack-name';

/** The name of the stack that has the bucket. */
export const storageStackOf = (env: string): string => namesOf(env).stacks.storage;

/** The names of the deployment that --env names. */
export const namesOf = (env: string): DeploymentNames => deploymentNames(env === UNNAMED ? undefined : env);

/** A bucket's name begins with its stack's, in lower case; CloudFormation cuts long ones. */
const KEPT_CHARACTERS = 'millracestorage'.length;

/**
 * By S3 alone: buckets whose name begins as those of our stacks do, and of these the one that bears its stack's name as a tag. Needs
 * s3:ListAllMyBuckets and s3:GetBucketTagging.
 */
export const findBucketByTag =
  (s3: S3Client): FindBucket =>
  async (env) => {
    const stack = storageStackOf(env);
    const stacks = new Set<string>();
    for (const bucket of await listBuckets(s3, stack)) {
      const found = await readStack(s3, bucket);
      // The stack's other bucket has the access logs of this one.
      if (found === stack && !/accesslogs/i.test(bucket)) return bucket;
      if (found !== undefined) stacks.add(found);
    }
    throw new UsageError(
      `no deployment ${env}: no bucket of stack ${stack} in this account and region; stacks with one: ${[...stacks].sort().join(' ') || 'none'}; look at --env, --profile and --region`,
    );
  };

/** The region that the SDK finds. Throws UsageError where it finds none: its own words name nothing to type. */
export const regionOf = async ({ region }: Pick<S3Client['config'], 'region'>): Promise<string> => {
  try {
    return await region();
  } catch (error) {
    if (error instanceof Error && error.message === 'Region is missing')
      throw new UsageError(
        'no region is set: add --region R, or set AWS_REGION, or a region in the profile that --profile names',
      );
    throw error;
  }
};

const listBuckets = async (s3: S3Client, stack: string): Promise<readonly string[]> => {
  const region = await regionOf(s3.config);
  const prefix = stack.toLowerCase().slice(0, KEPT_CHARACTERS);
  const names: string[] = [];
  try {
    for await (const { Buckets = [] } of paginateListBuckets(
      { client: s3 },
      { Prefix: prefix, BucketRegion: region },
    ))
      names.push(...Buckets.flatMap(({ Name }) => Name ?? []));
  } catch (error) {
    throw toServiceError('list of buckets', error);
  }
  return names;
};

const readStack = async (s3: S3Client, bucket: string): Promise<string | undefined> => {
  try {
    const { TagSet = [] } = await s3.send(new GetBucketTaggingCommand({ Bucket: bucket }));
    return TagSet.find(({ Key }) => Key === STACK_TAG)?.Value;
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchTagSet') return undefined;
    throw toServiceError(`tags of bucket ${bucket}`, error);
  }
};
