import { SourceBusy, SourceRefused } from '../../shared/errors.ts';
import type { Redactor } from '../../shared/redact/redactor.ts';
import { urlsOf } from '../../shared/source/auth/registry.ts';
import { followSafely } from '../../shared/source/follow-safely.ts';
import type { Verdict } from '../../shared/source/responses/consequence.ts';
import { followLink, showUrl } from '../../shared/source/trusted-hosts.ts';
import { toConditions } from '../../shared/source/validators.ts';
import type { Clock } from '../ports/clock.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { OpenLimits, Source, SourceRequest, SourceResponse } from '../ports/source.ts';
import { readStart } from './error-page.ts';
import { assertXml, charsetOf, type Refusal, readRefusal, toRefusal } from './http-answers.ts';
import { type IdleWatch, idleWatch, readBody } from './http-body.ts';
import { fetchOnce, type Line } from './http-request.ts';
import { assertRest, toRangeHeaders, toRestTag } from './http-rest.ts';
import { judgeAnswer } from './http-rules.ts';
import type { HttpSession, HttpSessions, SendLogin } from './http-sessions.ts';
import type { Transports } from './http-transport.ts';
import { newTurns, type TakeTurn } from './http-turns.ts';
import { toWait } from './http-waits.ts';

/** Redirects followed for one page. */
const MAX_REDIRECTS = 5;
/** Logins that one page may ask for: slices that share a session may see it lapse twice. */
const MAX_LOGINS = 2;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface HttpSourceDeps {
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly redactor: Redactor;
  /** Kept over invocations: one login serves all slices of a process. */
  readonly sessions: HttpSessions;
  readonly transports: Transports;
  /** From 0 up to 1, never 1: what spreads waits. */
  readonly random: () => number;
}

/** A line whose requests take turns. */
interface PacedLine extends Line {
  readonly turn: () => Promise<void>;
}

/** A source over HTTP; gzip, deflate and brotli are taken off strictly. */
export const httpSource = (deps: HttpSourceDeps): Source => {
  const takeTurn = newTurns(deps.clock);
  return { open: (request, limits) => openPage(request, limits, takeTurn, deps) };
};

const untimed = <T>(wait: () => Promise<T>): Promise<T> => wait();

const openPage = async (
  request: SourceRequest,
  limits: OpenLimits,
  takeTurn: TakeTurn,
  deps: HttpSourceDeps,
): Promise<SourceResponse> => {
  const { timeTurn: timed = untimed } = limits;
  const watch = idleWatch(request.idleTimeoutMs, limits.signal);
  const transport = await deps.transports.open(request, deps.secrets);
  const line = { watch, transport, turn: () => timed(() => takeTurn(request.pace, limits)) };
  const origin = new URL(request.url).origin;
  const begin = () => deps.sessions.open(request.auth, origin, deps, sendLogin(request, line));
  const answered = await fetchPage(request, begin, line, { ...limits, ...deps });
  const { response, isEmpty, isUnchanged = false } = answered;
  const place = placeOf(response.url, request.page);
  const header = (name: string) => response.headers.get(name) ?? undefined;
  return {
    url: showUrl(response.url),
    header,
    restTag: toRestTag(header),
    isRest: response.status === 206,
    charset: charsetOf(response.headers.get('content-type') ?? ''),
    body: readBody(isEmpty ? new Response(null) : response, place, watch),
    isEmpty,
    isUnchanged,
  };
};

/** Sends a request of a login: to the source's own trusted hosts, and to those that its auth names. */
const sendLogin =
  ({ auth, trustedHosts, url: source }: SourceRequest, line: PacedLine): SendLogin =>
  async ({ method, url, headers, body }) => {
    const hosts = [...trustedHosts, ...urlsOf(auth).map(([, own]) => new URL(own).host)];
    const target = followLink(url, source, hosts, `the login of ${showUrl(source)}`);
    const init = {
      method,
      headers: new Headers(headers.map(([name, value]): [string, string] => [name, value])),
      body,
    };
    await line.turn();
    return fetchOnce(target, `${showUrl(target)} (login)`, init, line);
  };

/** What was answered in the end: a page, or by a rule one without a record. */
interface Answered {
  readonly response: Response;
  readonly isEmpty: boolean;
  readonly isUnchanged?: boolean;
}

/** What has been tried for one page. */
interface Tried {
  redirects: number;
  waits: number;
  logins: number;
  isRenewed: boolean;
}

/** Asks for one page until it is there: logs in, follows redirects, waits when told how long. */
const fetchPage = async (
  request: SourceRequest,
  begin: () => Promise<HttpSession>,
  line: PacedLine,
  deps: OpenLimits & HttpSourceDeps,
): Promise<Answered> => {
  const { watch } = line;
  const tried: Tried = { redirects: 0, waits: 0, logins: 0, isRenewed: request.isLapsed === true };
  let url = new URL(request.url);
  let session = await begin();
  if (tried.isRenewed) session = await beginAnew(session, begin);
  for (;;) {
    const place = placeOf(url, request.page);
    const came = await fetchInSession(url, place, request, session, line);
    if (came.status === 304 && request.validators !== undefined)
      return { response: came, isEmpty: false, isUnchanged: true };
    if (came.status === 206 && request.rest !== undefined) {
      assertRest(came, request.rest, place);
      return { response: came, isEmpty: false };
    }
    const asked = { place, auth: request.auth, redactor: deps.redactor };
    const { response, verdict } = await watch.run(() => judgeAnswer(came, request.rules, asked));
    if (verdict?.kind === 'end') return { response, isEmpty: true };
    if (verdict?.kind === 'error') {
      await waitOrThrow(toRefusal(verdict.error, response, deps.clock.now()), tried, deps);
      continue;
    }
    const renewed = await logInAgain({ session, verdict, response, url }, tried, begin, watch);
    if (renewed !== undefined) {
      session = renewed;
      url = new URL(request.url);
      continue;
    }
    const target = await redirectOf(response, { url, place, tried }, request, deps.redactor);
    if (target !== undefined) {
      url = target;
      continue;
    }
    if (response.status === 200) {
      return { response: await watch.run(() => assertXml(response, asked)), isEmpty: false };
    }
    await waitOrThrow(await watch.run(() => readRefusal(response, asked, deps.clock.now())), tried, deps);
  }
};

