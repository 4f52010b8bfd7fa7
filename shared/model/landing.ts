import type { S3Source } from './feed.ts';

/** What S3 calls the version of an object that has none: it is overwritten in place. */
export const NO_VERSION = 'null';

/** Where a feed's objects land: a prefix of a bucket of others, or of ours. */
export interface Landing {
  /** Undefined is our own. */
  readonly bucket: string | undefined;
  readonly prefix: string;
}

export const landingOf = (feed: string, { bucket, prefix = '' }: S3Source): Landing =>
  bucket === undefined ? { bucket, prefix: `landing/${feed}/` } : { bucket, prefix };

/** Whether two places have keys in common. */
export const overlap = (a: Landing, b: Landing): boolean =>
  a.bucket === b.bucket && (a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix));
