import { type Call, header } from './call.ts';
import { checksumHeader } from './checksums.ts';
import { S3Error } from './s3-error.ts';
import type { StoredHeaders, Version } from './versions.ts';

const KEPT = ['cache-control', 'content-disposition', 'content-language', 'content-type', 'expires'];
/** Total of names and values of user metadata (docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html). */
const MAX_METADATA_BYTES = 2048;

/** The headers of a put, or of the start of an upload, that come back with the object. Throws S3Error MetadataTooLarge. */
export const storedHeadersOf = (call: Call): StoredHeaders => {
  const kept: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  let metadataBytes = 0;
  for (const name of Object.keys(call.headers)) {
    const value = header(call, name);
    if (value === undefined) continue;
    if (name.startsWith('x-amz-meta-')) metadataBytes += name.length - 'x-amz-meta-'.length + value.length;
    if (KEPT.includes(name) || name.startsWith('x-amz-meta-')) kept[name] = value;
  }
  if (metadataBytes > MAX_METADATA_BYTES) {
    throw new S3Error(
      'MetadataTooLarge',
      `${metadataBytes} bytes of metadata, at most ${MAX_METADATA_BYTES} allowed`,
    );
  }
  const encodings = (header(call, 'content-encoding') ?? '').split(',').map((one) => one.trim());
  const encoding = encodings.filter((one) => one !== 'aws-chunked' && one !== '').join(',');
  return encoding === '' ? kept : { ...kept, 'content-encoding': encoding };
};

/** What a put and a completed upload say of the version that they made. */
export const writtenHeaders = (call: Call, version: Version): Record<string, string> => ({
  ...encryption,
  ...versionHeaders(call, version),
});

/** What every read says of a version. */
export const readHeaders = (call: Call, version: Version): Record<string, string | number> => ({
  ...version.headers,
  ...encryption,
  ...versionHeaders(call, version),
  etag: quoted(version.etag),
  'last-modified': new Date(version.modified).toUTCString(),
  'accept-ranges': 'bytes',
});

/** The checksum of the whole object, as headers. */
export const checksumHeaders = (checksum: Version['checksum']): Record<string, string> =>
  checksum === null
    ? {}
    : { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type };

export const quoted = (etag: string): string => `"${etag}"`;

/** Every bucket encrypts with SSE-S3 by default (docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html). */
const encryption = { 'x-amz-server-side-encryption': 'AES256' };

/** Which version it is, where the bucket has versions. */
export const versionHeaders = (call: Call, version: Version): Record<string, string> =>
  call.bucket.isVersioned ? { 'x-amz-version-id': version.version } : {};
