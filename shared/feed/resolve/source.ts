import { InvalidInput } from '../../errors.ts';
import type { Feed, HttpSource, S3Source } from '../../model/feed.ts';
import { parseDuration, parseSize } from '../../model/units.ts';
import { writtenPaths } from '../../source/paging/wanted-paths.ts';
import { isWholeUri } from '../../source/request.ts';
import type { FeedDocument } from '../document/feed.ts';
import type { HttpDocument, SourceDocument } from '../document/source.ts';
import type { KeyPath } from '../document/yaml-source.ts';
import type { Check } from './check.ts';
import type { Connection, ConnectionOptions, Connections } from './connection.ts';
import { checkUrl, resolveConnectionKeys } from './connection.ts';
import { readAbsolutePath } from './paths.ts';
import { checkResponses } from './responses.ts';

/** The source of a feed: exactly one of http, by connection or by URL, and s3. */

export interface SourceOptions extends ConnectionOptions {
  /** Undefined when their file is wrong, which is said once, there. */
  readonly connections: Connections | undefined;
}

const HTTP: KeyPath = ['source', 'http'];
const SUFFIXES = ['.xml', '.xml.gz', '.xml.zst'];

const viaConnection = (
  name: string,
  http: HttpDocument,
  listsUri: boolean,
  options: SourceOptions,
  check: Check,
): Connection | undefined => {
  const { connections } = options;
  if (connections !== undefined && !connections.has(name)) {
    const known = [...connections.keys()];
    check.refuse(
      [...HTTP, 'connection'],
      `got '${name}', allowed ${known.length > 0 ? known.join(' ') : 'none: connections.yaml has none'}`,
    );
  }
  for (const key of ['url', 'auth', 'limits', 'trustedHosts', 'tls', 'network'] as const) {
    if (http[key] !== undefined)
      check.refuse(
        [...HTTP, key],
        `stands in the connection '${name}', allowed here without connection only`,
        'key',
      );
  }
  const { path } = http;
  if (path === undefined)
    check.refuse([...HTTP, 'path'], "is missing, allowed what follows the connection's baseUrl", 'key');
  const connection = connections?.get(name);
  if (connection === undefined || path === undefined) return undefined;
  const url = check.attempt([...HTTP, 'path'], () => {
    if (listsUri && isWholeUri(path)) return path;
    if (!path.startsWith('/')) throw new InvalidInput(`got '${path}', allowed a path that starts with /`);
    return checkUrl(connection.baseUrl.replace(/\/$/, '') + path, options);
  });
  return url === undefined ? undefined : { ...connection, baseUrl: url };
};

const viaUrl = (
  http: HttpDocument,
  listsUri: boolean,
  options: SourceOptions,
  check: Check,
): Connection | undefined => {
  const { url, path } = http;
  if (path !== undefined) check.refuse([...HTTP, 'path'], 'got a path, allowed with connection only', 'key');
  const keys = resolveConnectionKeys(http, HTTP, options, check);
  if (url === undefined) {
    check.refuse([...HTTP, 'url'], 'is missing, allowed url, or connection and path', 'key');
    return undefined;
  }
  const checked = check.attempt([...HTTP, 'url'], () =>
    listsUri && isWholeUri(url) ? url : checkUrl(url, options),
  );
  return checked === undefined ? undefined : { ...keys, baseUrl: checked };
};

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** The headers of requests that are written at a place. */
export const resolveHeaders = (
  headers: Readonly<Record<string, string>>,
  place: KeyPath,
  check: Check,
): HttpSource['headers'] => {
  for (const [name, value] of Object.entries(headers)) {
    const at = [...place, 'headers', name];
    if (!HEADER_NAME.test(name))
      check.refuse(at, `got the name '${name}', allowed letters, digits and -`, 'key');
    if (/[\r\n\0]/.test(value)) check.refuse(at, 'got a line break, allowed none in a header');
  }
  return Object.entries(headers);
};

export const resolveParams = (params: NonNullable<HttpDocument['params']>): HttpSource['params'] =>
  Object.entries(params).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  );

/** The body of a POST that is written at a place. */
export const resolveBody = (
  { method = 'GET', body }: Pick<HttpDocument, 'method' | 'body'>,
  place: KeyPath,
  check: Check,
): string | undefined => {
  if (method === 'POST' && body === undefined)
    check.refuse([...place, 'body'], 'is missing, allowed the text that method: POST sends', 'key');
  if (method === 'GET' && body !== undefined)
    check.refuse([...place, 'body'], 'got a body, allowed with method: POST only', 'key');
  return body;
};

const checkTotal = ({ total }: HttpDocument, doc: FeedDocument, check: Check): void => {
  if (total?.of === 'all' && doc.window?.stopWhenOlder === true)
    check.refuse(
      [...HTTP, 'total', 'of'],
      'got all, allowed page: window.stopWhenOlder does not read all pages',
    );
};

