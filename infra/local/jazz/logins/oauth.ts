import { makeFormPage } from './form.ts';
import { type Login, type LoginOptions, sendPage } from './login.ts';
import { makeSessions } from './sessions.ts';

/** By a hand-over: 401 names a URL of the server of users, which has the form, and then sends back with a session. */
export const oauthLogin = ({ user, requestsPerSession }: LoginOptions): Login => {
  const sessions = makeSessions('JSESSIONID', '/ccm', requestsPerSession);
  const users = makeSessions('JTSSESSION', '/jts');
  const page = makeFormPage('/jts', user, users);
  return {
    expire: () => {
      sessions.expire();
      users.expire();
    },
    answer: async (request, url, response) => {
      if (url.pathname === '/jts/j_security_check') return page.submit(request, response);
      if (url.pathname === '/jts/oauth-authorize') {
        if (!users.has(request)) return page.show(response);
        return sendPage(response, 302, { Location: '/ccm/oauth-callback?verified=1' });
      }
      if (url.pathname === '/ccm/oauth-callback')
        return sendPage(response, 200, { 'Set-Cookie': sessions.open() });
      if (sessions.use(request)) return false;
      return sendPage(response, 401, {
        'X-jazz-web-oauth-url': `${url.origin}/jts/oauth-authorize?oauth_token=1`,
      });
    },
  };
};
