import type { StagedBlob } from './blobs.ts';
import { type Call, header, type Reply } from './call.ts';
import { checksumElement, checksumType, parseAlgorithm } from './checksums.ts';
import { quoted, storedHeadersOf } from './object-headers.ts';
import { encoder, numberParameter } from './parameters.ts';
import { putTime } from './put-time.ts';
import { receiveBody } from './receive-body.ts';
import { S3Error } from './s3-error.ts';
import type { Part, Upload } from './uploads.ts';
import { type Element, toXml } from './xml.ts';

/** Starting, filling, listing and aborting uploads (docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html). */

/** Part numbers, and entries on one page (docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html). */
const MAX_PARTS = 10_000;
const MAX_PAGE = 1000;

/** CreateMultipartUpload: the time of this call decides which of two uploads of a key is its current version. */
export const createMultipartUpload = async (call: Call): Promise<Reply> => {
  const asked = header(call, 'x-amz-checksum-algorithm');
  const algorithm = asked === undefined ? null : parseAlgorithm(asked);
  const type = algorithm === null ? null : checksumType(algorithm, header(call, 'x-amz-checksum-type'));
  const headers = storedHeadersOf(call);
  const upload = call.store.commit(() =>
    call.store.uploads.start({
      born: call.store.tick(),
      bucket: call.bucket.name,
      key: call.key,
      initiated: putTime(call),
      headers,
      algorithm,
      type,
    }),
  );
  return {
    status: 200,
    headers: {
      'x-amz-checksum-algorithm': algorithm ?? undefined,
      'x-amz-checksum-type': type ?? undefined,
    },
    body: toXml('InitiateMultipartUploadResult', [
      ['Bucket', call.bucket.name],
      ['Key', call.key],
      ['UploadId', upload],
    ]),
  };
};

/** UploadPart: a part of a number that is there already takes its place. */
export const uploadPart = async (call: Call): Promise<Reply> => {
  const number = readPartNumber(call);
  const upload = findUpload(call);
  const body = await receiveBody(call);
  const { etag, staged } = body;
  const value = body.checksum?.value ?? null;
  await addPart(call, { number, etag, checksum: value, modified: call.now(), staged }, () =>
    requireChecksum(upload, body.checksum?.algorithm),
  );
  const checksum = body.checksum && {
    [`x-amz-checksum-${body.checksum.algorithm.toLowerCase()}`]: body.checksum.value,
  };
  return {
    status: 200,
    headers: { etag: quoted(body.etag), 'x-amz-server-side-encryption': 'AES256', ...checksum },
  };
};

/** The number of the part that is uploaded. Throws S3Error InvalidArgument. */
export const readPartNumber = (call: Call): number => {
  const number = numberParameter(call.query, 'partNumber', 0);
  if (number >= 1 && number <= MAX_PARTS) return number;
  throw new S3Error('InvalidArgument', `part number must be an integer between 1 and ${MAX_PARTS}`);
};

/** A part whose bytes are staged. */
type StagedPart = Omit<Part, 'blob' | 'size'> & { readonly staged: StagedBlob };

/** Puts a staged part into its upload; where that fails, its bytes are gone. */
export const addPart = async (
  call: Call,
  { staged, ...part }: StagedPart,
  check: () => void = () => {},
): Promise<void> => {
  const { blobs, uploads } = call.store;
  try {
    check();
    call.store.commit(() => {
      const { upload } = findUpload(call); // it may have been aborted or completed while the bytes came
      blobs.release(uploads.addPart(upload, { ...part, ...blobs.keep(staged) }));
    });
  } catch (cause) {
    await blobs.abandon(staged);
    throw cause;
  }
};

const requireChecksum = (upload: Upload, algorithm: string | undefined): void => {
  if (upload.algorithm === null || upload.algorithm === algorithm) return;
  throw new S3Error(
    'InvalidRequest',
    `checksum type mismatch occurred, expected ${upload.algorithm}, got ${algorithm ?? 'none'}`,
  );
};

