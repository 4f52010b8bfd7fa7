import * as z from 'zod';
import { InvalidInput } from '../../errors.ts';
import { basic } from './basic.ts';
import { bearer } from './bearer.ts';
import { header } from './header.ts';
import { jazz } from './jazz.ts';
import type { AuthKind } from './kind.ts';
import { none } from './none.ts';
import { oauth2 } from './oauth2.ts';

/** The ways of logging in, by the word that chooses one. A new kind is its file and its place in this list. */
const KINDS = [basic, bearer, header, oauth2, jazz] as const;

export const AUTH_KINDS: readonly AuthKind[] = [none, ...KINDS];

/** `auth` of a feed or a connection, as it is written and as a plan keeps it. */
export const auth = z.discriminatedUnion('kind', [none.schema, ...KINDS.map(({ schema }) => schema)], {
  error: AUTH_KINDS.map(({ kind }) => kind).join(' '),
});
export type Auth = z.infer<typeof auth>;

/** The URLs that an auth names itself, each with its key. */
export const urlsOf = (auth: Auth): readonly (readonly [key: string, url: string])[] => {
  const values: Readonly<Record<string, string | undefined>> = auth;
  return (authKindOf(auth).urls ?? []).map((key) => [key, values[key] ?? ''] as const);
};

/** The secret that an auth names; none of kinds without one. */
export const secretOf = (auth: Auth): string | undefined => ('secret' in auth ? auth.secret : undefined);

/** The kind that an auth names. */
export const authKindOf = ({ kind }: Pick<Auth, 'kind'>): AuthKind => {
  const found = AUTH_KINDS.find((one) => one.kind === kind);
  if (found !== undefined) return found;
  throw new InvalidInput(`got auth kind ${kind}, allowed ${AUTH_KINDS.map((one) => one.kind).join(' ')}`);
};
