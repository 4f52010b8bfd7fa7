import { type Agent, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';

/**
 * The platform's fetch takes a content encoding off leniently: a gzip body that lacks its end or its checksum passes as whole. This one
 * makes the same request by node:http and takes it off strictly. It follows no redirect.
 */
export interface StrictRequest {
  readonly method?: string;
  readonly headers?: Headers;
  readonly body?: string | undefined;
  readonly agent: Agent;
  readonly signal: AbortSignal;
}

const CODINGS: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', () => createGunzip()],
  ['x-gzip', () => createGunzip()],
  ['deflate', () => createInflate()],
  ['br', () => createBrotliDecompress()],
  ['zstd', () => createZstdDecompress()],
]);

/** Statuses that have no body, to which a Response may be given none. */
const BODYLESS: ReadonlySet<number> = new Set([204, 205, 304]);

/** The answer up to its headers; its body fails when it is not whole. */
export const strictFetch = async (url: URL, init: StrictRequest): Promise<Response> => {
  if (url.username !== '' || url.password !== '')
    throw new TypeError('a URL with a user in it is not requested');
  const { method = 'GET' } = init;
  const headers = new Headers(init.headers);
  if (!headers.has('accept-encoding')) headers.set('accept-encoding', 'gzip, deflate, br');
  const message = await send(url, { ...init, method, headers });
  const status = message.statusCode ?? 0;
  const isEmpty = method === 'HEAD' || BODYLESS.has(status);
  if (isEmpty) message.resume();
  const response = new Response(isEmpty ? null : toBody(message), {
    status,
    statusText: message.statusMessage ?? '',
    headers: toHeaders(message),
  });
  // A Response that is made, not fetched, has no URL of its own.
  return Object.defineProperty(response, 'url', { value: url.href });
};

const send = (
  url: URL,
  { method = 'GET', headers, body, agent, signal }: StrictRequest,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestHttps : requestHttp;
    const sent = request(url, { method, headers: Object.fromEntries(headers ?? []), agent, signal }, resolve);
    sent.on('error', reject);
    sent.end(body);
  });

const toHeaders = ({ rawHeaders }: IncomingMessage): Headers => {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  }
  return headers;
};

/** The codings stand in the order in which they were applied. One that is not known is left on, as fetch leaves it. */
const toBody = (message: IncomingMessage): ReadableStream<Uint8Array> => {
  const codings = (message.headers['content-encoding'] ?? '').toLowerCase().split(',');
  const known = codings.map((coding) => CODINGS.get(coding.trim())).filter((make) => make !== undefined);
  const steps = known.length === codings.length ? known.toReversed() : [];
  const body = steps.reduce<Readable>((from, make) => join(from, make()), message);
  return Readable.toWeb(body) as ReadableStream<Uint8Array>;
};

/** The second stream, fed from the first; each ends with the error of the other. */
const join = (from: Readable, to: Transform): Transform => {
  pipeline(from, to).catch(() => undefined);
  return to;
};
