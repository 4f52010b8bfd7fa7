import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { secretsManager } from '../../../handlers/adapters/secrets-manager.ts';
import { SecretMissing, ServiceUnavailable } from '../../../shared/errors.ts';
import { newRedactor } from '../../../shared/redact/redactor.ts';
import { loopbackSource } from '../../fakes/loopback-source.ts';

const setUp = async (code: number, answer: Readonly<Record<string, string>>) => {
  const server = await loopbackSource((_, response) => {
    response.writeHead(code, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer));
  });
  const client = new SecretsManagerClient({
    region: 'eu-west-1',
    endpoint: server.origin,
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    maxAttempts: 1,
  });
  const redactor = newRedactor();
  return { secrets: secretsManager(client, redactor), redactor, requests: server.requests };
};

describe('secrets', () => {
  it('are read once, however often they are asked for', async () => {
    const { secrets, requests } = await setUp(200, { SecretString: '{"token":"t"}' });
    const both = await Promise.all([secrets.read('millrace/x'), secrets.read('millrace/x')]);
    expect(both).toEqual([{ token: 't' }, { token: 't' }]);
    expect(requests).toHaveLength(1);
  });

  it('are known to the redactor from then on', async () => {
    const { secrets, redactor } = await setUp(200, { SecretString: '{"token":"hunter2"}' });
    expect(redactor.redact('got hunter2')).toBe('got hunter2');
    await secrets.read('millrace/x');
    expect(redactor.redact('got hunter2')).toBe('got ***');
  });

  it('that do not exist are named', async () => {
    const { secrets } = await setUp(400, {
      __type: 'ResourceNotFoundException',
      message: 'it is not there',
    });
    await expect(secrets.read('millrace/x')).rejects.toThrow(
      new SecretMissing('secret "millrace/x" does not exist: it is not there'),
    );
  });

  it.each(['hunter2', '["hunter2"]', '{"token":2}'])(
    'of another form are refused without a word of them',
    async (text) => {
      const { secrets } = await setUp(200, { SecretString: text });
      const refused = await secrets.read('millrace/x').catch((error: unknown) => error);
      expect(refused).toEqual(new SecretMissing('secret "millrace/x" is not a JSON object of texts'));
      expect(refused).not.toHaveProperty('cause');
    },
  );

  it('are transient to fail when the service is', async () => {
    const { secrets } = await setUp(500, { __type: 'InternalServiceError' });
    await expect(secrets.read('millrace/x')).rejects.toThrow(ServiceUnavailable);
  });
});
