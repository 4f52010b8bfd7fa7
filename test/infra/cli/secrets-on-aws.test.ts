import { Readable } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import { runCommand } from '../../../infra/cli/command.ts';
import { serveAws } from '../../fakes/aws-endpoint.ts';
import { fakeIo } from './fake-io.ts';

/** What Secrets Manager was asked, as `Operation id`, and the error that it answers an operation with. */
let asked: string[] = [];
let errors: Readonly<Record<string, string>> = {};
serveAws('SECRETS_MANAGER', ({ operation, body }) => {
  const { SecretId, Name, SecretString } = JSON.parse(body);
  asked.push(`${operation} ${SecretId ?? Name} ${SecretString}`);
  const error = errors[operation];
  if (error === undefined) return { status: 200, body: '{}' };
  const [type, message] = error.split(': ');
  return { status: 400, body: JSON.stringify({ __type: type, message }) };
});
beforeEach(() => {
  [asked, errors] = [[], {}];
});

const VALUE = '{"token":"t0ken"}';

const set = async (env: string, id = 'millrace/api') => {
  const io = { ...fakeIo({ cwd: '/nowhere' }), stdin: Readable.from([VALUE]) };
  const status = await runCommand(['secret', 'set', id, '--env', env, '--region', 'eu-central-1'], io, '0');
  expect(io.out() + io.err()).not.toContain('t0ken');
  return { status, err: io.err() };
};

describe('secret set of a deployment on AWS', () => {
  test('gives a secret its new value, by the name that the deployment knows it by', async () => {
    expect(await set('default')).toEqual({
      status: 0,
      err: 'secret millrace/api is stored with token in Secrets Manager as millrace/api\n',
    });
    expect((await set('prod')).err).toContain('in Secrets Manager as millrace-prod/api\n');
    expect((await set('prod', 'others/api')).err).toContain('in Secrets Manager as others/api\n');
    expect(asked).toEqual([
      `PutSecretValue millrace/api ${VALUE}`,
      `PutSecretValue millrace-prod/api ${VALUE}`,
      `PutSecretValue others/api ${VALUE}`,
    ]);
  });

  test('makes a secret that is not there', async () => {
    errors = { PutSecretValue: 'ResourceNotFoundException: no such secret' };
    expect((await set('default')).status).toBe(0);
    expect(asked).toEqual([`PutSecretValue millrace/api ${VALUE}`, `CreateSecret millrace/api ${VALUE}`]);
  });

  test('says how one that is to be deleted is taken back', async () => {
    errors = { PutSecretValue: 'InvalidRequestException: it was marked for deletion' };
    const { status, err } = await set('default');
    expect(status).toBe(1);
    expect(err).toContain('aws secretsmanager restore-secret --secret-id millrace/api');
  });

  test('says what is refused', async () => {
    errors = { PutSecretValue: 'AccessDeniedException: not you' };
    const { status, err } = await set('default');
    expect(status).toBe(1);
    expect(err).toContain('put of secret millrace/api');
    expect(err).toContain('not you');
  });
});
