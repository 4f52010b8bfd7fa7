import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { acknowledge } from './acknowledge.ts';

/**
 * How cdk-nag's findings name the bucket, within its own stack and from the other: a finding is acknowledged by its
 * exact id, and the id holds the reference. Where these names change, synthesis fails and prints the new ones.
 */
const BUCKET_IN_FINDINGS = [
  '<Bucket83908E77.Arn>',
  'MillraceStorage:ExportsOutputFnGetAttBucket83908E77Arn063C8555',
] as const;

/**
 * Lets a role act on objects below prefixes of a bucket, and on nothing else. The L2's grants name six wildcard
 * actions; these name each action.
 */
export const grantObjects = (
  bucket: Bucket,
  role: Role,
  actions: readonly string[],
  keys: readonly string[],
): void => {
  role.addToPolicy(
    new PolicyStatement({ actions: [...actions], resources: keys.map((key) => bucket.arnForObjects(key)) }),
  );
  for (const key of keys) {
    for (const name of BUCKET_IN_FINDINGS) {
      acknowledge(role, {
        [`IAM5[Resource::${name}/${key}]`]: `keys below ${key} are named by batch and attempt`,
      });
    }
  }
};

/**
 * Lets a role list a bucket, which is also what makes S3 answer 404 for a key that is absent; without it the answer is 403
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html). A condition on the prefix would not do:
 * reading an object has none.
 */
export const grantListing = (
  bucket: Bucket,
  role: Role,
  action: 's3:ListBucket' | 's3:ListBucketVersions' = 's3:ListBucket',
): void => {
  role.addToPolicy(new PolicyStatement({ actions: [action], resources: [bucket.bucketArn] }));
};
