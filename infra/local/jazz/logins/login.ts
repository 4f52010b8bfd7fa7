import type { IncomingMessage, ServerResponse } from 'node:http';

/** How the sample server finds out who asks: one of the ways of real Jazz servers. */
export interface Login {
  /**
   * Answers what is part of a login, and demands one of a request without a session. Gives true when it has answered; a request of
   * which it gives false is served.
   */
  answer(request: IncomingMessage, url: URL, response: ServerResponse): Promise<boolean>;
  /** Ends all sessions, as a server does after some idle time. */
  expire(): void;
}

export interface User {
  readonly username: string;
  readonly password: string;
}

export interface LoginOptions {
  readonly user: User;
  /** Requests that one session is good for. Default any number. */
  readonly requestsPerSession?: number | undefined;
}

export const AUTH_MESSAGE = 'X-com-ibm-team-repository-web-auth-msg';
export const BASIC_REALM = 'Basic realm="Jazz"';

export const isUser = (user: User, username: string | null, password: string | null): boolean =>
  username === user.username && password === user.password;

/** Whether the request carries the user's Basic authorization. */
export const hasBasic = ({ headers }: IncomingMessage, { username, password }: User): boolean =>
  headers.authorization === `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

const PAGE =
  '<html><head><title>Log in</title></head><body><form action="j_security_check">&nbsp;</form></body></html>';

/** Ends an answer with an HTML page, as a browser would see it; a `Location` makes it a redirect. */
export const sendPage = (
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string | readonly string[]>>,
): true => {
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(name, typeof value === 'string' ? value : [...value]);
  }
  response.writeHead(status, { 'Content-Type': 'text/html;charset=UTF-8' });
  response.end(status >= 300 && status < 400 ? '' : PAGE);
  return true;
};
