import { createHash } from 'node:crypto';
import * as z from 'zod';
import { recordCreated } from './bucket-events.ts';
import { type Call, header, type Reply } from './call.ts';
import { checksumElement, checksumHeader, joinChecksums } from './checksums.ts';
import { checkWriteConditions, isConditionalWrite } from './conditions.ts';
import { findUpload } from './multipart-upload.ts';
import { quoted, writtenHeaders } from './object-headers.ts';
import { addVersion, freshVersion } from './put-object.ts';
import { receiveText } from './receive-body.ts';
import { S3Error } from './s3-error.ts';
import type { Part, Upload } from './uploads.ts';
import type { Version } from './versions.ts';
import { parseXml, toXml } from './xml.ts';

/** Every part but the last has this size at least (docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html). */
const MIN_PART_BYTES = 5 * 1024 * 1024;
const MAX_OBJECT_BYTES = 48.8 * 1024 ** 4;
const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;

const completeDocument = z.strictObject({
  CompleteMultipartUpload: z.strictObject({
    Part: z
      .array(
        z.strictObject({
          PartNumber: z.coerce.number().int().min(1).max(10_000),
          ETag: z.string(),
          ChecksumCRC32: z.string().optional(),
          ChecksumCRC32C: z.string().optional(),
          ChecksumCRC64NVME: z.string().optional(),
          ChecksumSHA1: z.string().optional(),
          ChecksumSHA256: z.string().optional(),
        }),
      )
      .min(1),
  }),
});
type NamedPart = z.infer<typeof completeDocument>['CompleteMultipartUpload']['Part'][number];

