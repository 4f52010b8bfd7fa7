import { Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { acknowledge } from './acknowledge.ts';

/**
 * How cdk-nag's findings name the bucket from another stack than its own: a finding is acknowledged by its exact id, and the
 * id holds the reference. Where the name changes, synthesis fails and prints the new one.
 */
const bucketInFindings = (bucket: Bucket): string =>
  `${Stack.of(bucket).stackName}:ExportsOutputFnGetAttBucket83908E77Arn063C8555`;

/**
 * Lets a role act on objects below prefixes of a bucket, and on nothing else. The L2's grants name six wildcard
 * actions; these name each action.
 */
export const grantObjects = (
  bucket: Bucket,
  role: IRole,
  actions: readonly string[],
  keys: readonly string[],
): void => {
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions: [...actions], resources: keys.map((key) => bucket.arnForObjects(key)) }),
  );
  for (const key of keys) {
    acknowledge(role, {
      [`IAM5[Resource::${bucketInFindings(bucket)}/${key}]`]: `keys below ${key} are named by batch and invocation`,
    });
  }
};

/**
 * Lets a role list a bucket, which is also what makes S3 answer 404 for a key that is absent; without it the answer is 403
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html). A condition on the prefix would not do:
 * reading an object has none.
 */
export const grantListing = (
  bucket: Bucket,
  role: IRole,
  action: 's3:ListBucket' | 's3:ListBucketVersions' = 's3:ListBucket',
): void => {
  role.addToPrincipalPolicy(new PolicyStatement({ actions: [action], resources: [bucket.bucketArn] }));
};
