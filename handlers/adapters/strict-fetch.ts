import { type Agent, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { UntrustedHost } from '../../shared/errors.ts';
import { showUrl } from '../../shared/source/trusted-hosts.ts';
import { newCompressionRatio } from '../../shared/xml/compression-ratio.ts';
import { DEFAULT_LIMITS } from '../../shared/xml/limits.ts';

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

/**
 * The answer up to its headers; its body fails when it is not whole, and by XmlLimitExceeded when it becomes more than its size allows.
 * Throws UntrustedHost for a URL with a user in it.
 */
export const strictFetch = async (url: URL, init: StrictRequest): Promise<Response> => {
  if (url.username !== '' || url.password !== '') {
    throw new UntrustedHost(
      `${showUrl(url)} has a user in the URL, which is not shown, allowed URLs without one: the feed's auth says who asks`,
    );
  }
  const { method = 'GET' } = init;
  const headers = new Headers(init.headers);
  if (!headers.has('accept-encoding')) headers.set('accept-encoding', 'gzip, deflate, br');
  const message = await send(url, { ...init, method, headers });
  const status = message.statusCode ?? 0;
  const isEmpty = method === 'HEAD' || BODYLESS.has(status);
  if (isEmpty) message.resume();
  const response = new Response(isEmpty ? null : toBody(message, showUrl(url)), {
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
const toBody = (message: IncomingMessage, place: string): ReadableStream<Uint8Array> => {
  const codings = (message.headers['content-encoding'] ?? '').toLowerCase().split(',');
  const known = codings.map((coding) => CODINGS.get(coding.trim())).filter((make) => make !== undefined);
  const steps = known.length === codings.length ? known.toReversed() : [];
  const ratio = newCompressionRatio(place, DEFAULT_LIMITS);
  const all = steps.length === 0 ? [] : [() => counted(ratio.take), ...steps, () => counted(ratio.give)];
  const body = all.reduce<Readable>((from, make) => join(from, make()), message);
  return Readable.toWeb(body) as ReadableStream<Uint8Array>;
};

/** Passes bytes on as they are, once they are counted. */
const counted = (count: (bytes: number) => void): Transform =>
  new Transform({
    transform: (chunk: Uint8Array, _, done) => {
      try {
        count(chunk.length);
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      done(null, chunk);
    },
  });

/** The second stream, fed from the first; each ends with the error of the other. */
const join = (from: Readable, to: Transform): Transform => {
  pipeline(from, to).catch(() => undefined);
  return to;
};
