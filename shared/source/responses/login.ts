import type { Consequence } from './consequence.ts';

/** A source that says by an answer of its own that the session is over. */
export const login = {
  word: 'login',
  says: 'The session is over: its cookies and token are dropped, and the page is asked for once more, after a new login.',
  judge: ({ says }) => ({ kind: 'again', says }),
  refuse: ({ kind }) =>
    kind === 'none'
      ? 'got login with auth none, which has no session, allowed with any other auth'
      : undefined,
} as const satisfies Consequence;
