import { BASIC_REALM, hasBasic, type Login, type LoginOptions, sendPage } from './login.ts';
import { makeSessions } from './sessions.ts';

/** Behind single sign-on: programs that say that they know application passwords are sent where one is taken, others to SAML. */
export const appPasswordLogin = ({ user, requestsPerSession }: LoginOptions): Login => {
  const sessions = makeSessions('JSESSIONID', '/', requestsPerSession);
  return {
    expire: sessions.expire,
    answer: async (request, url, response) => {
      if (url.pathname === '/oidc/app-password') {
        if (!hasBasic(request, user)) return sendPage(response, 401, { 'WWW-Authenticate': BASIC_REALM });
        return sendPage(response, 302, { 'Set-Cookie': sessions.open(), Location: '/ccm/web' });
      }
      if (sessions.use(request)) return false;
      if (request.headers['user-agent']?.includes('app-password-enabled') !== true) {
        return sendPage(response, 302, { Location: `${url.origin}/saml?SAMLRequest=sample` });
      }
      return sendPage(response, 401, {
        'X-JSA-APP-PASSWORD-REDIRECT': `${url.origin}/oidc/app-password`,
        'X-JSA-AUTHORIZATION-REDIRECT': `${url.origin}/saml?SAMLRequest=sample`,
      });
    },
  };
};
