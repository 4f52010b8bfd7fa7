import {
  GetBucketNotificationConfigurationCommand,
  GetBucketVersioningCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { BucketSettings } from '../ports/bucket-settings.ts';
import { toServiceError } from './aws-errors.ts';

/** Needs s3:GetBucketVersioning and s3:GetBucketNotification. */
export const s3BucketSettings = (s3: S3Client): BucketSettings => ({
  read: async (bucket) => {
    const of = { Bucket: bucket };
    try {
      const { Status } = await s3.send(new GetBucketVersioningCommand(of));
      const { EventBridgeConfiguration } = await s3.send(new GetBucketNotificationConfigurationCommand(of));
      return { hasVersions: Status === 'Enabled', tellsEventBridge: EventBridgeConfiguration !== undefined };
    } catch (error) {
      throw toServiceError(`settings of bucket ${bucket}`, error);
    }
  },
});
