import type { IncomingMessage } from 'node:http';
import { OPERATIONS, type Operation } from './operations.ts';
import { decodeUri } from './parameters.ts';
import { S3Error } from './s3-error.ts';

export interface Address {
  readonly operation: Operation;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
}

/** Bytes of a key in UTF-8 (docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html). */
const MAX_KEY_BYTES = 1024;

/**
 * Reads a path-style request: its bucket, key and operation. Signatures are accepted as they are and not verified.
 * Throws S3Error: what is not built is refused by name, never ignored.
 */
export const parseAddress = (request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): Address => {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1));
  const slash = path.indexOf('/', 1);
  const bucket = decodeUri(slash === -1 ? path.slice(1) : path.slice(1, slash));
  const key = slash === -1 ? '' : decodeUri(path.slice(slash + 1));
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new S3Error(
      'KeyTooLongError',
      `your key has ${Buffer.byteLength(key)} bytes, at most ${MAX_KEY_BYTES} allowed`,
    );
  }
  const operation = findOperation(request, key === '' ? 'bucket' : 'object', query);
  if (operation === undefined || bucket === '') {
    throw notBuilt(`${request.method} ${[...query.keys()].map((name) => `?${name}`).join(' ') || path}`);
  }
  checkQuery(operation, query);
  checkHeaders(operation, request.headers);
  return { operation, bucket, key, query };
};

const findOperation = (
  request: Pick<IncomingMessage, 'method' | 'headers'>,
  on: Operation['on'],
  query: URLSearchParams,
): Operation | undefined =>
  OPERATIONS.find(
    (operation) =>
      operation.method === request.method &&
      operation.on === on &&
      operation.when.every((name) => query.has(name)) &&
      (operation.isCopy === undefined || operation.isCopy === 'x-amz-copy-source' in request.headers),
  );

const checkQuery = ({ name: operation, when, takes }: Operation, query: URLSearchParams): void => {
  for (const [name, value] of query) {
    const isSignature = name === 'x-id' || name.startsWith('X-Amz-');
    if (!isSignature && !when.includes(name) && !takes.includes(name))
      throw notBuilt(`${operation} with ?${name}`);
    if (name === 'list-type' && value !== '2') throw notBuilt(`list-type ${value}`);
  }
};

/** Headers that change nothing here, or that each operation checks by itself. */
const KNOWN_HEADERS: ReadonlySet<string> = new Set([
  'x-amz-date',
  'x-amz-content-sha256',
  'x-amz-security-token',
  'x-amz-user-agent',
  'x-amz-decoded-content-length',
  'x-amz-trailer',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-checksum-algorithm',
  'x-amz-checksum-type',
  'x-amz-checksum-mode',
  'x-amz-checksum-crc32',
  'x-amz-checksum-crc32c',
  'x-amz-checksum-crc64nvme',
  'x-amz-checksum-sha1',
  'x-amz-checksum-sha256',
  'x-amz-mp-object-size',
  'x-amz-copy-source',
  'x-amz-metadata-directive',
]);

/** Headers that are harmless with the value that is the default anyway. */
const DEFAULT_HEADERS: Readonly<Record<string, string>> = {
  'x-amz-acl': 'private',
  'x-amz-storage-class': 'STANDARD',
  'x-amz-server-side-encryption': 'AES256',
};

const checkHeaders = ({ name: operation, honours }: Operation, headers: IncomingMessage['headers']): void => {
  for (const name of Object.keys(headers)) {
    const isCondition = name.startsWith('if-') || name === 'range';
    if (isCondition && !honours.includes(name)) throw notBuilt(`${operation} with ${name}`);
    if (!name.startsWith('x-amz-') || name.startsWith('x-amz-meta-') || KNOWN_HEADERS.has(name)) continue;
    if (DEFAULT_HEADERS[name] !== headers[name])
      throw notBuilt(`${operation} with ${name}: ${headers[name]}`);
  }
};

const notBuilt = (what: string): S3Error =>
  new S3Error('NotImplemented', `not part of the local S3: ${what}`);
