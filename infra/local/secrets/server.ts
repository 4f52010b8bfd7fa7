import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { ACCOUNT, REGION } from '../assembly/names.ts';
import { demand, type LocalServer, ServiceError, serveAwsJson } from '../aws-json-server.ts';
import type { Authenticate } from '../iam/authenticate.ts';

/** GetSecretValue of the version that is current; another one is refused (API_GetSecretValue). */
const getInput = z.strictObject({
  SecretId: z.string().min(1).max(2048),
  VersionStage: z.literal('AWSCURRENT').optional(),
});

/**
 * Serves Secrets Manager's GetSecretValue on loopback: secret id to value, an object as its JSON text. A secret that is
 * not there is ResourceNotFoundException, saying where it could be put; every other call is refused by name.
 */
export const startSecrets = (
  secrets: Readonly<Record<string, unknown>>,
  authenticate?: Authenticate,
): Promise<LocalServer> =>
  serveAwsJson(
    'Secrets Manager',
    {
      GetSecretValue: async (raw, caller) => {
        const input = getInput.safeParse(raw);
        if (!input.success) throw new ServiceError('ValidationException', z.prettifyError(input.error));
        const id = toName(input.data.SecretId);
        demand(caller, 'secretsmanager:GetSecretValue', toSecretArn(id));
        return getSecret(secrets, id);
      },
    },
    authenticate,
  );

const getSecret = (secrets: Readonly<Record<string, unknown>>, id: string) => {
  if (!Object.hasOwn(secrets, id)) {
    throw new ServiceError(
      'ResourceNotFoundException',
      `Secrets Manager can't find the specified secret; on this machine secrets come from MILLRACE_SECRETS, --secrets FILE or the data folder's secrets.json`,
    );
  }
  const value = secrets[id];
  return {
    ARN: toSecretArn(id),
    Name: id,
    SecretString: typeof value === 'string' ? value : JSON.stringify(value),
    VersionId: randomUUID(),
    VersionStages: ['AWSCURRENT'],
  };
};

/** The six characters at its end are chance on AWS, and always the same here. */
const toSecretArn = (name: string): string =>
  `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}-000000`;

/** An ARN ends in the secret's name, a hyphen and six characters, which are left off where a partial ARN is used. */
const toName = (id: string): string =>
  /^arn:aws[a-z-]*:secretsmanager:[^:]*:[^:]*:secret:(.+?)(?:-[A-Za-z0-9]{6})?$/.exec(id)?.[1] ?? id;
