import type { BucketState } from '../../ports/bucket-settings.ts';
import { type Check, type Finding, ok } from './check.ts';
import { orWrong } from './or-wrong.ts';

/** The state bucket, and those of others that feeds read: what lands there is found by its versions, and told by events. */
export const buckets: Check = {
  name: 'buckets',
  needsDeployment: true,
  look: async ({ feeds, readBucket, buckets: settings }) => {
    const own = await readBucket();
    const others = feeds.flatMap(({ source }) => (source.kind === 's3' ? (source.bucket ?? []) : []));
    const found: Finding[] = [];
    for (const bucket of new Set([own, ...others])) {
      const of = `bucket ${bucket}`;
      found.push(await orWrong(of, remedyOf(bucket), async () => judge(bucket, await settings.read(bucket))));
    }
    return found;
  },
};

const judge = (bucket: string, { hasVersions, tellsEventBridge }: BucketState): Finding => {
  const of = `bucket ${bucket}`;
  if (hasVersions && tellsEventBridge) return ok(of, 'has versions, and tells EventBridge of its objects');
  const lacks = [
    ...(hasVersions ? [] : ['has no versions, so that nothing of it can be read']),
    ...(tellsEventBridge ? [] : ['tells EventBridge nothing, so that what lands waits for the sweep']),
  ];
  return { of, state: 'wrong', says: lacks.join('; '), remedy: toTurnOn(bucket, hasVersions) };
};

const toTurnOn = (bucket: string, hasVersions: boolean): string =>
  hasVersions
    ? `aws s3api put-bucket-notification-configuration --bucket ${bucket} --notification-configuration '{"EventBridgeConfiguration":{}}', which replaces what is there`
    : `aws s3api put-bucket-versioning --bucket ${bucket} --versioning-configuration Status=Enabled`;

const remedyOf = (bucket: string): string =>
  `look whether it is there and may be looked at: aws s3api get-bucket-versioning --bucket ${bucket}`;
