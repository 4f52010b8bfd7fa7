import {
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalServer } from '../../../../infra/local/aws-json-server.ts';
import { verifySignatures } from '../../../../infra/local/iam/authenticate.ts';
import { startSecrets } from '../../../../infra/local/secrets/server.ts';

let server: LocalServer;
let client: SecretsManagerClient;

beforeAll(async () => {
  server = await startSecrets({ 'millrace/jazz': { username: 'u', password: 'p' }, plain: 'text' });
  client = new SecretsManagerClient({
    endpoint: server.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
});

afterAll(() => server.close());

const read = async (SecretId: string): Promise<string | undefined> =>
  (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString;

test('answers an object as JSON and a text as it is', async () => {
  expect(await read('millrace/jazz')).toBe('{"username":"u","password":"p"}');
  expect(await read('plain')).toBe('text');
});

test('takes the ARN of a secret', async () => {
  expect(await read('arn:aws:secretsmanager:eu-central-1:123456789012:secret:plain-AbC123')).toBe('text');
});

test('says of a secret that is missing where it could be put', async () => {
  await expect(read('millrace/none')).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: expect.stringContaining('MILLRACE_SECRETS, --secrets FILE'),
  });
});

test('has nothing that is not a secret', async () => {
  await expect(read('constructor')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('refuses other calls by name', async () => {
  await expect(client.send(new ListSecretsCommand({}))).rejects.toThrow('ListSecrets');
});

test('gives a secret to the role that may read it, and refuses every other by name', async () => {
  const roleArn = 'arn:aws:iam::000000000000:role/r';
  const rights = {
    effect: 'Allow' as const,
    actions: ['secretsmanager:GetSecretValue'],
    resources: ['arn:aws:secretsmanager:us-east-1:000000000000:secret:plain-??????'],
    conditions: [],
  };
  const table = {
    keys: { ROLE: { secretAccessKey: 's', role: { arn: roleArn, session: 'fn' } } },
    roles: { [roleArn]: [rights] },
    buckets: {},
  };
  const authenticate = verifySignatures({ table, region: 'us-east-1', service: 'secretsmanager' });
  const guarded = await startSecrets({ plain: 'text', other: 'text' }, authenticate);
  const credentials = { accessKeyId: 'ROLE', secretAccessKey: 's' };
  const stranger = new SecretsManagerClient({
    endpoint: guarded.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'ROLE', secretAccessKey: 'guessed' },
    maxAttempts: 1,
  });
  await expect(stranger.send(new GetSecretValueCommand({ SecretId: 'plain' }))).rejects.toMatchObject({
    name: 'InvalidSignatureException',
  });
  stranger.destroy();
  const unsigned = await fetch(guarded.url, {
    method: 'POST',
    headers: { 'x-amz-target': 'a.GetSecretValue' },
  });
  expect([unsigned.status, await unsigned.text()]).toEqual([
    403,
    expect.stringContaining('MissingAuthenticationTokenException'),
  ]);
  const role = new SecretsManagerClient({
    endpoint: guarded.url,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
  });
  const answer = await role.send(new GetSecretValueCommand({ SecretId: 'plain' }));
  expect(answer.SecretString).toBe('text');
  await expect(role.send(new GetSecretValueCommand({ SecretId: 'other' }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringMatching(/role\/r\/fn .*GetSecretValue on resource: .*:secret:other-000000/),
  });
  role.destroy();
  await guarded.close();
});
