import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type LocalServer, ServiceError, serveAwsJson } from '../aws-json-server.ts';

/** GetSecretValue of the version that is current; another one is refused (API_GetSecretValue). */
const getInput = z.strictObject({
  SecretId: z.string().min(1).max(2048),
  VersionStage: z.literal('AWSCURRENT').optional(),
});

/**
 * Serves Secrets Manager's GetSecretValue on loopback: secret id to value, an object as its JSON text. A secret that is
 * not there is ResourceNotFoundException, saying where it could be put; every other call is refused by name.
 */
export const startSecrets = (secrets: Readonly<Record<string, unknown>>): Promise<LocalServer> =>
  serveAwsJson('Secrets Manager', {
    GetSecretValue: async (raw) => {
      const input = getInput.safeParse(raw);
      if (!input.success) throw new ServiceError('ValidationException', z.prettifyError(input.error));
      const id = toName(input.data.SecretId);
      if (!Object.hasOwn(secrets, id)) {
        throw new ServiceError(
          'ResourceNotFoundException',
          `Secrets Manager can't find the specified secret; on this machine secrets come from MILLRACE_SECRETS, --secrets FILE or the data folder's secrets.json`,
        );
      }
      const value = secrets[id];
      return {
        ARN: `arn:aws:secretsmanager:local:000000000000:secret:${id}`,
        Name: id,
        SecretString: typeof value === 'string' ? value : JSON.stringify(value),
        VersionId: randomUUID(),
        VersionStages: ['AWSCURRENT'],
      };
    },
  });

/** An ARN ends in the secret's name, a hyphen and six characters, which are left off where a partial ARN is used. */
const toName = (id: string): string =>
  /^arn:aws[a-z-]*:secretsmanager:[^:]*:[^:]*:secret:(.+?)(?:-[A-Za-z0-9]{6})?$/.exec(id)?.[1] ?? id;
