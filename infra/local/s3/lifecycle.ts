import { recordExpired } from './bucket-events.ts';
import type { BucketConfig, Context } from './call.ts';
import type { LifecycleRule } from './lifecycle-rule.ts';
import type { Version } from './versions.ts';

const HOUR_MS = 3_600_000;

/** Removals in one transaction. */
const BATCH = 1000;

/** Does all that the rules of the buckets say is due, now and every hour until the answer is called. */
export const startLifecycle = (context: Context, buckets: readonly BucketConfig[]): (() => void) => {
  applyRules(context, buckets);
  const timer = setInterval(() => applyRules(context, buckets), HOUR_MS);
  return () => clearInterval(timer);
};

const applyRules = (context: Context, buckets: readonly BucketConfig[]): void => {
  for (const bucket of buckets) {
    for (const rule of bucket.lifecycle ?? []) {
      const removeSome = rule.action === 'abortUploads' ? abortUploads : removeVersions;
      while (context.store.commit(() => removeSome(context, bucket, rule)) === BATCH);
    }
  }
};

/** Answers how many it removed. */
type RemoveSome = (context: Context, bucket: BucketConfig, rule: LifecycleRule) => number;

const abortUploads: RemoveSome = (context, { name }, rule) => {
  const { due, uploads, blobs } = context.store;
  const found = due.uploads(name, toLimit(context, rule), BATCH);
  for (const upload of found) blobs.release(uploads.remove(upload));
  return found.length;
};

const removeVersions: RemoveSome = (context, bucket, rule) => {
  const { versions, blobs } = context.store;
  const found = findVersions(context, bucket, rule);
  for (const version of found) {
    blobs.release(versions.remove(bucket.name, version.key, version));
    recordExpired({ ...context, bucket }, version);
  }
  return found.length;
};

const findVersions = (context: Context, { name }: BucketConfig, rule: LifecycleRule): Version[] => {
  const { due } = context.store;
  if (rule.action === 'removeLoneMarkers') return due.loneMarkers(name, BATCH);
  const limit = toLimit(context, rule);
  return rule.action === 'remove' ? due.current(name, limit, BATCH) : due.noncurrent(name, limit, BATCH);
};

const DAY_MS = 86_400_000;

/**
 * What happened before is due. S3 adds a rule's days and goes on to the next midnight of UTC:
 * docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 */
const toLimit = ({ now }: Context, rule: LifecycleRule): number => {
  const days = rule.action === 'removeLoneMarkers' ? 0 : rule.afterDays;
  return (Math.floor(now() / DAY_MS) - days) * DAY_MS;
};
