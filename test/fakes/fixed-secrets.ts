import type { Secrets } from '../../handlers/ports/secrets.ts';
import { SecretMissing } from '../../shared/errors.ts';
import { newRedactor, type Redactor } from '../../shared/redact/redactor.ts';

/** Secrets that are what they are given; the redactor learns those that are read. */
export const fixedSecrets = (
  secrets: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
  redactor: Pick<Redactor, 'learn'> = newRedactor(),
): Secrets => ({
  read: async (id) => {
    const secret = Object.hasOwn(secrets, id) ? secrets[id] : undefined;
    if (secret === undefined) throw new SecretMissing(`secret ${JSON.stringify(id)} does not exist`);
    redactor.learn(id, secret);
    return secret;
  },
});
