import {
  type Answer,
  converse,
  type Header,
  type LoginRequest,
  type Session,
} from '../../../../shared/source/auth/kind.ts';
import { type Auth, authKindOf } from '../../../../shared/source/auth/registry.ts';

/** What a server of a test answers. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
}

export const toAnswer = (
  url: string,
  { status = 200, headers = {}, cookies = [], body = '' }: Reply,
): Answer => ({
  url,
  status,
  header: (name) => headers[name.toLowerCase()],
  cookies,
  body,
});

/** Holds a login with a server, and gives what was asked of it and the session. */
export const talk = async (
  auth: Auth,
  secret: Readonly<Record<string, string>>,
  server: (request: LoginRequest) => Reply,
  challenge?: Answer,
): Promise<{ readonly asked: readonly LoginRequest[]; readonly session: Session }> => {
  const asked: LoginRequest[] = [];
  const input = challenge === undefined ? { auth, secret } : { auth, secret, challenge };
  const session = await converse(authKindOf(auth).login(input), async (request) => {
    asked.push(request);
    return toAnswer(request.url, server(request));
  });
  return { asked, session };
};

export const headerOf = (headers: readonly Header[], name: string): string | undefined =>
  headers.find(([own]) => own === name)?.[1];

export const silent = (): Reply => {
  throw new Error('nothing was to be asked');
};
