import type { Secrets } from '../../handlers/ports/secrets.ts';
import { SecretMissing } from '../../shared/errors.ts';

/** Secrets that are what they are given. */
export const fixedSecrets = (
  secrets: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
): Secrets => ({
  read: async (id) => {
    const secret = Object.hasOwn(secrets, id) ? secrets[id] : undefined;
    if (secret === undefined) throw new SecretMissing(`secret ${JSON.stringify(id)} does not exist`);
    return secret;
  },
});
