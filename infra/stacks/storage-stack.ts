import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from '../constructs/acknowledge.ts';
import { KEPT } from '../constructs/kept.ts';

export interface StorageStackProps extends StackProps {
  /** Encrypts the state. @default - a key of S3 */
  readonly kmsKeyArn?: string | undefined;
}

/** What outlives every deployment: the bucket that holds all state. */
export class StorageStack extends Stack {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { kmsKeyArn, ...props }: StorageStackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    this.bucket = this.stateBucket(this.accessLogBucket(), kmsKeyArn);
  }

  /** S3 delivers access logs to no bucket with a key of KMS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html. */
  private accessLogBucket(): Bucket {
    const bucket = new Bucket(this, 'AccessLogs', {
      ...PRIVATE,
      lifecycleRules: [
        { expiration: Duration.days(90), abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    acknowledge(bucket, { S1: 'holds access logs itself; logging its own access would never end' });
    return bucket;
  }

  private stateBucket(serverAccessLogsBucket: Bucket, kmsKeyArn: string | undefined): Bucket {
    const bucket = new Bucket(this, 'Bucket', {
      ...PRIVATE,
      ...(kmsKeyArn !== undefined && {
        encryption: BucketEncryption.KMS,
        encryptionKey: Key.fromKeyArn(this, 'Key', kmsKeyArn),
        bucketKeyEnabled: true, // S3 asks KMS for a key of the bucket, and not for one of each object
      }),
      versioned: true,
      // Bucket is an IBucket; its declaration is only not written for exactOptionalPropertyTypes.
      serverAccessLogsBucket: serverAccessLogsBucket as IBucket,
      lifecycleRules: [
        // An upload that a killed function left behind is invisible and billed until it is aborted:
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
        { noncurrentVersionExpiration: Duration.days(30), expiredObjectDeleteMarker: true },
      ],
    });
    // The L2 property eventBridgeEnabled brings a custom resource with its own Python function; this is the native one.
    (bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
      eventBridgeConfiguration: { eventBridgeEnabled: true },
    };
    return bucket;
  }
}

const PRIVATE = {
  encryption: BucketEncryption.S3_MANAGED,
  enforceSSL: true,
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
  removalPolicy: KEPT,
} as const;