const completedReply = z.object({
  status: z.literal(200),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

/**
 * CompleteMultipartUpload: one transaction over the list of parts, copying nothing. The same request again is answered
 * as the first time, so that after a lost reply it can be repeated.
 */
export const completeMultipartUpload = async (call: Call): Promise<Reply> => {
  const document = parseXml(await receiveText(call, MAX_DOCUMENT_BYTES), ['Part']);
  const parsed = completeDocument.safeParse(document);
  if (!parsed.success) throw new S3Error('MalformedXML', z.prettifyError(parsed.error));
  const named = parsed.data.CompleteMultipartUpload.Part;
  const uploadId = call.query.get('uploadId') ?? '';
  const list = JSON.stringify(named.map((part) => [part.PartNumber, part.ETag]));
  const repeated = call.store.uploads.replyOf(uploadId);
  if (repeated?.parts === list) return completedReply.parse(JSON.parse(repeated.reply));
  return call.store.commit(() => {
    const reply = complete(call, findUpload(call), named);
    call.store.uploads.rememberReply(uploadId, list, JSON.stringify(reply), call.now());
    return reply;
  });
};

const complete = (call: Call, upload: Upload, named: readonly NamedPart[]): Reply => {
  checkWriteConditions(call);
  checkNoDeleteSince(call, upload);
  const uploaded = new Map(call.store.uploads.parts(upload.upload, 0, -1).map((part) => [part.number, part]));
  const parts = named.map((part, i) => matchPart(part, named[i - 1], uploaded, upload));
  const size = checkSizes(call, parts);
  const version: Version = {
    ...freshVersion(call),
    // The version takes its place, and its date, from when the upload was started.
    born: upload.born,
    modified: upload.initiated,
    is_latest: true,
    etag: etagOf(parts),
    size,
    headers: upload.headers,
    checksum: checksumOf(call, upload, parts),
  };
  addVersion(call, { ...version, bucket: call.bucket.name, blobs: parts });
  call.store.blobs.release(call.store.uploads.remove(upload.upload));
  recordCreated(call, version, 'CompleteMultipartUpload');
  return { status: 200, headers: writtenHeaders(call, version), body: describe(call, version) };
};

// A delete that succeeds while a conditional upload is open is a conflict: the version would be born below the delete
// marker (docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html: start again from CreateMultipartUpload).
const checkNoDeleteSince = (call: Call, upload: Upload): void => {
  const current = call.store.versions.current(call.bucket.name, call.key);
  if (!isConditionalWrite(call) || current?.is_marker !== true || current.born < upload.born) return;
  throw new S3Error(
    'ConditionalRequestConflict',
    'the key was deleted while its conditional upload was open',
  );
};

const matchPart = (
  named: NamedPart,
  before: NamedPart | undefined,
  uploaded: ReadonlyMap<number, Part>,
  upload: Upload,
): Part => {
  if (before !== undefined && before.PartNumber >= named.PartNumber) {
    throw new S3Error('InvalidPartOrder', `part ${named.PartNumber} comes after part ${before.PartNumber}`);
  }
  const part = uploaded.get(named.PartNumber);
  if (part === undefined || part.etag !== named.ETag.replace(/^"(.*)"$/, '$1')) {
    throw new S3Error('InvalidPart', `part ${named.PartNumber} with ETag ${named.ETag} was not uploaded`);
  }
  if (upload.algorithm === null) return part;
  const sum = named[checksumElement(upload.algorithm)];
  if (sum === undefined && upload.type === 'COMPOSITE') {
    throw new S3Error('InvalidRequest', `the ${upload.algorithm} of part ${part.number} is missing`);
  }
  if (sum !== undefined && sum !== part.checksum) {
    throw new S3Error(
      'InvalidPart',
      `the ${upload.algorithm} of part ${part.number} is ${part.checksum}, not ${sum}`,
    );
  }
  return part;
};

const checkSizes = (call: Call, parts: readonly Part[]): number => {
  const small = parts.slice(0, -1).find((part) => part.size < MIN_PART_BYTES);
  if (small !== undefined) {
    throw new S3Error(
      'EntityTooSmall',
      `part ${small.number} has ${small.size} bytes, at least ${MIN_PART_BYTES} allowed for all but the last`,
    );
  }
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (size > MAX_OBJECT_BYTES) throw new S3Error('EntityTooLarge', `object of ${size} bytes`);
  const expected = header(call, 'x-amz-mp-object-size');
  if (expected !== undefined && Number(expected) !== size) {
    throw new S3Error('InvalidRequest', `x-amz-mp-object-size is ${expected}, the parts have ${size} bytes`);
  }
  return size;
};

// The MD5 of the parts' MD5s, and their number (docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html, ETag).
const etagOf = (parts: readonly Part[]): string => {
  const md5 = createHash('md5');
  for (const part of parts) md5.update(Buffer.from(part.etag, 'hex'));
  return `${md5.digest('hex')}-${parts.length}`;
};

const checksumOf = (call: Call, upload: Upload, parts: readonly Part[]): Version['checksum'] => {
  if (upload.algorithm === null || upload.type === null) return null;
  const asked = header(call, 'x-amz-checksum-type');
  if (asked !== undefined && asked !== upload.type) {
    throw new S3Error(
      'InvalidRequest',
      `the upload was created with checksum type ${upload.type}, not ${asked}`,
    );
  }
  // With checksums, numbers that are not consecutive from 1 are answered 500 (…/userguide/mpuoverview.html).
  if (parts.at(-1)?.number !== parts.length) {
    throw new S3Error('InternalError', 'part numbers must be consecutive from 1 where checksums are used');
  }
  const sums = parts.map((part) => ({ checksum: part.checksum ?? '', size: part.size }));
  const checksum = joinChecksums(upload.algorithm, upload.type, sums);
  const sent = header(call, checksumHeader(upload.algorithm));
  if (sent !== undefined && sent !== checksum.value && `${sent}-${parts.length}` !== checksum.value) {
    throw new S3Error('BadDigest', `the ${upload.algorithm} of the object is ${checksum.value}, not ${sent}`);
  }
  return checksum;
};

const describe = (call: Call, version: Version): string =>
  toXml('CompleteMultipartUploadResult', [
    ['Location', `/${call.bucket.name}/${version.key}`],
    ['Bucket', call.bucket.name],
    ['Key', version.key],
    ['ETag', quoted(version.etag)],
    ...(version.checksum === null
      ? []
      : ([
          [checksumElement(version.checksum.algorithm), version.checksum.value],
          ['ChecksumType', version.checksum.type],
        ] as const)),
  ]);
