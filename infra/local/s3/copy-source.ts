import { type Call, header } from './call.ts';
import { checkCopyConditions } from './conditions.ts';
import { findVersion } from './get-object.ts';
import { decodeUri } from './parameters.ts';
import { S3Error } from './s3-error.ts';
import type { Version } from './versions.ts';

/** What `x-amz-copy-source` names. */
export interface CopySource {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/** Reads `x-amz-copy-source`: `bucket/key`, percent-encoded, with or without a version. Throws S3Error. */
export const readCopySource = (call: Pick<Call, 'headers'>): CopySource => {
  const text = header(call, 'x-amz-copy-source') ?? '';
  const [path = '', versionId] = text.replace(/^\//, '').split('?versionId=');
  const decoded = decodeUri(path);
  const slash = decoded.indexOf('/');
  if (slash < 1) throw new S3Error('InvalidArgument', `copy source ${text} is not bucket/key`);
  return { bucket: decoded.slice(0, slash), key: decoded.slice(slash + 1), versionId };
};

/** The version to copy, of any bucket of the account, when its conditions hold. Throws S3Error. */
export const findCopySource = (call: Call): Version => {
  const { bucket: name, key, versionId } = readCopySource(call);
  const bucket = call.buckets.find((one) => one.name === name);
  if (bucket === undefined) throw new S3Error('NoSuchBucket', `the specified bucket does not exist: ${name}`);
  const query = new URLSearchParams(versionId === undefined ? {} : { versionId });
  const source = findVersion({ ...call, bucket, key, query });
  checkCopyConditions(call, source);
  return source;
};

/** Which version was copied, where its bucket has versions. */
export const copiedVersionHeader = (call: Call, source: Version): Record<string, string> => {
  const { bucket } = readCopySource(call);
  const isVersioned = call.buckets.some(({ name, isVersioned }) => name === bucket && isVersioned);
  return isVersioned ? { 'x-amz-copy-source-version-id': source.version } : {};
};
