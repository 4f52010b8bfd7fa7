import { Readable } from 'node:stream';
import { type Call, header, type Reply } from './call.ts';
import { checkReadConditions } from './conditions.ts';
import { checksumHeaders, quoted, readHeaders } from './object-headers.ts';
import { S3Error } from './s3-error.ts';
import type { Version } from './versions.ts';

/** Query parameters that say, in the place of what is stored, the headers of a read (docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html). */
export const RESPONSE_PARAMETERS: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'cache-control',
    'content-disposition',
    'content-encoding',
    'content-language',
    'content-type',
    'expires',
  ].map((name) => [`response-${name}`, name]),
);

const overridden = ({ query }: Call): Record<string, string> =>
  Object.fromEntries(
    [...query].flatMap(([parameter, value]) => {
      const name = RESPONSE_PARAMETERS[parameter];
      return name === undefined ? [] : [[name, value]];
    }),
  );

/** HeadObject. */
export const headObject = async (call: Call): Promise<Reply> => describe(call, findVersion(call)).reply;

/** GetObject. The bytes stay those of the version found, whatever is put or deleted while they are read. */
export const getObject = async (call: Call): Promise<Reply> => {
  const version = findVersion(call);
  const { reply, from, to } = describe(call, version);
  if (reply.status === 304) return reply;
  const { bytes, done } = call.store.blobs.open(call.store.versions.blobsOf(version.born), from, to);
  const body = Readable.from(bytes, { objectMode: false });
  body.once('close', done);
  return { ...reply, body };
};

interface Description {
  readonly reply: Reply;
  readonly from: number;
  readonly to: number;
}

const describe = (call: Call, version: Version): Description => {
  const headers = { ...readHeaders(call, version), ...overridden(call) };
  if (!checkReadConditions(call, version)) {
    return { reply: { status: 304, headers: { etag: quoted(version.etag) } }, from: 0, to: 0 };
  }
  const range = parseRange(header(call, 'range'), version.size);
  if (range === undefined) {
    // Only a whole object's checksum is known (docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, ChecksumMode).
    const checksum =
      header(call, 'x-amz-checksum-mode') === 'ENABLED' ? checksumHeaders(version.checksum) : {};
    const whole = { ...headers, ...checksum, 'content-length': version.size };
    return { reply: { status: 200, headers: whole }, from: 0, to: version.size };
  }
  const { from, to } = range;
  const part = {
    ...headers,
    'content-length': to - from,
    'content-range': `bytes ${from}-${to - 1}/${version.size}`,
  };
  return { reply: { status: 206, headers: part }, from, to };
};

/**
 * One range, as RFC 9110 has it; a header that is no range is ignored, several ranges are refused as S3 has none
 * (docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, Range). Throws S3Error InvalidRange.
 */
const parseRange = (text: string | undefined, size: number): { from: number; to: number } | undefined => {
  if (text?.includes(',') === true) throw new S3Error('NotImplemented', `several ranges in ${text}`);
  const match = /^bytes=(\d*)-(\d*)$/.exec(text ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const [, first = '', last = ''] = match;
  const isSuffix = first === '';
  const from = isSuffix ? Math.max(size - Number(last), 0) : Number(first);
  const to = isSuffix || last === '' ? size : Math.min(Number(last) + 1, size);
  if (!isSuffix && last !== '' && Number(last) < from) return undefined;
  if (from < to) return { from, to };
  throw new S3Error('InvalidRange', `the range ${text} is not in the object's ${size} bytes`, {
    'content-range': `bytes */${size}`,
  });
};

/** The version that a read asks for (docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html). Throws S3Error. */
export const findVersion = (call: Call): Version => {
  const { versions } = call.store;
  const id = call.query.get('versionId');
  const asked = id === null ? undefined : versions.find(call.bucket.name, call.key, id);
  const version = id === null ? versions.current(call.bucket.name, call.key) : asked;
  if (version === undefined) {
    if (id === null) throw new S3Error('NoSuchKey', 'the specified key does not exist');
    throw new S3Error('NoSuchVersion', 'the specified version does not exist');
  }
  if (!version.is_marker) return version;
  const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': version.version };
  if (id === null) throw new S3Error('NoSuchKey', 'the specified key does not exist', headers);
  throw new S3Error('MethodNotAllowed', 'the specified version is a delete marker', {
    ...headers,
    allow: 'DELETE',
    'last-modified': new Date(version.modified).toUTCString(),
  });
};
