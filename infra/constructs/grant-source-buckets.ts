import { Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Feed } from '../../shared/model/feed.ts';
import { acknowledge } from './acknowledge.ts';

interface SourceBuckets {
  readonly feeds: readonly Feed[];
  readonly sourceKeyArns?: readonly string[] | undefined;
}

/**
 * Lets functions read what feeds read of buckets of others, version by version, and the sweep list what lies there. In another account
 * the bucket's policy has to allow the same.
 */
export const grantSourceBuckets = (
  { feeds, sourceKeyArns = [] }: SourceBuckets,
  readers: readonly IRole[],
  sweep: IRole,
): void => {
  const places = feeds.flatMap(({ source }) =>
    source.kind === 's3' && source.bucket !== undefined
      ? [{ bucket: source.bucket, prefix: source.prefix ?? '' }]
      : [],
  );
  if (places.length === 0) return;
  const buckets = [...new Set(places.map(({ bucket }) => bucket))];
  for (const role of readers) {
    const arnOf = (resource: string): string =>
      Stack.of(role).formatArn({ service: 's3', region: '', account: '', resource });
    const objects = places.map(({ bucket, prefix }) => arnOf(`${bucket}/${prefix}*`));
    role.addToPrincipalPolicy(new PolicyStatement({ actions: ['s3:GetObjectVersion'], resources: objects }));
    // As in our own bucket: without it S3 answers 403 for a key that is absent.
    role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: buckets.map(arnOf) }),
    );
    if (sourceKeyArns.length > 0) {
      role.addToPrincipalPolicy(
        new PolicyStatement({ actions: ['kms:Decrypt'], resources: [...sourceKeyArns] }),
      );
    }
    for (const { bucket, prefix } of places) {
      acknowledge(role, {
        [`IAM5[Resource::arn:<AWS::Partition>:s3:::${bucket}/${prefix}*]`]:
          'objects land below the prefix that the feed names',
      });
    }
  }
  const ofSweep = buckets.map((resource) =>
    Stack.of(sweep).formatArn({ service: 's3', region: '', account: '', resource }),
  );
  sweep.addToPrincipalPolicy(new PolicyStatement({ actions: ['s3:ListBucketVersions'], resources: ofSweep }));
};
