import { createHash } from 'node:crypto';
import { type Call, header, type Reply } from './call.ts';
import { checksumElement, createDigest, type Digest } from './checksums.ts';
import { copiedVersionHeader, findCopySource } from './copy-source.ts';
import { addPart, findUpload, readPartNumber } from './multipart-upload.ts';
import { quoted } from './object-headers.ts';
import { S3Error } from './s3-error.ts';
import { toXml } from './xml.ts';

/** Most bytes of one part (docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html). */
const MAX_PART_BYTES = 5 * 1024 ** 3;

/** UploadPartCopy: a part whose bytes are those of an object, or of a range of it. */
export const uploadPartCopy = async (call: Call): Promise<Reply> => {
  const number = readPartNumber(call);
  const upload = findUpload(call);
  const source = findCopySource(call);
  const { from, to } = rangeOf(call, source.size);
  const { blobs, versions } = call.store;
  const md5 = createHash('md5');
  const checksum = upload.algorithm === null ? undefined : createDigest(upload.algorithm);
  const { bytes, done } = blobs.open(versions.blobsOf(source.born), from, to);
  const staged = await blobs.receive(digested(bytes, [md5, ...(checksum ? [checksum] : [])])).finally(done);
  const etag = md5.digest('hex');
  const value = checksum?.digest().toString('base64');
  const modified = call.now();
  await addPart(call, { number, etag, checksum: value ?? null, modified, staged });
  return {
    status: 200,
    headers: { 'x-amz-server-side-encryption': 'AES256', ...copiedVersionHeader(call, source) },
    body: toXml('CopyPartResult', [
      ['LastModified', new Date(modified).toISOString()],
      ['ETag', quoted(etag)],
      ...(upload.algorithm === null ? [] : [[checksumElement(upload.algorithm), value] as const]),
    ]),
  };
};

async function* digested(bytes: AsyncIterable<Buffer>, digests: readonly Digest[]): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    for (const digest of digests) digest.update(chunk);
    yield chunk;
  }
}

/** Unlike a read's, this range has to lie within the source (docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html). */
const rangeOf = (call: Call, size: number): { from: number; to: number } => {
  const text = header(call, 'x-amz-copy-source-range');
  const match = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(text ?? 'bytes=0-0');
  const [from, to] = text === undefined ? [0, size] : [Number(match?.[1]), Number(match?.[2]) + 1];
  if (match === null || from > to || to > size) {
    throw new S3Error('InvalidArgument', `the range ${text} is not in the source's ${size} bytes`);
  }
  if (to - from <= MAX_PART_BYTES) return { from, to };
  throw new S3Error(
    'InvalidRequest',
    `the part has ${to - from} bytes, at most ${MAX_PART_BYTES} are copied`,
  );
};
