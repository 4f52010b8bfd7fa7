import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { SecretMissing } from '../../shared/errors.ts';
import type { Redactor } from '../../shared/redact/redactor.ts';
import type { Secrets } from '../ports/secrets.ts';
import { toAwsFailure, toServiceError } from './aws-errors.ts';

const fields = z.record(z.string(), z.string());

/** Secrets of AWS Secrets Manager, each read once in the life of this object: one invocation. The redactor learns each. */
export const secretsManager = (client: SecretsManagerClient, redactor: Pick<Redactor, 'learn'>): Secrets => {
  const readOnce = new Map<string, Promise<Readonly<Record<string, string>>>>();

  const fetchSecret = async (id: string) => {
    const answer = await client.send(new GetSecretValueCommand({ SecretId: id })).catch((error: unknown) => {
      const { name, message } = toAwsFailure(error);
      if (name === 'ResourceNotFoundException') {
        throw new SecretMissing(`secret ${JSON.stringify(id)} does not exist: ${message}`, { cause: error });
      }
      throw toServiceError(`read of secret ${JSON.stringify(id)}`, error);
    });
    const secret = parseSecret(id, answer.SecretString ?? '');
    redactor.learn(id, secret);
    return secret;
  };

  return {
    read: (id) => {
      const pending = readOnce.get(id) ?? fetchSecret(id);
      readOnce.set(id, pending);
      return pending;
    },
  };
};

/** The JSON parser's message quotes what it read, so its error is neither quoted nor kept as cause. */
const parseSecret = (id: string, text: string): Readonly<Record<string, string>> => {
  const refuse = () => new SecretMissing(`secret ${JSON.stringify(id)} is not a JSON object of texts`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse();
  }
  const parsed = fields.safeParse(value);
  if (!parsed.success) throw refuse();
  return parsed.data;
};
