import { authKindOf } from '../auth/registry.ts';
import type { Consequence } from './consequence.ts';

/** A source that says by an answer of its own that the session is over. */
export const login = {
  word: 'login',
  says: 'The session is over: a new login, and the page is asked for once more. With an `auth` that logs in: `oauth2`, `jazz`.',
  judge: ({ says }) => ({ kind: 'again', says }),
  refuse: (auth) =>
    authKindOf(auth).isLasting
      ? `got login with auth ${auth.kind}, which has no other session to offer, allowed with oauth2 or jazz`
      : undefined,
} as const satisfies Consequence;
