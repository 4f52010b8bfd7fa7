import { recordCreated } from './bucket-events.ts';
import { type Call, header, type Reply } from './call.ts';
import { checkWriteConditions } from './conditions.ts';
import { findVersion } from './get-object.ts';
import { quoted, storedHeadersOf, writtenHeaders } from './object-headers.ts';
import { decodeUri } from './parameters.ts';
import { addVersion, freshVersion } from './put-object.ts';
import { S3Error } from './s3-error.ts';
import type { Version } from './versions.ts';
import { toXml } from './xml.ts';

/** Largest object that one CopyObject copies (docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html). */
const MAX_COPY_BYTES = 5 * 1024 ** 3;

/** CopyObject within a bucket: a version that shares the bytes of another. */
export const copyObject = async (call: Call): Promise<Reply> =>
  call.store.commit(() => {
    checkWriteConditions(call);
    const source = findSource(call);
    const isReplacing = header(call, 'x-amz-metadata-directive') === 'REPLACE';
    const version: Version = {
      ...freshVersion(call),
      is_latest: true,
      etag: source.etag,
      size: source.size,
      headers: isReplacing ? storedHeadersOf(call) : source.headers,
      checksum: source.checksum,
    };
    const blobs = call.store.versions.blobsOf(source.born);
    addVersion(call, { ...version, bucket: call.bucket.name, blobs });
    recordCreated(call, version, 'CopyObject');
    return {
      status: 200,
      headers: {
        ...writtenHeaders(call, version),
        'x-amz-copy-source-version-id': call.bucket.isVersioned ? source.version : undefined,
      },
      body: toXml('CopyObjectResult', [
        ['LastModified', new Date(version.modified).toISOString()],
        ['ETag', quoted(version.etag)],
      ]),
    };
  });

const findSource = (call: Call): Version => {
  const text = header(call, 'x-amz-copy-source') ?? '';
  const [path = '', versionId] = text.replace(/^\//, '').split('?versionId=');
  const slash = path.indexOf('/');
  if (slash < 1) throw new S3Error('InvalidArgument', `copy source ${text} is not bucket/key`);
  if (path.slice(0, slash) !== call.bucket.name) {
    throw new S3Error('NotImplemented', `copy from another bucket, ${path.slice(0, slash)}`);
  }
  const key = decodeUri(path.slice(slash + 1));
  const query = new URLSearchParams(versionId === undefined ? {} : { versionId });
  const source = findVersion({ ...call, key, query });
  if (source.size <= MAX_COPY_BYTES) return source;
  throw new S3Error(
    'InvalidRequest',
    `the source has ${source.size} bytes, at most ${MAX_COPY_BYTES} are copied`,
  );
};
