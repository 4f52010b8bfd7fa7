import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { describe, expect, it } from 'vitest';
import { redshiftDataWarehouse } from '../../../handlers/adapters/redshift-data-warehouse.ts';
import { ServiceRefused, ServiceUnavailable } from '../../../shared/errors.ts';
import { loopbackSource } from '../../fakes/loopback-source.ts';

/** A warehouse whose Data API refuses every call so. */
const refusing = async (name: string, message: string) => {
  const server = await loopbackSource((_, response) => {
    const answer = JSON.stringify({ __type: name, message });
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' }).end(answer);
  });
  const client = new RedshiftDataClient({
    region: 'eu-west-1',
    endpoint: server.origin,
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    maxAttempts: 1,
  });
  const warehouse = redshiftDataWarehouse(client, { clusterIdentifier: 'one', database: 'dev' });
  const { signal } = new AbortController();
  return {
    submit: () => warehouse.submit({ statements: ['SELECT 1'], name: 'x', token: 'x' }),
    execute: () => warehouse.execute('SELECT 1', signal),
    describe: () => warehouse.describe('x'),
  };
};

describe('a call that the Data API refuses', () => {
  it.each([
    ['ValidationException', 'Redshift cluster one is paused.'],
    ['ValidationException', 'The cluster one is resuming, try later'],
    ['ValidationException', 'workgroup one is not available'],
    ['ActiveSessionsExceededException', 'sessions'],
    ['ActiveStatementsExceededException', 'statements'],
    ['ActiveWaitingRequestsExceededException', 'waiting requests'],
    ['QueryTimeoutException', 'it took too long'],
    ['ThrottlingException', 'Rate exceeded'],
  ])('may pass by itself: %s, %s', async (name, message) => {
    const calls = await refusing(name, message);
    for (const call of Object.values(calls)) {
      await expect(call()).rejects.toThrow(ServiceUnavailable);
      await expect(call()).rejects.toThrow(message);
    }
  });

  it.each([
    ['ValidationException', 'Database name is required'],
    ['AccessDeniedException', 'the connection is not authorized'],
  ])('is refused for good: %s, %s', async (name, message) => {
    const calls = await refusing(name, message);
    for (const call of Object.values(calls)) await expect(call()).rejects.toThrow(ServiceRefused);
  });
});