const resolveHttp = (
  http: HttpDocument,
  doc: FeedDocument,
  options: SourceOptions,
  check: Check,
): HttpSource | undefined => {
  const { partitions } = doc;
  const listsUri = partitions !== undefined && !Array.isArray(partitions) && 'uri' in partitions.values;
  const connection =
    http.connection === undefined
      ? viaUrl(http, listsUri, options, check)
      : viaConnection(http.connection, http, listsUri, options, check);
  const headers = resolveHeaders(http.headers ?? {}, HTTP, check);
  const { next, total, responses } = http;
  for (const { key, path } of writtenPaths(http)) {
    check.attempt([...HTTP, ...key], () => readAbsolutePath(path, doc.namespaces ?? {}));
  }
  checkTotal(http, doc, check);
  if (connection !== undefined) checkResponses(http, connection.auth, doc, check);
  const body = resolveBody(http, HTTP, check);
  if (connection === undefined) return undefined;
  return {
    kind: 'http',
    ...(http.connection === undefined ? {} : { connection: http.connection }),
    url: connection.baseUrl,
    params: resolveParams(http.params ?? {}),
    headers,
    auth: connection.auth,
    ...(body === undefined ? {} : { body }),
    ...(next === undefined ? {} : { next }),
    ...(total === undefined ? {} : { total }),
    ...(responses === undefined ? {} : { responses }),
    concurrency: connection.concurrency,
    ...(connection.requestsPerSecond === undefined
      ? {}
      : { requestsPerSecond: connection.requestsPerSecond }),
    idleTimeoutMs: connection.idleTimeoutMs,
    trustedHosts: connection.trustedHosts,
    ...(connection.caSecret === undefined ? {} : { caSecret: connection.caSecret }),
    ...(connection.network === undefined ? {} : { network: connection.network }),
  };
};

/** A range costs a function's start, and reads the head again. */
const LEAST_SPLIT_BYTES = 2 ** 20;

const readSplitBytes = (text: string, check: Check): number | undefined =>
  check.attempt(['source', 's3', 'splitBytes'], () => {
    const bytes = parseSize(text);
    if (bytes < LEAST_SPLIT_BYTES) throw new InvalidInput(`got '${text}', allowed at least 1MiB`);
    return bytes;
  });

/** Events of an object may come twice within a day, and the second finds its version. */
const LEAST_KEEP_MS = 86_400_000;

const readKeep = ({ keep = '', bucket }: NonNullable<SourceDocument['s3']>, check: Check) =>
  check.attempt(['source', 's3', 'keep'], () => {
    const keepMs = parseDuration(keep);
    if (keepMs < LEAST_KEEP_MS) throw new InvalidInput(`got '${keep}', allowed at least 1d`);
    if (bucket !== undefined)
      throw new InvalidInput(
        `got '${keep}' of bucket ${bucket}, allowed for landing/ of the deployment's own bucket only; give that bucket a lifecycle rule`,
      );
    return keepMs;
  });

/** Names: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html. */
const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** It stands in policies and in event patterns, where other characters have a meaning or are written in several ways. */
const PREFIX = /^[A-Za-z0-9._-][A-Za-z0-9._/-]{0,255}$/;

const readBucket = (
  { bucket, prefix }: NonNullable<SourceDocument['s3']>,
  check: Check,
): Pick<S3Source, 'bucket' | 'prefix'> => {
  const at = (key: string): KeyPath => ['source', 's3', key];
  if (bucket === undefined) {
    if (prefix !== undefined)
      check.refuse(
        at('prefix'),
        'allowed with bucket only: in our own, files land under landing/<feed>/',
        'key',
      );
    return {};
  }
  if (!BUCKET_NAME.test(bucket))
    check.refuse(at('bucket'), `got '${bucket}', allowed the name of a bucket: 3 to 63 of a-z, 0-9, - and .`);
  if (prefix === undefined)
    check.refuse(at('prefix'), 'is missing, allowed what keys of the bucket start with, as in drops/', 'key');
  else if (!PREFIX.test(prefix))
    check.refuse(at('prefix'), `got '${prefix}', allowed letters, digits and . _ / -, as in drops/`);
  return prefix === undefined ? {} : { bucket, prefix };
};

const resolveS3 = (s3: NonNullable<SourceDocument['s3']>, doc: FeedDocument, check: Check): S3Source => {
  for (const key of ['schedule', 'window', 'partitions'] as const) {
    if (doc[key] !== undefined)
      check.refuse([key], 'allowed for an http source only: each landed object is a batch of its own', 'key');
  }
  const suffixes = s3.suffixes ?? SUFFIXES;
  if (suffixes.length === 0)
    check.refuse(['source', 's3', 'suffixes'], 'got none, allowed at least one, as in .xml');
  const splitBytes = s3.splitBytes === undefined ? undefined : readSplitBytes(s3.splitBytes, check);
  const keepMs = s3.keep === undefined ? undefined : readKeep(s3, check);
  return {
    kind: 's3',
    suffixes,
    ...readBucket(s3, check),
    ...(splitBytes === undefined ? {} : { splitBytes }),
    ...(keepMs === undefined ? {} : { keepMs }),
  };
};

/** The resolved source; undefined when its problems are noted. */
export const resolveSource = (
  doc: FeedDocument,
  options: SourceOptions,
  check: Check,
): Feed['source'] | undefined => {
  const { http, s3 } = doc.source;
  if ((http === undefined) === (s3 === undefined)) {
    check.refuse(
      ['source'],
      `got ${http === undefined ? 'neither' : 'both'}, allowed exactly one of http and s3`,
      'key',
    );
    return undefined;
  }
  if (http !== undefined) return resolveHttp(http, doc, options, check);
  return s3 === undefined ? undefined : resolveS3(s3, doc, check);
};
