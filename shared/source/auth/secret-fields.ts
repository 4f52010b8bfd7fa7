import { text } from '../../model/kit.ts';

/** The key that every kind with a secret has. */
export const secretId = (fields: string) => text.describe(`Id of a secret, a JSON object with ${fields}`);

/** The user's two fields as Basic writes them (RFC 7617), in UTF-8. */
export const basicOf = ({ username = '', password = '' }: Readonly<Record<string, string>>): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
