import { type Call, header } from './call.ts';
import { S3Error } from './s3-error.ts';
import type { Version } from './versions.ts';

/** Conditional requests (docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html). */

/** Whether a write carries a condition. */
export const isConditionalWrite = (call: Pick<Call, 'headers'>): boolean =>
  header(call, 'if-none-match') !== undefined || header(call, 'if-match') !== undefined;

/**
 * Checks `If-None-Match: *` and `If-Match` of a write against the key's current version; a delete marker counts as absent
 * (docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html). Throws S3Error PreconditionFailed, NoSuchKey.
 */
export const checkWriteConditions = (call: Call): void => {
  const ifNoneMatch = header(call, 'if-none-match');
  const ifMatch = header(call, 'if-match');
  if (ifNoneMatch === undefined && ifMatch === undefined) return;
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new S3Error('NotImplemented', `If-None-Match of a write is ${ifNoneMatch}, only * is allowed`);
  }
  const current = call.store.versions.current(call.bucket.name, call.key);
  const existing = current?.is_marker === true ? undefined : current;
  if (ifNoneMatch !== undefined && existing !== undefined) throw failed('If-None-Match');
  if (ifMatch === undefined) return;
  if (existing === undefined) throw new S3Error('NoSuchKey', 'the specified key does not exist');
  if (!matches(ifMatch, existing.etag)) throw failed('If-Match');
};

/** Checks the four conditions of a read. Answers false when it is not modified (304). Throws S3Error PreconditionFailed. */
export const checkReadConditions = (call: Call, version: Version): boolean =>
  checkConditions(call, version, '');

/** As those of a read, of a copy's source; one that is not modified fails, too. Throws S3Error PreconditionFailed. */
export const checkCopyConditions = (call: Call, version: Version): void => {
  if (!checkConditions(call, version, 'x-amz-copy-source-')) throw failed('x-amz-copy-source-if');
};

const checkConditions = (call: Call, version: Version, prefix: string): boolean => {
  const ifMatch = header(call, `${prefix}if-match`);
  const ifNoneMatch = header(call, `${prefix}if-none-match`);
  const modifiedSeconds = Math.floor(version.modified / 1000);
  const isAfter = (name: string): boolean | undefined => {
    const since = Date.parse(header(call, `${prefix}${name}`) ?? '');
    return Number.isNaN(since) ? undefined : modifiedSeconds > Math.floor(since / 1000);
  };
  // If-Match decides over If-Unmodified-Since, and If-None-Match over If-Modified-Since (API_GetObject).
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, version.etag)) throw failed('If-Match');
  } else if (isAfter('if-unmodified-since') === true) throw failed('If-Unmodified-Since');
  if (ifNoneMatch !== undefined) return !matches(ifNoneMatch, version.etag);
  return isAfter('if-modified-since') !== false;
};

const matches = (header: string, etag: string): boolean =>
  header.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^"(.*)"$/, '$1') === etag);

const failed = (condition: string): S3Error =>
  new S3Error(
    'PreconditionFailed',
    `at least one of the preconditions you specified did not hold: ${condition}`,
  );
