import * as z from 'zod';
import { InvalidInput } from '../../../shared/errors.ts';
import type { LifecycleRule } from '../s3/lifecycle-rule.ts';

const days = z.coerce.number().int().min(1);

/** Rules for a whole bucket, as CDK writes them; what is not done here, such as a transition or a prefix, is refused by name. */
export const lifecycleConfiguration = z.strictObject({
  Rules: z.array(
    z.strictObject({
      Id: z.string().optional(),
      Status: z.literal('Enabled'),
      AbortIncompleteMultipartUpload: z.strictObject({ DaysAfterInitiation: days }).optional(),
      ExpirationInDays: days.optional(),
      ExpiredObjectDeleteMarker: z.boolean().optional(),
      NoncurrentVersionExpiration: z.strictObject({ NoncurrentDays: days }).optional(),
    }),
  ),
});

/** Throws InvalidInput for the expiration of current versions, which would put delete markers. */
export const toLifecycle = (
  configuration: z.infer<typeof lifecycleConfiguration> | undefined,
  isVersioned: boolean,
): readonly LifecycleRule[] =>
  (configuration?.Rules ?? []).flatMap((rule): LifecycleRule[] => {
    if (isVersioned && rule.ExpirationInDays !== undefined)
      throw new InvalidInput('LifecycleConfiguration: ExpirationInDays is for buckets without versions here');
    return [
      ...toRule('abortUploads', rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation),
      ...toRule('remove', rule.ExpirationInDays),
      ...toRule('removeNoncurrent', rule.NoncurrentVersionExpiration?.NoncurrentDays),
      ...(rule.ExpiredObjectDeleteMarker === true ? [{ action: 'removeLoneMarkers' } as const] : []),
    ];
  });

const toRule = (
  action: 'abortUploads' | 'remove' | 'removeNoncurrent',
  afterDays: number | undefined,
): LifecycleRule[] => (afterDays === undefined ? [] : [{ action, afterDays }]);
