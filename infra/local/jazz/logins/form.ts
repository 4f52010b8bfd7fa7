import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { AUTH_MESSAGE, isUser, type Login, type LoginOptions, sendPage, type User } from './login.ts';
import { makeSessions, type Sessions } from './sessions.ts';

/** The login form of one application: what it answers to the form, and how it shows it. */
export interface FormPage {
  /** Answers a POST of the form; the right user gets a session. */
  submit(request: IncomingMessage, response: ServerResponse): Promise<true>;
  /** Shows the form. */
  show(response: ServerResponse): true;
}

export const makeFormPage = (root: string, user: User, sessions: Sessions): FormPage => ({
  submit: async (request, response) => {
    const form = new URLSearchParams(await text(request));
    if (!isUser(user, form.get('j_username'), form.get('j_password'))) {
      return sendPage(response, 302, { [AUTH_MESSAGE]: 'authfailed', Location: `${root}/auth/authfailed` });
    }
    const cookies = [sessions.open(), 'LtpaToken2=sample; Path=/; HttpOnly'];
    return sendPage(response, 302, { 'Set-Cookie': cookies, Location: `${root}/authenticated/identity` });
  },
  show: (response) =>
    sendPage(response, 200, {
      [AUTH_MESSAGE]: 'authrequired',
      'Set-Cookie': `JazzFormAuth=Form; Path=${root}/; Secure`,
    }),
});

/** By a form: a request without a session gets 200 and the login page, in the place of data. */
export const formLogin = ({ user, requestsPerSession }: LoginOptions): Login => {
  const sessions = makeSessions('JSESSIONID', '/ccm', requestsPerSession);
  const page = makeFormPage('/ccm', user, sessions);
  return {
    expire: sessions.expire,
    answer: async (request, url, response) => {
      if (url.pathname === '/ccm/j_security_check') return page.submit(request, response);
      return sessions.use(request) ? false : page.show(response);
    },
  };
};
