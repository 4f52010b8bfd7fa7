import * as z from 'zod';
import { SourceRefused, SourceUnavailable } from '../../errors.ts';
import { map } from '../../model/kit.ts';
import {
  type Answer,
  authKind,
  type Conversation,
  given,
  isAway,
  type LoginInput,
  type LoginRequest,
  quote,
  type Session,
} from './kind.ts';
import { basicOf, secretId } from './secret-fields.ts';

const schema = map({
  kind: z.literal('jazz'),
  secret: secretId('`username` and `password`, or an application password'),
});
type Jazz = z.infer<typeof schema>;

/** `authrequired`: the answer is a login page, whatever its status; `authfailed`: the login was wrong. */
const AUTH_MESSAGE = 'x-com-ibm-team-repository-web-auth-msg';
const OAUTH_URL = 'x-jazz-web-oauth-url';
const JSA_REDIRECT = 'x-jsa-authorization-redirect';
const JSA_LOGIN_REQUIRED = 'x-jsa-login-required';
const JSA_APP_PASSWORD = 'x-jsa-app-password-redirect';
/** A server with single sign-on offers application passwords only to those who say that they know them. */
const AGENT = ['user-agent', 'millrace app-password-enabled'] as const;
/** The cookie whose path is the application that the login form belongs to. */
const FORM_COOKIE = /^JazzFormAuth=[^;]{0,1000};.{0,1000}?\bpath=([^;\s]{1,1000})/i;

/**
 * IBM Jazz, as its servers ask for it: by a form, by a form at the URL of an OAuth hand-over, by an authorization server (JAS, OpenID
 * Connect), with an application password. The first data request goes out without a login, and its answer says which it is.
 */
export const jazz = authKind({
  schema,
  says: 'Logs in to IBM Jazz (EWM, DOORS Next, ETM) as its server asks for it, and again when the session ends.',
  secretFields: ['username', 'password'],
  login: ({ challenge, ...input }) => (challenge === undefined ? given(AGENT) : answer(challenge, input)),
  asksForLogin: (head) =>
    head.header(AUTH_MESSAGE) !== undefined ||
    SAML.test(head.header('location') ?? '') ||
    (head.status === 401 &&
      [OAUTH_URL, JSA_REDIRECT, JSA_APP_PASSWORD].some((name) => head.header(name) !== undefined)),
});

const SESSION: Session = { headers: [AGENT] };

type User = Pick<LoginInput<Jazz>, 'auth' | 'secret'>;

/** The order of these is that of the servers' own clients: an answer may offer several. */
function* answer(challenge: Answer, user: User): Conversation {
  const message = challenge.header(AUTH_MESSAGE);
  if (message === 'authfailed') throw failed(challenge.url, user);
  if (message !== undefined) {
    yield* fillForm(challenge, user);
    return SESSION;
  }
  const oauthUrl = challenge.header(OAUTH_URL);
  if (oauthUrl !== undefined) return yield* handOver(absolute(oauthUrl, challenge), user);
  const appPassword = challenge.header(JSA_APP_PASSWORD);
  if (appPassword !== undefined) return yield* useAppPassword(absolute(appPassword, challenge), user);
  const authorization = challenge.header(JSA_REDIRECT);
  if (authorization !== undefined) return yield* authorize(absolute(authorization, challenge), user);
  refuseOtherLogins(challenge);
  throw new SourceRefused(
    `${showPlace(challenge.url)} answered ${challenge.status}: not a login that kind jazz knows`,
  );
}

const absolute = (link: string, { url }: Answer): string => {
  if (URL.canParse(link, url)) return new URL(link, url).href;
  throw new SourceRefused(
    `${showPlace(url)} sends its login to ${JSON.stringify(quote(link))}, which is no URL`,
  );
};

/** A URL of a login as messages show it: its query has codes and states that are worth a session. */
const showPlace = (url: string): string => {
  const { origin, pathname } = new URL(url);
  return `${origin}${quote(pathname)}`;
};

type Asking<T> = Generator<LoginRequest, T, Answer>;

/** One request. A server that is away says nothing of the user: its login is tried again later. */
function* ask(request: LoginRequest): Asking<Answer> {
  const reply = yield request;
  if (reply.header(AUTH_MESSAGE) === undefined && isAway(reply.status)) {
    throw new SourceUnavailable(`${showPlace(reply.url)} answered ${reply.status} to the login`);
  }
  return reply;
}

const failed = (url: string, { auth }: User): SourceRefused =>
  new SourceRefused(
    `${showPlace(url)} does not take user and password of secret ${JSON.stringify(auth.secret)}; put the right ones into that secret`,
  );

