import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { describe, expect, it } from 'vitest';
import { redshiftDataWarehouse } from '../../../handlers/adapters/redshift-data-warehouse.ts';
import { ServiceRefused, ServiceUnavailable } from '../../../shared/errors.ts';
import { loopbackSource } from '../../fakes/loopback-source.ts';

/** A warehouse whose Data API answers every call so. */
const answering = async (status: number, answer: object) => {
  const server = await loopbackSource((_, response) => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer));
  });
  const client = new RedshiftDataClient({
    region: 'eu-west-1',
    endpoint: server.origin,
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    maxAttempts: 1,
  });
  return redshiftDataWarehouse(client, { clusterIdentifier: 'one', database: 'dev' });
};

/** What asks a warehouse whose Data API refuses every call so. */
const refusing = async (name: string, message: string) => {
  const warehouse = await answering(400, { __type: name, message });
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

describe('the error of a statement', () => {
  // Its words would be those of an outage.
  const sql = 'UPDATE s.t SET a = timeout FROM conflict';
  it.each([
    [
      'as Redshift prints it',
      `\nCONTEXT:  SQL statement "${sql}"\nPL/pgSQL function "sp_load_1" line 2 at execute statement`,
    ],
    [
      'as drivers print it',
      `\n  Where: SQL statement "${sql}"\nPL/pgSQL function "sp_load_1" line 2 at execute statement`,
    ],
    [
      'in one line',
      ` CONTEXT: SQL statement "${sql}" PL/pgSQL function "sp_load_1" line 2 at execute statement`,
    ],
  ])('is told without where it was in a procedure: %s', async (_, context) => {
    const told = 'ERROR: Numeric data overflow (result precision)';
    const SubStatements = [{ Id: 'x:1', Status: 'FAILED', Error: told + context, RedshiftQueryId: 7 }];
    const warehouse = await answering(200, {
      Id: 'x',
      Status: 'FAILED',
      Error: 'Query #1 failed',
      SubStatements,
    });
    expect(await warehouse.describe('x')).toMatchObject({ status: 'failed', error: told, failedQuery: 7 });
  });
});
