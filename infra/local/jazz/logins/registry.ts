import { appPasswordLogin } from './app-password.ts';
import { formLogin } from './form.ts';
import { BASIC_REALM, hasBasic, type Login, type LoginOptions } from './login.ts';
import { oauthLogin } from './oauth.ts';
import { openidLogin } from './openid.ts';

/** With each request, by HTTP Basic. */
const basicLogin = ({ user }: LoginOptions): Login => ({
  expire: () => undefined,
  answer: async (request, _url, response) => {
    if (hasBasic(request, user)) return false;
    response.writeHead(401, { 'WWW-Authenticate': BASIC_REALM, 'Content-Type': 'text/plain;charset=UTF-8' });
    response.end('user name and password are needed');
    return true;
  },
});

/** The ways of logging in to the sample server, by their names. */
export const LOGINS = {
  basic: basicLogin,
  form: formLogin,
  oauth: oauthLogin,
  openid: openidLogin,
  appPassword: appPasswordLogin,
} as const satisfies Readonly<Record<string, (options: LoginOptions) => Login>>;

export type LoginKind = keyof typeof LOGINS;
