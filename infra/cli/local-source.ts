import { newHttpSessions } from '../../handlers/adapters/http-sessions.ts';
import { httpSource } from '../../handlers/adapters/http-source.ts';
import { newTransports } from '../../handlers/adapters/http-transport.ts';
import { systemClock } from '../../handlers/adapters/system-clock.ts';
import type { Secrets as SecretsPort } from '../../handlers/ports/secrets.ts';
import type { Source } from '../../handlers/ports/source.ts';
import { SecretMissing } from '../../shared/errors.ts';
import { newRedactor, type Redactor } from '../../shared/redact/redactor.ts';
import type { CommandIo } from './command-io.ts';
import { findDataFolder } from './data-folder.ts';
import { readSecrets, type Secrets, textFields } from './secrets.ts';
import { firstValue, type VerbArguments } from './verbs/verb.ts';

export interface LocalSource {
  readonly source: Source;
  readonly secrets: SecretsPort;
  readonly redactor: Redactor;
}

/** What the functions fetch with, and the secrets of this machine. */
export const openLocalSource = async (args: VerbArguments, io: CommandIo): Promise<LocalSource> => {
  const redactor = newRedactor();
  const known = await readSecrets(io, findDataFolder(args, io), firstValue(args, 'secrets'));
  const secrets = localSecrets(known, redactor);
  const source = httpSource({
    secrets,
    clock: systemClock,
    redactor,
    sessions: newHttpSessions(systemClock),
    transports: newTransports(),
    random: Math.random,
  });
  return { source, secrets, redactor };
};

const localSecrets = (known: Secrets, redactor: Redactor): SecretsPort => ({
  read: async (id) => {
    const secret = Object.hasOwn(known, id) ? known[id] : undefined;
    if (typeof secret !== 'object' || secret === null)
      throw new SecretMissing(
        `secret ${JSON.stringify(id)} is not among those of this machine: MILLRACE_SECRETS, --secrets or .millrace/secrets.json; store it: npx millrace secret set ${id}`,
      );
    const fields = textFields(secret);
    redactor.learn(id, fields);
    return fields;
  },
});
