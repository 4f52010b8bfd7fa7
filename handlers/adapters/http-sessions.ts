import type { CookieJar } from 'tough-cookie';
import { SecretMissing } from '../../shared/errors.ts';
import type { Redactor } from '../../shared/redact/redactor.ts';
import {
  type Answer,
  converse,
  type Header,
  type LoginRequest,
  type Session,
} from '../../shared/source/auth/kind.ts';
import { type Auth, authKindOf } from '../../shared/source/auth/registry.ts';
import type { Clock } from '../ports/clock.ts';
import type { Secrets } from '../ports/secrets.ts';
import { readStart } from './error-page.ts';
import { newSessionCredentials, type SessionCredentials } from './session-credentials.ts';

/** Logins that hold: what a source's requests carry, kept from slice to slice as long as the source takes it. */
export interface HttpSessions {
  /**
   * The session of a source, logged in where its kind can do so unasked. One login serves all who ask at once; a changed secret begins
   * another. Throws SecretMissing, SourceRefused, SourceUnavailable.
   */
  open(auth: Auth, origin: string, deps: SessionDeps, send: SendLogin): Promise<HttpSession>;
}

export interface SessionDeps {
  readonly secrets: Secrets;
  /** Learns what a login gives: it is as secret as what it was given for. */
  readonly redactor: Redactor;
}

/** Sends one request of a login, its cookies among the headers; no redirect is followed. */
export type SendLogin = (request: LoginRequest) => Promise<Response>;

export interface HttpSession {
  /** What a request to this URL carries, cookies included. */
  headersFor(url: string): Promise<readonly Header[]>;
  /** Keeps the cookies that an answer sets. */
  keepCookies(response: Response, url: string): Promise<void>;
  asksForLogin(response: Response, url: string): boolean;
  /** Drops all that the source gave so far, unless another session has taken its place: the next one that is opened begins anew. */
  forget(): void;
  /** Logs in as an answer demands. `body` is the start of its body. Throws as `open` does. */
  renew(response: Response, url: string, body: string): Promise<void>;
}

interface Kept {
  readonly jar: CookieJar;
  readonly credentials: SessionCredentials;
  /** The login under way, or its outcome. */
  session: Promise<Session>;
  untilMs: number;
}

export const newHttpSessions = (clock: Clock): HttpSessions => {
  const kept = new Map<string, Kept>();
  return {
    open: async (auth, origin, { secrets, redactor }, send) => {
      const kind = authKindOf(auth);
      // With its list of public suffixes, which a function that reads landed files does not need to start.
      const { CookieJar } = await import('tough-cookie');
      const secret = await readSecret(auth, kind.secretFields, secrets);
      const key = JSON.stringify([auth, origin, secret]);
      const logIn = (one: Kept, challenge?: Answer): Promise<Session> => {
        const input = challenge === undefined ? { auth, secret } : { auth, secret, challenge };
        const session = converse(kind.login(input), (request) => sendIn(one, request, send));
        one.session = session;
        one.untilMs = Number.POSITIVE_INFINITY;
        return session.then(
          (found) => {
            one.credentials.learnHeaders(found.headers);
            if (found.lifetimeMs !== undefined) one.untilMs = clock.now() + found.lifetimeMs;
            return found;
          },
          (error: unknown) => {
            kept.delete(key);
            throw error;
          },
        );
      };
      const begin = async (): Promise<Kept> => {
        const one: Kept = {
          jar: new CookieJar(),
          credentials: newSessionCredentials(key, redactor),
          session: Promise.resolve({ headers: [] }),
          untilMs: 0,
        };
        kept.set(key, one);
        await logIn(one);
        return one;
      };
      const found = kept.get(key);
      const one = found === undefined || found.untilMs <= clock.now() ? await begin() : found;
      await one.session;
      return {
        ...sessionOf(one, kind.asksForLogin, (challenge) => logIn(one, challenge)),
        forget: () => {
          if (kept.get(key) === one) kept.delete(key);
        },
      };
    },
  };
};

const readSecret = async (
  auth: Auth,
  fields: readonly string[],
  secrets: Secrets,
): Promise<Readonly<Record<string, string>>> => {
  if (auth.kind === 'none') return {};
  const secret = await secrets.read(auth.secret);
  const missing = fields.find((field) => secret[field] === undefined);
  if (missing === undefined) return secret;
  throw new SecretMissing(
    `secret ${JSON.stringify(auth.secret)} has no field ${missing}, which auth ${auth.kind} reads`,
  );
};

const sessionOf = (
  one: Kept,
  asksForLogin: (answer: Omit<Answer, 'body'>) => boolean,
  logIn: (challenge: Answer) => Promise<Session>,
): Omit<HttpSession, 'forget'> => {
  let seen = one.session;
  return {
    headersFor: async (url) => {
      seen = one.session;
      const { headers } = await seen;
      const cookie = await one.jar.getCookieString(url);
      return cookie === '' ? headers : [...headers, ['cookie', cookie]];
    },
    keepCookies: (response, url) => keepCookies(one, response, url),
    asksForLogin: (response, url) => asksForLogin(headOf(response, url)),
    renew: async (response, url, body) => {
      // Another request may have logged in since this one was sent: its session is to be tried first.
      if (one.session === seen) await logIn({ ...headOf(response, url), body });
      else await one.session;
    },
  };
};

const sendIn = async (one: Kept, request: LoginRequest, send: SendLogin): Promise<Answer> => {
  one.credentials.learnHeaders(request.headers);
  const cookie = await one.jar.getCookieString(request.url);
  const headers: readonly Header[] =
    cookie === '' ? request.headers : [...request.headers, ['cookie', cookie]];
  const response = await send({ ...request, headers });
  await keepCookies(one, response, request.url);
  return { ...headOf(response, request.url), body: await readStart(response) };
};

/** A cookie that the source may not set is dropped, as browsers do. */
const keepCookies = async ({ jar, credentials }: Kept, response: Response, url: string): Promise<void> => {
  for (const line of response.headers.getSetCookie()) {
    const cookie = await jar.setCookie(line, url, { ignoreError: true });
    if (cookie !== undefined) credentials.learnCookie(cookie.value);
  }
};

const headOf = ({ status, headers }: Response, url: string): Omit<Answer, 'body'> => ({
  url,
  status,
  header: (name) => headers.get(name) ?? undefined,
  cookies: headers.getSetCookie(),
});
