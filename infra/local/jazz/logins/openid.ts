import { BASIC_REALM, hasBasic, type Login, type LoginOptions, sendPage } from './login.ts';
import { makeSessions } from './sessions.ts';

/** By an authorization server (OpenID Connect): asked silently it says that it wants a login, and it takes Basic. */
export const openidLogin = ({ user, requestsPerSession }: LoginOptions): Login => {
  const sessions = makeSessions('JSESSIONID', '/ccm', requestsPerSession);
  const known = makeSessions('OPSESSION', '/oidc');
  return {
    expire: () => {
      sessions.expire();
      known.expire();
    },
    answer: async (request, url, response) => {
      if (url.pathname === '/oidc/authorize') {
        const isRight = hasBasic(request, user);
        if (isRight || known.has(request)) {
          return sendPage(response, 302, {
            ...(isRight ? { 'Set-Cookie': known.open() } : {}),
            Location: '/ccm/jazzop/auth?code=1',
          });
        }
        if (request.headers.authorization !== undefined)
          return sendPage(response, 401, { 'WWW-Authenticate': BASIC_REALM });
        const isSilent = url.searchParams.get('prompt') === 'none';
        return sendPage(response, 200, isSilent ? { 'X-JSA-LOGIN-REQUIRED': 'true' } : {});
      }
      if (url.pathname === '/ccm/jazzop/auth')
        return sendPage(response, 200, { 'Set-Cookie': sessions.open() });
      if (sessions.use(request)) return false;
      return sendPage(response, 401, {
        'WWW-Authenticate': 'JSA realm="jazz"',
        'X-JSA-AUTHORIZATION-REDIRECT': `${url.origin}/oidc/authorize?client_id=ccm`,
      });
    },
  };
};
