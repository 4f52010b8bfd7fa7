import { SecretMissing, SourceRefused, SourceUnavailable } from '../../shared/errors.ts';
import type { Auth } from '../../shared/model/feed.ts';
import type { Redactor } from '../../shared/redact/redactor.ts';
import { showUrl } from '../../shared/source/trusted-hosts.ts';
import { followSafely } from '../follow-link.ts';
import type { Clock } from '../ports/clock.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Source, SourceRequest } from '../ports/source.ts';
import { assertXml, readRefusal } from './http-answers.ts';
import { type IdleWatch, idleWatch, readBody } from './http-body.ts';
import { describeCertificate, isOfCertificate } from './http-certificate.ts';
import { type StrictRequest, strictFetch } from './strict-fetch.ts';

/** Redirects followed for one page. */
const MAX_REDIRECTS = 5;
/** Times that one page waits for a Retry-After; over it the state's own retry goes on. */
const MAX_WAITS = 5;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

interface Limits {
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
}

export interface HttpSourceDeps {
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly redactor: Redactor;
}

/** A source over HTTP; gzip, deflate and brotli are taken off strictly. */
export const httpSource = (deps: HttpSourceDeps): Source => ({
  open: async (request, limits) => {
    const authorization = await readAuthorization(request.auth, deps.secrets);
    const watch = idleWatch(request.idleTimeoutMs, limits.signal);
    const response = await fetchPage(request, authorization, watch, { ...limits, ...deps });
    const place = placeOf(response.url, request.page);
    return {
      url: showUrl(response.url),
      charset: charsetOf(response.headers.get('content-type') ?? ''),
      body: readBody(response, place, watch),
    };
  },

  readClock: async (url, idleTimeoutMs, signal) => {
    const watch = idleWatch(idleTimeoutMs, signal);
    const response = await fetchOnce(new URL(url), showUrl(url), { method: 'HEAD' }, watch);
    const ms = Date.parse(response.headers.get('date') ?? '');
    // A cache answers with the source's Date of then, and says how long ago that was (RFC 9111, 5.1).
    const age = Number(response.headers.get('age') ?? 0);
    return Number.isNaN(ms) ? undefined : ms + (age > 0 ? age * 1000 : 0);
  },
});

/** Asks for one page until it is there: follows redirects, waits when told how long. */
const fetchPage = async (
  request: SourceRequest,
  authorization: string | undefined,
  watch: IdleWatch,
  { clock, redactor, signal, deadlineMs }: Limits & HttpSourceDeps,
): Promise<Response> => {
  const headers = buildHeaders(request, authorization);
  let url = new URL(request.url);
  let redirects = 0;
  for (let waits = 0; ; ) {
    const place = placeOf(url, request.page);
    const response = await fetchOnce(url, place, { headers }, watch);
    const location = response.headers.get('location');
    if (REDIRECTS.has(response.status) && location !== null) {
      await response.body?.cancel();
      url = followSafely({ link: location, page: url.href, place }, request, redactor);
      if (++redirects > MAX_REDIRECTS) {
        throw new SourceRefused(
          `${place} redirects more than ${MAX_REDIRECTS} times, last to ${showUrl(url)}`,
        );
      }
      continue;
    }
    const asked = { place, auth: request.auth, redactor };
    if (response.status === 200) return watch.run(() => assertXml(response, asked));
    const refusal = await watch.run(() => readRefusal(response, asked, clock.now()));
    const { error, retryAfterMs } = refusal;
    if (retryAfterMs === undefined || clock.now() + retryAfterMs >= deadlineMs) throw error;
    if (++waits > MAX_WAITS) throw error;
    await clock.sleep(retryAfterMs, signal);
  }
};

const buildHeaders = (request: SourceRequest, authorization: string | undefined): Headers => {
  const headers = new Headers(request.headers.map(([name, value]): [string, string] => [name, value]));
  if (!headers.has('accept')) headers.set('accept', 'application/xml, text/xml;q=0.9');
  if (!headers.has('user-agent')) headers.set('user-agent', 'millrace');
  if (authorization !== undefined) headers.set('authorization', authorization);
  return headers;
};

const placeOf = (url: URL | string, page: number): string => `${showUrl(url)} page ${page}`;

/** The charset of a content type; a header is as long as its server likes, and no content type is. */
const charsetOf = (contentType: string): string | undefined =>
  /charset="?([\w.:-]{1,40})/i.exec(contentType.slice(0, 256))?.[1];

/** One request up to its headers. */
const fetchOnce = async (
  url: URL,
  place: string,
  init: Omit<StrictRequest, 'signal'>,
  watch: IdleWatch,
): Promise<Response> => {
  try {
    return await watch.run(() => strictFetch(url, { ...init, signal: watch.signal }));
  } catch (error) {
    if (watch.signal.reason instanceof SourceUnavailable) {
      throw new SourceUnavailable(`no answer from ${place}: ${watch.signal.reason.message}`, {
        cause: error,
      });
    }
    watch.throwIfAborted();
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const text = cause instanceof Error ? cause.message : String(cause);
    if (isOfCertificate(code)) {
      throw new SourceRefused(describeCertificate(place, code, text), { cause: error });
    }
    throw new SourceUnavailable(`no answer from ${place}: ${[code, text].join(' ').trim()}`, {
      cause: error,
    });
  }
};

const readAuthorization = async (auth: Auth, secrets: Secrets): Promise<string | undefined> => {
  switch (auth.kind) {
    case 'none':
      return undefined;
    case 'bearer':
      return `Bearer ${await readField(secrets, auth.secret, 'token')}`;
    case 'basic': {
      const username = await readField(secrets, auth.secret, 'username');
      const password = await readField(secrets, auth.secret, 'password');
      return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    }
  }
};

const readField = async (secrets: Secrets, id: string, field: string): Promise<string> => {
  const value = (await secrets.read(id))[field];
  if (value !== undefined) return value;
  throw new SecretMissing(`secret ${JSON.stringify(id)} has no field ${field}`);
};
