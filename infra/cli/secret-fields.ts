import type { Connections } from '../../shared/feed/resolve/connection.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { type Auth, authKindOf, secretOf } from '../../shared/source/auth/registry.ts';

/** What logs in by a secret: a feed's source, or a connection that no feed needs to have yet. */
interface User {
  readonly auth: Auth;
  readonly caSecret?: string | undefined;
  readonly headers?: readonly (readonly [string, string])[];
}

/** The fields that feeds and connections read of a secret, each once; none where nothing names it. */
export const fieldsWanted = (
  id: string,
  feeds: readonly Feed[],
  connections: Connections,
): readonly string[] => {
  return [...new Set(allUsers(feeds, connections).flatMap((user) => fieldsOf(user, id)))];
};

/** The ids of all secrets that feeds and connections name, each once. */
export const namedSecrets = (feeds: readonly Feed[], connections: Connections): readonly string[] => {
  const ids = allUsers(feeds, connections).flatMap(({ auth, caSecret }) => [secretOf(auth), caSecret]);
  return [...new Set(ids.filter((id) => id !== undefined))];
};

const allUsers = (feeds: readonly Feed[], connections: Connections): readonly User[] => [
  ...[...connections.values()].filter((one) => one !== undefined),
  ...feeds.flatMap(usersOf),
];

const usersOf = ({ source, listing }: Feed): readonly User[] =>
  source.kind === 'http' ? [{ ...source, headers: [...source.headers, ...(listing?.headers ?? [])] }] : [];

const fieldsOf = ({ auth, caSecret, headers = [] }: User, id: string): readonly string[] => [
  ...(secretOf(auth) === id
    ? [...authKindOf(auth).secretFields, ...headers.flatMap(([, value]) => variablesOf(value))]
    : []),
  ...(caSecret === id ? ['ca'] : []),
];

const variablesOf = (template: string): readonly string[] =>
  [...template.matchAll(/\$\{secret\.([^}]+)\}/g)].map(([, name = '']) => name);
