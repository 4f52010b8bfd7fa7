import { afterEach, describe, expect, test } from 'vitest';
import {
  type HttpSessions,
  newHttpSessions,
  type SendLogin,
} from '../../../handlers/adapters/http-sessions.ts';
import { systemClock } from '../../../handlers/adapters/system-clock.ts';
import { LOGINS, type LoginKind } from '../../../infra/local/jazz/logins/registry.ts';
import { type Jazz, startJazz } from '../../../infra/local/jazz/server.ts';
import { SecretMissing, SourceRefused } from '../../../shared/errors.ts';
import { newRedactor } from '../../../shared/redact/redactor.ts';
import type { Auth } from '../../../shared/source/auth/registry.ts';

const USER = { username: 'ada', password: 'l&ve' };
const PATH = '/ccm/rpt/repository/workitem?fields=workitem/workItem/(id)&size=1';
const opened: Jazz[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((jazz) => jazz.close()));
});

const start = async (kind: LoginKind, requestsPerSession?: number): Promise<Jazz> => {
  const session = requestsPerSession === undefined ? {} : { requestsPerSession };
  const jazz = await startJazz({ seed: 1, items: 5, login: { kind, ...USER, ...session } });
  opened.push(jazz);
  return jazz;
};

const send: SendLogin = ({ method, url, headers, body }) =>
  fetch(url, {
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  });

/** Asks for data as the adapter does: with the session, and once more after a login that the answer demands. */
const ask = async (sessions: HttpSessions, jazz: Jazz, auth: Auth, secret = USER): Promise<Response> => {
  const deps = { secrets: { read: async () => secret }, redactor: newRedactor() };
  const session = await sessions.open(auth, jazz.url, deps, send);
  const url = `${jazz.url}${PATH}`;
  const get = async () => send({ method: 'GET', url, headers: await session.headersFor(url) });
  const first = await get();
  await session.keepCookies(first, url);
  if (!session.asksForLogin(first, url)) return first;
  await session.renew(first, url, await first.text());
  return get();
};

const isData = async (response: Response): Promise<boolean> =>
  response.status === 200 && (await response.text()).includes('<workItem>');

const jazzAuth: Auth = { kind: 'jazz', secret: 'acme/jazz' };
const byForm = Object.keys(LOGINS).filter((kind): kind is Exclude<LoginKind, 'basic'> => kind !== 'basic');

describe('a session with a Jazz server', () => {
  test.each(byForm)('by %s begins when it is asked for, and is kept', async (kind) => {
    const jazz = await start(kind);
    const sessions = newHttpSessions(systemClock);
    expect(await isData(await ask(sessions, jazz, jazzAuth))).toBe(true);
    const before = jazz.requests.length;
    expect(await isData(await ask(sessions, jazz, jazzAuth))).toBe(true);
    expect(jazz.requests.length - before).toBe(1);
  });

  test.each(byForm)('by %s is renewed when it lapses', async (kind) => {
    const jazz = await start(kind, 2);
    const sessions = newHttpSessions(systemClock);
    for (let request = 0; request < 5; request += 1) {
      expect(await isData(await ask(sessions, jazz, jazzAuth))).toBe(true);
    }
    jazz.expireSessions();
    expect(await isData(await ask(sessions, jazz, jazzAuth))).toBe(true);
  });

  test.each(byForm)('by %s is refused to the wrong user, by the name of the secret', async (kind) => {
    const jazz = await start(kind);
    const wrong = ask(newHttpSessions(systemClock), jazz, jazzAuth, { ...USER, password: 'wr0ng' });
    await expect(wrong).rejects.toThrow(SourceRefused);
    await expect(wrong).rejects.toThrow(/acme\/jazz/);
  });

  test('is one login for eight slices that ask at once', async () => {
    const jazz = await start('form');
    const sessions = newHttpSessions(systemClock);
    await ask(sessions, jazz, jazzAuth);
    jazz.expireSessions();
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(sessions, jazz, jazzAuth)));
    expect(await Promise.all(answers.map(isData))).toEqual(Array.from({ length: 8 }, () => true));
    expect(jazz.requests.filter((line) => line.startsWith('POST')).length).toBe(2);
  });

  test('begins anew when the secret changes', async () => {
    const jazz = await start('form');
    const sessions = newHttpSessions(systemClock);
    await ask(sessions, jazz, jazzAuth);
    await expect(ask(sessions, jazz, jazzAuth, { ...USER, password: 'wr0ng' })).rejects.toThrow(
      SourceRefused,
    );
    expect(await isData(await ask(sessions, jazz, jazzAuth))).toBe(true);
  });
});

