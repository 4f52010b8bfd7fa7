import { recordCreated } from './bucket-events.ts';
import { type Call, header, type Reply } from './call.ts';
import { checkWriteConditions } from './conditions.ts';
import { copiedVersionHeader, findCopySource } from './copy-source.ts';
import { quoted, storedHeadersOf, writtenHeaders } from './object-headers.ts';
import { addVersion, freshVersion } from './put-object.ts';
import { S3Error } from './s3-error.ts';
import type { Version } from './versions.ts';
import { toXml } from './xml.ts';

/** Largest object that one CopyObject copies (docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html). */
const MAX_COPY_BYTES = 5 * 1024 ** 3;

/** CopyObject: a version that shares the bytes of another. */
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
        ...copiedVersionHeader(call, source),
      },
      body: toXml('CopyObjectResult', [
        ['LastModified', new Date(version.modified).toISOString()],
        ['ETag', quoted(version.etag)],
      ]),
    };
  });

const findSource = (call: Call): Version => {
  const source = findCopySource(call);
  if (source.size <= MAX_COPY_BYTES) return source;
  throw new S3Error(
    'InvalidRequest',
    `the source has ${source.size} bytes, at most ${MAX_COPY_BYTES} are copied`,
  );
};
