import { describe, expect, test } from 'vitest';
import { SourceRefused, SourceUnavailable } from '../../../../shared/errors.ts';
import type { LoginRequest } from '../../../../shared/source/auth/kind.ts';
import { authKindOf } from '../../../../shared/source/auth/registry.ts';
import { headerOf, type Reply, silent, talk, toAnswer } from './talk.ts';

const auth = { kind: 'jazz', secret: 'acme/jazz' } as const;
const secret = { username: 'ada', password: 'l&ve' };
const DATA = 'https://jazz.example:9443/ccm/rpt/repository/workitem?size=500';
const REQUIRED = { 'x-com-ibm-team-repository-web-auth-msg': 'authrequired' };
const FAILED = { 'x-com-ibm-team-repository-web-auth-msg': 'authfailed' };
const basic = `Basic ${Buffer.from('ada:l&ve').toString('base64')}`;

const login = (challenge: Reply, server: (request: LoginRequest) => Reply) =>
  talk(auth, secret, server, toAnswer(DATA, challenge));
const urls = (asked: readonly LoginRequest[]): readonly string[] =>
  asked.map(({ method, url }) => `${method} ${url}`);

describe('a login to Jazz', () => {
  test('begins with nothing, so that the server says which login it wants', async () => {
    const { asked, session } = await talk(auth, secret, silent);
    expect(asked).toEqual([]);
    expect(headerOf(session.headers, 'user-agent')).toContain('app-password-enabled');
  });

  test('is asked for by the login page of whatever status, and by each 401 that names where', () => {
    const asks = (reply: Reply) => authKindOf(auth).asksForLogin(toAnswer(DATA, reply));
    expect(asks({ status: 200, headers: REQUIRED })).toBe(true);
    expect(asks({ status: 401, headers: { 'x-jazz-web-oauth-url': '/oauth' } })).toBe(true);
    expect(asks({ status: 401, headers: { 'x-jsa-authorization-redirect': '/jsa' } })).toBe(true);
    expect(asks({ status: 401, headers: { 'x-jsa-app-password-redirect': '/app' } })).toBe(true);
    expect(asks({ status: 401 })).toBe(false);
    expect(asks({ status: 200, headers: { 'x-jazz-web-oauth-url': '/oauth' } })).toBe(false);
  });

  test('posts the form to the application that the URL names', async () => {
    const { asked } = await login({ headers: REQUIRED }, () => ({
      status: 302,
      headers: { location: '/ccm/' },
    }));
    expect(urls(asked)).toEqual(['POST https://jazz.example:9443/ccm/j_security_check']);
    expect(asked[0]?.body).toBe('j_username=ada&j_password=l%26ve');
  });

  test('posts the form to the path of the cookie where the server sets one', async () => {
    const cookies = ['JSESSIONID=1; Path=/ccm', 'JazzFormAuth=Form; Path=/jts/; Secure'];
    const { asked } = await login({ headers: REQUIRED, cookies }, () => ({}));
    expect(urls(asked)).toEqual(['POST https://jazz.example:9443/jts/j_security_check']);
  });

  test.each([
    ['by the header', { headers: FAILED }],
    ['by asking again', { headers: REQUIRED }],
    [
      'by a redirect',
      { status: 302, headers: { location: 'https://jazz.example:9443/ccm/auth/authfailed' } },
    ],
    ['by 401', { status: 401 }],
  ])('that is wrong is told with the secret to mend, when the server says so %s', async (_, reply) => {
    const failing = login({ headers: REQUIRED }, () => reply);
    await expect(failing).rejects.toThrow(SourceRefused);
    await expect(failing).rejects.toThrow(/user and password of secret "acme\/jazz"/);
    await expect(failing).rejects.not.toThrow(/l&ve/);
  });

  test.each([302, 400])('that fails (%i) is told without the codes that its URLs carry', async (status) => {
    const failing = login(
      { status: 401, headers: { 'x-jsa-authorization-redirect': '/jsa?state=st4te' } },
      ({ url }) =>
        url.includes('prompt=none')
          ? { headers: { 'x-jsa-login-required': 'true' } }
          : { status, headers: { location: '/oidc/login?code=c0de' } },
    );
    await expect(failing).rejects.toThrow(SourceRefused);
    await expect(failing).rejects.toThrow(/https:\/\/jazz\.example:9443\/(jsa|oidc)/);
    await expect(failing).rejects.not.toThrow(/c0de|st4te/);
  });

  test.each<[string, Reply]>([
    ['a form', { headers: REQUIRED }],
    ['an OAuth URL', { status: 401, headers: { 'x-jazz-web-oauth-url': '/jts/oauth' } }],
    ['an authorization server', { status: 401, headers: { 'x-jsa-authorization-redirect': '/jsa' } }],
    ['an application password', { status: 401, headers: { 'x-jsa-app-password-redirect': '/app' } }],
  ])('by %s at a server that is away is tried again, not refused', async (_, challenge) => {
    const failing = login(challenge, () => ({ status: 503 }));
    await expect(failing).rejects.toThrow(SourceUnavailable);
  });

  test('goes through the OAuth URL: page, form, page again', async () => {
    const page = 'https://jazz.example:9443/jts/oauth?key=1';
    let isIn = false;
    const { asked } = await login(
      { status: 401, headers: { 'x-jazz-web-oauth-url': page } },
      ({ method }) => {
        if (method === 'POST') isIn = true;
        return isIn ? {} : { headers: REQUIRED };
      },
    );
    expect(urls(asked)).toEqual([
      `GET ${page}`,
      'POST https://jazz.example:9443/jts/j_security_check',
      `GET ${page}`,
    ]);
  });

  test('asks an authorization server silently first, and with user and password only where it wants them', async () => {
    const challenge = {
      status: 401,
      headers: { 'x-jsa-authorization-redirect': 'https://jas.example/authorize?c=1' },
    };
    const known = await login(challenge, () => ({}));
    expect(urls(known.asked)).toEqual(['GET https://jas.example/authorize?c=1&prompt=none']);
    const { asked } = await login(challenge, ({ url }) =>
      url.includes('prompt=none') ? { headers: { 'x-jsa-login-required': 'true' } } : {},
    );
    expect(urls(asked)).toEqual([
      'GET https://jas.example/authorize?c=1&prompt=none',
      'GET https://jas.example/authorize?c=1',
      'GET https://jas.example/authorize?c=1',
    ]);
    expect(asked.map(({ headers }) => headerOf(headers, 'authorization'))).toEqual([
      undefined,
      undefined,
      basic,
    ]);
  });

  test('uses an application password where the server offers it, and follows no redirect', async () => {
    const challenge = {
      status: 401,
      headers: {
        'x-jsa-app-password-redirect': '/app',
        'x-jsa-authorization-redirect': 'https://jas.example/authorize',
      },
    };
    const reply = { status: 302, headers: { location: '/ccm/after' } };
    const { asked } = await login(challenge, () => reply);
    expect(urls(asked)).toEqual(['GET https://jazz.example:9443/app']);
    expect(headerOf(asked[0]?.headers ?? [], 'authorization')).toBe(basic);
    await expect(login(challenge, () => ({ status: 401 }))).rejects.toThrow(/secret "acme\/jazz"/);
  });

  test.each([
    ['SAML', { status: 302, headers: { location: 'https://idp.example/sso?SAMLRequest=abc' } }],
    ['SAML', { body: '<form><input type="hidden" name="SAMLRequest" value="x"></form>' }],
    ['Negotiate', { status: 401, headers: { 'www-authenticate': 'Negotiate' } }],
  ])('by %s is refused as what it is', async (name, reply) => {
    const challenge = { status: 401, headers: { 'x-jsa-authorization-redirect': 'https://jas.example/a' } };
    const failing = login(challenge, ({ url }) =>
      url.includes('prompt=none') ? { headers: { 'x-jsa-login-required': 'true' } } : reply,
    );
    await expect(failing).rejects.toThrow(SourceRefused);
    await expect(failing).rejects.toThrow(new RegExp(`by ${name}, which kind jazz does not do`));
  });

  test('that redirects for ever is refused', async () => {
    const challenge = { status: 401, headers: { 'x-jsa-authorization-redirect': 'https://jas.example/a' } };
    const failing = login(challenge, () => ({ status: 302, headers: { location: '/a' } }));
    await expect(failing).rejects.toThrow(/redirects more than 10 times/);
  });
});
