import type { SourceRefused, SourceUnavailable } from '../../errors.ts';
import type { Auth } from '../auth/registry.ts';

/** What becomes of an answer that a rule of the feed matches: one of `responses`, chosen by `then`. */

/** An answer that a rule matched, in words for people. */
export interface Ruled {
  /** What was answered, and which rule says so; secrets are taken out. */
  readonly says: string;
  readonly status: number;
}

/**
 * `error`: the answer is one. `end`: it is a page without a record, and no other follows. `again`: the session is over; after a new login
 * the page is asked for once more. `says` is that of the answer.
 */
export type Verdict =
  | { readonly kind: 'error'; readonly error: SourceUnavailable | SourceRefused }
  | { readonly kind: 'end'; readonly says: string }
  | { readonly kind: 'again'; readonly says: string };

export interface Consequence {
  /** The word after `then`. */
  readonly word: string;
  /** What it does, for the documentation. */
  readonly says: string;
  readonly judge: (ruled: Ruled) => Verdict;
  /** Why it cannot be had with a way of logging in; undefined where it can. */
  readonly refuse: (auth: Auth) => string | undefined;
}

/** Of what works with any way of logging in. */
export const withAny = (): undefined => undefined;
