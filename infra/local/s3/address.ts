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
 * Reads a path-style request: its bucket, key and operation. Throws S3Error: what is not built is refused by name, never
 * ignored.
 */
export const parseAddress = (
  request: Pick<IncomingMessage, 'method' | 'headers'>,
  path: string,
  query: URLSearchParams,
): Address => {
  const slash = path.indexOf('/', 1);
  const bucket = decodeUri(slash === -1 ? path.slice(1) : path.slice(1, slash));
  const key = slash === -1 ? '' : decodeUri(path.slice(slash + 1));
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new S3Error(
      'KeyTooLongError',
      `your key has ${Buffer.byteLength(key)} bytes, at most ${MAX_KEY_BYTES} allowed`,
    );
  }
  const operation = findOperation(request, levelOf(bucket, key), query);
  if (operation === undefined) {
    throw notBuilt(`${request.method} ${[...query.keys()].map((name) => `?${name}`).join(' ') || path}`);
  }
  checkQuery(operation, query);
  checkHeaders(operation, request.headers);
  return { operation, bucket, key, query };
};

const levelOf = (bucket: string, key: string): Operation['on'] => {
  if (key !== '') return 'object';
  return bucket === '' ? 'account' : 'bucket';
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
      !isOfSubresource(operation, query) &&
      (operation.isCopy === undefined || operation.isCopy === 'x-amz-copy-source' in request.headers),
  );

/** `?acl` and the like, which have no value, make a request another operation than the one without. */
const isOfSubresource = ({ when, takes }: Operation, query: URLSearchParams): boolean =>
  [...query].some(([name, value]) => value === '' && !when.includes(name) && !takes.includes(name));

/** The parts of a signature in the query, case and all (…/AmazonS3/latest/API/sigv4-query-string-auth.html). */
const SIGNATURE_PARAMETERS: ReadonlySet<string> = new Set([
  'X-Amz-Algorithm',
  'X-Amz-Content-Sha256',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-Security-Token',
  'X-Amz-Signature',
  'X-Amz-SignedHeaders',
]);

/**
 * SDKs move headers into the query of what they presign. S3 reads no checksum there: that of a put is of an empty body, since the body is
 * not known yet (github.com/aws/aws-sdk-go-v2/issues/2610, github.com/localstack/localstack/issues/12169).
 */
const UNREAD_PARAMETERS =
  /^(x-id|x-amz-(checksum-(crc32|crc32c|crc64nvme|sha1|sha256|mode|algorithm)|sdk-checksum-algorithm|user-agent))$/i;

const checkQuery = ({ name: operation, when, takes }: Operation, query: URLSearchParams): void => {
  for (const [name, value] of query) {
    const isKnown = SIGNATURE_PARAMETERS.has(name) || UNREAD_PARAMETERS.test(name);
    if (!isKnown && !when.includes(name) && !takes.includes(name))
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
  'x-amz-copy-source-if-match',
  'x-amz-copy-source-if-modified-since',
  'x-amz-copy-source-if-none-match',
  'x-amz-copy-source-if-unmodified-since',
  'x-amz-copy-source-range',
  'x-amz-metadata-directive',
  'x-amz-object-attributes',
]);

/** Headers that are harmless with the value that is the default anyway. */
const DEFAULT_HEADERS: Readonly<Record<string, string>> = {
  'x-amz-acl': 'private',
  'x-amz-storage-class': 'STANDARD',
  'x-amz-tagging-directive': 'COPY',
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
