import { SourceRefused, SourceUnavailable } from '../../shared/errors.ts';
import { quoteText } from '../../shared/redact/quote.ts';
import type { Redactor } from '../../shared/redact/redactor.ts';
import { type Auth, secretOf } from '../../shared/source/auth/registry.ts';
import { quotePage, readStart } from './error-page.ts';

/** Jazz says by this header that a page is its login form, whatever the status. */
const JAZZ_AUTH = 'x-com-ibm-team-repository-web-auth-msg';
/** Jazz reports a client's mistake as a 500 whose body names one of these. */
const JAZZ_MISTAKE = /CRRED\d{4}E[^<\r\n]*/;
/** Busy now, by definition: request timeout, locked, too many requests, unavailable. */
const BUSY: ReadonlySet<number> = new Set([408, 423, 429, 503]);
/** Statuses that speak of who asks, not of what is asked for. */
const IDENTITY: ReadonlySet<number> = new Set([401, 403, 407]);

/** Shortest wait for a Retry-After, so that `0` is no busy loop. */
const MIN_WAIT_MS = 1_000;

/** What was asked for, as whom, and what takes secrets out of an answer before it is quoted. */
export interface Asked {
  readonly place: string;
  readonly auth: Auth;
  readonly redactor: Redactor;
}

/** Content types that are never XML; whatever else a source may call its XML is taken at its content. */
const NOT_XML = /^(text\/(html|css|csv|javascript)|application\/([\w.-]+\+)?json|image\/(?!svg)[\w.-]+)\b/i;

/** Whether an answer is a page of data, as far as its head tells. */
export const isPage = ({ status, headers }: Response): boolean =>
  status === 200 && headers.get(JAZZ_AUTH) === null && !NOT_XML.test(headers.get('content-type') ?? '');

/** Returns a 200 as it is, unless its headers say that it is no XML: SourceRefused quotes the page and says who asked. */
export const assertXml = async (response: Response, asked: Asked): Promise<Response> => {
  const { place, auth } = asked;
  const { redact } = asked.redactor;
  const type = quoteText(response.headers.get('content-type') ?? '', redact);
  const jazz = response.headers.get(JAZZ_AUTH);
  if (isPage(response)) return response;
  const text = await readStart(response);
  const isHtml = /html/i.test(type);
  const what = isHtml ? 'perhaps a login page, not XML' : 'not XML';
  const says =
    jazz === null
      ? `content-type ${type} and status 200: ${what}${quotePage(text, redact)}`
      : loginWords(quoteText(jazz, redact));
  throw new SourceRefused(`${place} answered with ${says}${jazz !== null || isHtml ? askedAs(auth) : ''}`);
};

const loginWords = (jazz: string): string => `a login page (${JAZZ_AUTH}: ${jazz})`;

/** Where to look when a source does not know who asks; the secret's id, never its value. */
const askedAs = (auth: Auth): string => {
  const secret = secretOf(auth);
  return secret === undefined ? ' (asked without auth)' : ` (asked with auth ${auth.kind}, secret ${secret})`;
};

const UNASKED =
  ' (not modified) to a request without a condition, allowed 200; look whether a header of the feed, or something in between, makes one';

export interface Refusal {
  readonly error: SourceUnavailable | SourceRefused;
  /** How long the source asks to wait, where it does. */
  readonly retryAfterMs: number | undefined;
  /** The source is well, and asked too often. */
  readonly isThrottle: boolean;
}

/** Reads an answer that is not a page: transient or terminal, and when to come back. */
export const readRefusal = async (
  response: Response,
  { place, auth, redactor: { redact } }: Asked,
  nowMs: number,
): Promise<Refusal> => {
  const { status } = response;
  const text = await readStart(response);
  const what = `${place} answered ${status}`;
  if (status === 304) return terminal(`${what}${UNASKED}`, false);
  const mistake = JAZZ_MISTAKE.exec(redact(text))?.[0];
  const jazz = response.headers.get(JAZZ_AUTH);
  if (jazz !== null)
    return terminal(`${what} with ${loginWords(quoteText(jazz, redact))}${askedAs(auth)}`, false);
  if (mistake !== undefined) return terminal(`${what}: ${quoteText(mistake, redact)}`, true);
  if (!BUSY.has(status) && status < 500) {
    const isIdentity = IDENTITY.has(status);
    return terminal(
      `${what}${quotePage(text, redact)}${isIdentity ? askedAs(auth) : ''}`,
      status >= 400 && !isIdentity,
    );
  }
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), nowMs);
  const wait = retryAfterMs === undefined ? '' : `, to be retried after ${Math.ceil(retryAfterMs / 1000)} s`;
  const isThrottle = status === 429;
  return {
    error: Object.assign(new SourceUnavailable(`${what}${wait}${quotePage(text, redact)}`), { isThrottle }),
    retryAfterMs,
    isThrottle,
  };
};

/** A rule's error, with the wait that the answer asks for. */
export const toRefusal = (
  error: SourceUnavailable | SourceRefused,
  response: Response,
  nowMs: number,
): Refusal => ({
  error,
  retryAfterMs:
    error instanceof SourceUnavailable
      ? parseRetryAfter(response.headers.get('retry-after'), nowMs)
      : undefined,
  isThrottle: error instanceof SourceUnavailable && response.status === 429,
});

const terminal = (message: string, isRequestAtFault: boolean): Refusal => ({
  error: new SourceRefused(message, { isRequestAtFault }),
  retryAfterMs: undefined,
  isThrottle: false,
});

/** The charset of a content type; a header is as long as its server likes, and no content type is. */
export const charsetOf = (contentType: string): string | undefined =>
  /charset="?([\w.:-]{1,40})/i.exec(contentType.slice(0, 256))?.[1];

/** Milliseconds to wait by a Retry-After of seconds or a date. */
export const parseRetryAfter = (header: string | null, nowMs: number): number | undefined => {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(MIN_WAIT_MS, ms);
};
