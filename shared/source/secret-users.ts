import type { Feed } from '../model/feed.ts';
import { type Auth, authKindOf, secretOf } from './auth/registry.ts';

/** What logs in by a secret: a feed's source, or a connection that no feed needs to have yet. */
export interface SecretUser {
  readonly auth: Auth;
  readonly caSecret?: string | undefined;
  readonly headers?: readonly (readonly [string, string])[];
}

export const secretUsersOf = ({ source, listing }: Feed): readonly SecretUser[] =>
  source.kind === 'http' ? [{ ...source, headers: [...source.headers, ...(listing?.headers ?? [])] }] : [];

/** The fields that users read of a secret, each once; none where nothing names it. */
export const fieldsWanted = (id: string, users: readonly SecretUser[]): readonly string[] => [
  ...new Set(users.flatMap((user) => fieldsOf(user, id))),
];

/** The ids of all secrets that users name, each once. */
export const namedSecrets = (users: readonly SecretUser[]): readonly string[] => [
  ...new Set(users.flatMap(({ auth, caSecret }) => [secretOf(auth) ?? [], caSecret ?? []].flat())),
];

const fieldsOf = ({ auth, caSecret, headers = [] }: SecretUser, id: string): readonly string[] => [
  ...(secretOf(auth) === id
    ? [...authKindOf(auth).secretFields, ...headers.flatMap(([, value]) => variablesOf(value))]
    : []),
  ...(caSecret === id ? ['ca'] : []),
];

const variablesOf = (template: string): readonly string[] =>
  [...template.matchAll(/\$\{secret\.([^}]+)\}/g)].map(([, name = '']) => name);