describe('a session with any server', () => {
  test('by Basic asks for nothing before the data', async () => {
    const jazz = await start('basic');
    const auth: Auth = { kind: 'basic', secret: 's' };
    expect(await isData(await ask(newHttpSessions(systemClock), jazz, auth))).toBe(true);
    expect(jazz.requests.length).toBe(1);
  });

  test('is refused by name where the secret lacks a field', async () => {
    const deps = { secrets: { read: async () => ({ username: 'ada' }) }, redactor: newRedactor() };
    const auth: Auth = { kind: 'basic', secret: 'acme/x' };
    const opening = newHttpSessions(systemClock).open(auth, 'http://127.0.0.1', deps, send);
    await expect(opening).rejects.toThrow(SecretMissing);
    await expect(opening).rejects.toThrow('secret "acme/x" has no field password, which auth basic reads');
  });
});

describe('what a session knows is hidden from messages', () => {
  const url = 'http://127.0.0.1:1/feed';
  const answer =
    (body: string, headers: Record<string, string> = {}) =>
    async () =>
      new Response(body, { headers });

  const open = async (auth: Auth, secret: Readonly<Record<string, string>>, reply: SendLogin) => {
    const redactor = newRedactor();
    const deps = { secrets: { read: async () => secret }, redactor };
    const session = await newHttpSessions(systemClock).open(auth, 'http://127.0.0.1:1', deps, reply);
    return { redactor, session };
  };

  test('the token of a login, however short', async () => {
    const auth: Auth = { kind: 'oauth2', secret: 's', tokenUrl: 'https://127.0.0.1/token' };
    const { redactor } = await open(
      auth,
      { clientId: 'id', clientSecret: 'secret' },
      answer('{"access_token":"s4Yk3v"}'),
    );
    expect(redactor.redact('no access for s4Yk3v')).toBe('no access for ***');
  });

  test('the header that a login was asked by, which a server of tokens sends back', async () => {
    const auth: Auth = { kind: 'oauth2', secret: 's', tokenUrl: 'https://127.0.0.1/token' };
    let sent = '';
    const { redactor } = await open(
      auth,
      { clientId: 'id', clientSecret: 'cs€cret/&pQ' },
      async ({ headers }) => {
        sent = headers.find(([name]) => name === 'authorization')?.[1] ?? '';
        return new Response('{"access_token":"s4Yk3v"}');
      },
    );
    expect(redactor.redact(`got ${sent}`)).toBe('got ***');
    expect(redactor.redact(`got ${sent.replace('Basic ', '')}, not more`)).toBe('got ***, not more');
  });

  test('a cookie that an answer to a data request sets, and the one that it replaces', async () => {
    const { redactor, session } = await open(
      jazzAuth,
      USER,
      answer('', { 'set-cookie': 'ID=first-9Kp4q7Tz; Path=/' }),
    );
    for (const value of ['second-9Kp4', 'q7Tz9Kp4', 'Form']) {
      const headers = { 'set-cookie': `ID=${value}; Path=/` };
      await session.keepCookies(new Response('', { headers }), url);
    }
    expect(redactor.redact('by second-9Kp4, then q7Tz9Kp4, of the Form')).toBe(
      'by ***, then ***, of the Form',
    );
  });

  test('as many of the cookies set last as a server may still quote', async () => {
    const { redactor, session } = await open(jazzAuth, USER, answer(''));
    for (let page = 1000; page < 2000; page += 1) {
      const headers = { 'set-cookie': `ID=cookie-of-page-${page}; Path=/` };
      await session.keepCookies(new Response('', { headers }), url);
    }
    expect(redactor.redact('cookie-of-page-1990 cookie-of-page-1999')).toBe('*** ***');
    expect(redactor.redact('cookie-of-page-1000')).toBe('cookie-of-page-1000');
  });
});