/** Posts the form to the application that asked: the cookie's path names it, else the first step of the URL. */
function* fillForm(challenge: Answer, user: User): Asking<void> {
  const reply = yield* ask(formPost(challenge, user));
  const isFailed =
    reply.header(AUTH_MESSAGE) !== undefined ||
    /\/auth\/authfailed\b/.test((reply.header('location') ?? '').slice(0, 2000));
  if (isFailed || reply.status === 401 || reply.status === 403) throw failed(reply.url, user);
  if (reply.status >= 400) {
    throw new SourceRefused(
      `${showPlace(reply.url)} answered ${reply.status} to the login form, allowed 200 or a redirect`,
    );
  }
}

const formPost = ({ url, cookies }: Answer, { secret }: User) => {
  const { origin, pathname } = new URL(url);
  const cookiePath = cookies
    .map((line) => FORM_COOKIE.exec(line.slice(0, 4000))?.[1])
    .find((path) => path !== undefined);
  const root = (cookiePath ?? `/${pathname.split('/')[1] ?? ''}`).replace(/\/$/, '');
  const { username = '', password = '' } = secret;
  return {
    method: 'POST',
    url: `${origin}${root}/j_security_check`,
    headers: [AGENT, ['content-type', 'application/x-www-form-urlencoded']],
    body: new URLSearchParams({ j_username: username, j_password: password }).toString(),
  } as const;
};

/** Jazz as its own OAuth provider: that URL answers with the form, and after it hands the session over. */
function* handOver(url: string, user: User): Conversation {
  const asked = yield* get(url);
  if (asked.header(AUTH_MESSAGE) !== undefined) {
    yield* fillForm(asked, user);
    yield* get(url);
  }
  return SESSION;
}

/** JAS: the server tells whether it wants a login; then the same URL takes user and password once. */
function* authorize(url: string, user: User): Conversation {
  const silent = yield* get(`${url}${url.includes('?') ? '&' : '?'}prompt=none`);
  if (silent.header(JSA_LOGIN_REQUIRED)?.toLowerCase() !== 'true') return SESSION;
  const page = yield* get(url);
  refuseOtherLogins(page);
  checkLogin(yield* get(url, [['authorization', basicOf(user.secret)]]), user);
  return SESSION;
}

/** That answer sets the cookies; where it leads is for browsers. */
function* useAppPassword(url: string, user: User): Conversation {
  checkLogin(
    yield* ask({ method: 'GET', url, headers: [AGENT, ['authorization', basicOf(user.secret)]] }),
    user,
  );
  return SESSION;
}

/** Redirects followed for one page of a login. */
const MAX_REDIRECTS = 10;

/** Follows redirects of a login itself, since what a server says on the way counts; `headers` go to the first one alone. */
function* get(url: string, headers: readonly (readonly [string, string])[] = []): Asking<Answer> {
  let next = yield* ask({ method: 'GET', url, headers: [AGENT, ...headers] });
  for (let redirects = 0; next.status >= 300 && next.status < 400; redirects += 1) {
    const location = next.header('location');
    if (location === undefined) return next;
    refuseOtherLogins(next);
    if (redirects === MAX_REDIRECTS) {
      throw new SourceRefused(`the login at ${showPlace(url)} redirects more than ${MAX_REDIRECTS} times`);
    }
    next = yield* ask({ method: 'GET', url: absolute(location, next), headers: [AGENT] });
  }
  return next;
}

const checkLogin = ({ url, status }: Answer, user: User): void => {
  if (status === 401 || status === 403) throw failed(url, user);
  if (status >= 400) throw new SourceRefused(`${showPlace(url)} answered ${status} to the login`);
};

/** The redirect to an identity provider. */
const SAML = /[?&]SAMLRequest=/;

/** A browser and a person could go on there; a function cannot. */
const refuseOtherLogins = (reply: Answer): void => {
  const location = (reply.header('location') ?? '').slice(0, 4000);
  const isSaml = SAML.test(location) || /name=["']SAMLRequest["']/.test(reply.body);
  const scheme = /^\s*(negotiate|kerberos|ntlm)\b/i.exec(reply.header('www-authenticate') ?? '')?.[1];
  if (!isSaml && scheme === undefined) return;
  const what = isSaml ? 'SAML' : scheme;
  throw new SourceRefused(
    `${showPlace(reply.url)} asks for a login by ${what}, which kind jazz does not do; allowed a form, OAuth, OpenID Connect, or an application password, which such servers give out`,
  );
};
