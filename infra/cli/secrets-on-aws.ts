import {
  CreateSecretCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { toAwsFailure, toServiceError } from '../../handlers/adapters/aws-errors.ts';
import { secretsManager } from '../../handlers/adapters/secrets-manager.ts';
import type { Secrets } from '../../handlers/ports/secrets.ts';
import { TerminalError } from '../../shared/errors.ts';
import { newRedactor } from '../../shared/redact/redactor.ts';
import { namesOf } from './deployment/find-on-aws.ts';
import { firstValue, type VerbArguments } from './verbs/verb.ts';

/** The secrets of a deployment on AWS, as --env, --profile and --region name it. */

const openClient = (args: VerbArguments): SecretsManagerClient => {
  const [profile, region] = ['profile', 'region'].map((name) => firstValue(args, name));
  return new SecretsManagerClient({
    ...(profile === undefined ? {} : { profile }),
    ...(region === undefined ? {} : { region }),
  });
};

/** Read as the functions read them; what is read is redacted from nothing else. */
export const openSecretsOnAws = (args: VerbArguments): Secrets =>
  secretsManager(openClient(args), newRedactor());

/** The id by which a deployment knows the secret that feed files name so. */
export const toSecretId = (id: string, args: VerbArguments): string =>
  namesOf(firstValue(args, 'env') ?? '').secretId(id);

/**
 * Stores a secret's new value, and makes the secret where there is none. Needs secretsmanager:PutSecretValue and CreateSecret. Throws
 * ServiceUnavailable, ServiceRefused, and TerminalError for one that is to be deleted; no message has a value in it.
 */
export const storeSecretOnAws = async (
  id: string,
  fields: Readonly<Record<string, string>>,
  args: VerbArguments,
): Promise<void> => {
  const client = openClient(args);
  const SecretString = JSON.stringify(fields);
  try {
    await client.send(new PutSecretValueCommand({ SecretId: id, SecretString }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw toStoreError(id, error);
    await client
      .send(
        new CreateSecretCommand({ Name: id, SecretString, Tags: [{ Key: 'project', Value: 'millrace' }] }),
      )
      .catch((refused: unknown) => {
        throw toStoreError(id, refused);
      });
  } finally {
    client.destroy();
  }
};

const toStoreError = (id: string, error: unknown): Error => {
  const { message } = toAwsFailure(error);
  return /marked for deletion|scheduled for deletion/i.test(message)
    ? new TerminalError(
        `secret ${id} is to be deleted, and takes no value; take it back first: aws secretsmanager restore-secret --secret-id ${id}`,
        { cause: error },
      )
    : toServiceError(`put of secret ${id}`, error);
};