/** Where an answer leads, held to the trusted hosts; undefined where it leads nowhere. */
const redirectOf = async (
  { status, headers, body }: Response,
  { url, place, tried }: { readonly url: URL; readonly place: string; readonly tried: Tried },
  request: SourceRequest,
  redactor: Redactor,
): Promise<URL | undefined> => {
  const link = headers.get('location');
  if (!REDIRECTS.has(status) || link === null) return undefined;
  await body?.cancel();
  const to = followSafely({ link, page: url.href, place }, request, redactor);
  refuseRedirect(request, { place, status, to, redirects: ++tried.redirects });
  return to;
};

interface Asking {
  readonly session: HttpSession;
  readonly verdict: Extract<Verdict, { kind: 'again' }> | undefined;
  readonly response: Response;
  readonly url: URL;
}

/**
 * The session to ask in once more, where an answer asks for that: another one, once a page, by a rule; the same after a login, by the auth's
 * own kind. Throws SourceRefused where a rule asks for it again.
 */
const logInAgain = async (
  { session, verdict, response, url }: Asking,
  tried: Tried,
  begin: () => Promise<HttpSession>,
  watch: IdleWatch,
): Promise<HttpSession | undefined> => {
  if (verdict !== undefined) {
    if (tried.isRenewed) throw new SourceRefused(`${verdict.says}: so it did before a new login`);
    tried.isRenewed = true;
    return beginAnew(session, begin);
  }
  if (!session.asksForLogin(response, url.href) || tried.logins++ >= MAX_LOGINS) return undefined;
  await session.renew(response, url.href, await watch.run(() => readStart(response)));
  return session;
};

const beginAnew = (session: HttpSession, begin: () => Promise<HttpSession>): Promise<HttpSession> => {
  session.forget();
  return begin();
};

/** Waits before the same is asked again, or throws what the answer was. */
const waitOrThrow = async (
  refusal: Refusal,
  tried: Tried,
  { clock, random, signal, deadlineMs, timeTurn: timed = untimed }: OpenLimits & HttpSourceDeps,
): Promise<void> => {
  const wait = toWait(refusal, { nowMs: clock.now(), deadlineMs, waits: tried.waits++, random });
  if (wait !== undefined) await timed(() => clock.sleep(wait.ms, signal));
  if (wait === undefined) throw refusal.error;
  if (wait.isLast) throw new SourceBusy(refusal.error.message, { cause: refusal.error });
};

const fetchInSession = async (
  url: URL,
  place: string,
  request: SourceRequest,
  session: HttpSession,
  line: PacedLine,
): Promise<Response> => {
  await line.turn();
  const headers = buildHeaders(request, await session.headersFor(url.href));
  const { body } = request;
  const init = body === undefined ? { headers } : { method: 'POST', headers, body };
  const response = await fetchOnce(url, place, init, line);
  await session.keepCookies(response, url.href);
  return response;
};

interface Redirect {
  readonly place: string;
  readonly status: number;
  readonly to: URL;
  readonly redirects: number;
}

/** Redirects that keep the method and the body of a POST (RFC 9110, 15.4). */
const KEEPS_BODY: ReadonlySet<number> = new Set([307, 308]);

const refuseRedirect = ({ body }: SourceRequest, { place, status, to, redirects }: Redirect): void => {
  if (redirects > MAX_REDIRECTS)
    throw new SourceRefused(`${place} redirects more than ${MAX_REDIRECTS} times, last to ${showUrl(to)}`);
  if (body === undefined || KEEPS_BODY.has(status)) return;
  throw new SourceRefused(
    `${place} answered a POST with ${status} to ${showUrl(to)}, allowed 307 and 308, which keep its body`,
  );
};

/** The feed's own headers, then those of the session, which stand above them; then defaults. */
const buildHeaders = (request: SourceRequest, session: readonly (readonly [string, string])[]): Headers => {
  const headers = new Headers(request.headers.map(([name, value]): [string, string] => [name, value]));
  for (const [name, value] of toConditions(request.validators ?? {})) headers.set(name, value);
  for (const [name, value] of session) headers.set(name, value);
  for (const [name, value] of request.rest === undefined ? [] : toRangeHeaders(request.rest))
    headers.set(name, value);
  if (!headers.has('accept')) headers.set('accept', 'application/xml, text/xml;q=0.9');
  if (!headers.has('user-agent')) headers.set('user-agent', 'millrace');
  if (request.body !== undefined && !headers.has('content-type'))
    headers.set('content-type', 'text/xml;charset=UTF-8');
  return headers;
};

const placeOf = (url: URL | string, page: number): string => `${showUrl(url)} page ${page}`;