/** AbortMultipartUpload. */
export const abortMultipartUpload = async (call: Call): Promise<Reply> => {
  call.store.commit(() => {
    const { upload } = findUpload(call);
    call.store.blobs.release(call.store.uploads.remove(upload));
  });
  return { status: 204 };
};

/** The open upload that the request names. Throws S3Error NoSuchUpload. */
export const findUpload = (call: Call): Upload => {
  const upload = call.store.uploads.find(call.bucket.name, call.key, call.query.get('uploadId') ?? '');
  if (upload !== undefined) return upload;
  throw new S3Error(
    'NoSuchUpload',
    'the specified multipart upload does not exist: aborted, completed or never started',
  );
};

/** ListParts. */
export const listParts = async (call: Call): Promise<Reply> => {
  const upload = findUpload(call);
  const limit = Math.min(numberParameter(call.query, 'max-parts', MAX_PAGE), MAX_PAGE);
  const marker = numberParameter(call.query, 'part-number-marker', 0);
  const found = call.store.uploads.parts(upload.upload, marker, limit + 1);
  const parts = found.slice(0, limit);
  const isTruncated = limit > 0 && found.length > limit;
  const body = toXml('ListPartsResult', [
    ['Bucket', call.bucket.name],
    ['Key', call.key],
    ['UploadId', upload.upload],
    ['StorageClass', 'STANDARD'],
    ['PartNumberMarker', marker],
    ['NextPartNumberMarker', isTruncated ? parts.at(-1)?.number : undefined],
    ['MaxParts', limit],
    ['IsTruncated', isTruncated],
    ['ChecksumAlgorithm', upload.algorithm ?? undefined],
    ['ChecksumType', upload.type ?? undefined],
    ...parts.map((part): Element => ['Part', describePart(part, upload)]),
  ]);
  return { status: 200, body };
};

const describePart = (part: Part, upload: Upload): Element[] => [
  ['PartNumber', part.number],
  ['LastModified', new Date(part.modified).toISOString()],
  ['ETag', quoted(part.etag)],
  ['Size', part.size],
  ...(upload.algorithm === null
    ? []
    : [[checksumElement(upload.algorithm), part.checksum ?? undefined] satisfies Element]),
];

/** ListMultipartUploads, by key and then by upload id. */
export const listMultipartUploads = async (call: Call): Promise<Reply> => {
  const encode = encoder(call.query);
  const prefix = call.query.get('prefix') ?? '';
  const keyMarker = call.query.get('key-marker') ?? '';
  const idMarker = call.query.get('upload-id-marker') ?? '';
  const limit = Math.min(numberParameter(call.query, 'max-uploads', MAX_PAGE), MAX_PAGE);
  // Without an upload id the marker is behind all uploads of its key: '~' sorts after the digits of ids.
  const after = { key: keyMarker, upload: idMarker === '' ? '~' : idMarker };
  const found = call.store.uploads.list(call.bucket.name, after, prefix, limit + 1);
  const uploads = found.slice(0, limit);
  const isTruncated = limit > 0 && found.length > limit;
  const last = uploads.at(-1);
  const body = toXml('ListMultipartUploadsResult', [
    ['Bucket', call.bucket.name],
    ['KeyMarker', encode(keyMarker)],
    ['UploadIdMarker', idMarker],
    ['NextKeyMarker', isTruncated && last ? encode(last.key) : undefined],
    ['NextUploadIdMarker', isTruncated ? last?.upload : undefined],
    ['Prefix', encode(prefix)],
    ['MaxUploads', limit],
    ['EncodingType', call.query.get('encoding-type') ?? undefined],
    ['IsTruncated', isTruncated],
    ...uploads.map(
      (upload): Element => [
        'Upload',
        [
          ['UploadId', upload.upload],
          ['Key', encode(upload.key)],
          ['Initiated', new Date(upload.initiated).toISOString()],
          ['StorageClass', 'STANDARD'],
          ['ChecksumAlgorithm', upload.algorithm ?? undefined],
          ['ChecksumType', upload.type ?? undefined],
        ],
      ],
    ),
  ]);
  return { status: 200, body };
};
