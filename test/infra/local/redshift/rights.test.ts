import { DatabaseSync } from 'node:sqlite';
import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  ListStatementsCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalServer, serveAwsJson } from '../../../../infra/local/aws-json-server.ts';
import { verifySignatures } from '../../../../infra/local/iam/authenticate.ts';
import { dataApi } from '../../../../infra/local/redshift/data-api.ts';
import { createFaults } from '../../../../infra/local/redshift/faults.ts';
import { openStatementStore } from '../../../../infra/local/redshift/statement-store.ts';

const ACCOUNT = 'eu-central-1:123456789012';
const WORKGROUP = `arn:aws:redshift-serverless:${ACCOUNT}:workgroup/w`;
const SECRET = `arn:aws:secretsmanager:${ACCOUNT}:secret:admin-000000`;
const roleOf = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const allow = (resource: string, ...actions: string[]) => ({
  effect: 'Allow' as const,
  actions,
  resources: [resource],
  conditions: [],
});
const STATEMENTS = allow(
  '*',
  ...['Describe', 'Cancel', 'List'].map((verb) => `redshift-data:${verb}Statement*`),
  'redshift-data:GetStatementResult',
);
const SUBMIT = allow(WORKGROUP, 'redshift-data:ExecuteStatement', 'redshift-data:BatchExecuteStatement');

const OPERATOR_KEY = 'ADMINISTRATOR';
/** Each role's name is its access key id. */
const ROLES = {
  LOADER: [SUBMIT, STATEMENTS, allow(SECRET, 'secretsmanager:GetSecretValue')],
  OTHER: [SUBMIT, STATEMENTS, allow(WORKGROUP, 'redshift-serverless:GetCredentials')],
  READER: [STATEMENTS, allow(SECRET, 'secretsmanager:GetSecretValue')],
  SUBMITTER: [SUBMIT, allow(SECRET, 'secretsmanager:GetSecretValue')],
};

let server: LocalServer;
let journal: DatabaseSync;
const clients = new Map<string, RedshiftDataClient>();
const as = (accessKeyId: string): RedshiftDataClient => {
  const client =
    clients.get(accessKeyId) ??
    new RedshiftDataClient({
      endpoint: server.url,
      region: 'eu-central-1',
      credentials: { accessKeyId, secretAccessKey: 's' },
      maxAttempts: 1,
    });
  clients.set(accessKeyId, client);
  return client;
};

beforeAll(async () => {
  const names = Object.keys(ROLES);
  const secretAccessKey = 's';
  const ofRole = (name: string) => ({ secretAccessKey, role: { arn: roleOf(name), session: 'fn' } });
  const table = {
    keys: {
      [OPERATOR_KEY]: { secretAccessKey },
      ...Object.fromEntries(names.map((name) => [name, ofRole(name)])),
    },
    roles: Object.fromEntries(Object.entries(ROLES).map(([name, rights]) => [roleOf(name), rights])),
    buckets: {},
  };
  const authenticate = verifySignatures({ table, region: 'eu-central-1', service: 'redshift-data' });
  journal = new DatabaseSync(':memory:');
  const api = dataApi({
    warehouse: { workgroupName: 'w', database: 'dev' },
    arn: WORKGROUP,
    store: openStatementStore(journal, () => 0),
    // Nothing is run here: who may ask is decided before.
    queue: { wake: () => {}, cancel: () => true, wait: async () => {}, stop: async () => {} },
    faults: createFaults(),
    now: () => 0,
  });
  server = await serveAwsJson('Redshift Data API', api, authenticate);
});
afterAll(async () => {
  for (const client of clients.values()) client.destroy();
  await server.close();
  journal.close();
});

const WITH_SECRET = { WorkgroupName: 'w', Database: 'dev', SecretArn: SECRET };
const execute = (input: object = WITH_SECRET) =>
  new ExecuteStatementCommand({ ...WITH_SECRET, ...input, Sql: 'SELECT 1' });
const denied = (action: string, resource: string) => ({
  name: 'AccessDeniedException',
  message: expect.stringContaining(`is not authorized to perform: ${action} on ${resource}`),
});

describe('the Data API', () => {
  it('takes statements from who may submit them to the workgroup and read the secret', async () => {
    const batch = new BatchExecuteStatementCommand({ ...WITH_SECRET, Sqls: ['SELECT 1'] });
    await expect(as('LOADER').send(execute())).resolves.toMatchObject({ Status: 'SUBMITTED' });
    await expect(as('LOADER').send(batch)).resolves.toMatchObject({ Status: 'SUBMITTED' });
    await expect(as('READER').send(execute())).rejects.toMatchObject(
      denied('redshift-data:ExecuteStatement', `resource: ${WORKGROUP}`),
    );
    await expect(as('READER').send(batch)).rejects.toMatchObject(
      denied('redshift-data:BatchExecuteStatement', `resource: ${WORKGROUP}`),
    );
    await expect(as('OTHER').send(execute())).rejects.toMatchObject(
      denied('secretsmanager:GetSecretValue', `resource: ${SECRET}`),
    );
  });

  it('without a secret wants the right to temporary credentials', async () => {
    const plain = new ExecuteStatementCommand({ WorkgroupName: 'w', Database: 'dev', Sql: 'SELECT 1' });
    await expect(as('OTHER').send(plain)).resolves.toMatchObject({ Status: 'SUBMITTED' });
    await expect(as('LOADER').send(plain)).rejects.toMatchObject(
      denied('redshift-serverless:GetCredentials', `resource: ${WORKGROUP}`),
    );
  });

  it('shows a statement to the role that submitted it alone, and to the operator', async () => {
    const { Id } = await as('LOADER').send(execute({ StatementName: 'mine' }));
    await expect(as('LOADER').send(new DescribeStatementCommand({ Id }))).resolves.toMatchObject({ Id });
    await expect(as(OPERATOR_KEY).send(new DescribeStatementCommand({ Id }))).resolves.toMatchObject({ Id });
    const other = as('OTHER');
    await expect(other.send(new DescribeStatementCommand({ Id }))).rejects.toMatchObject(
      denied('redshift-data:DescribeStatement', `statement ${Id}, which ${roleOf('LOADER')} submitted`),
    );
    await expect(other.send(new CancelStatementCommand({ Id }))).rejects.toMatchObject(
      denied('redshift-data:CancelStatement', 'statement'),
    );
    await expect(other.send(new GetStatementResultCommand({ Id }))).rejects.toMatchObject(
      denied('redshift-data:GetStatementResult', 'statement'),
    );
    const listed = new ListStatementsCommand({ Status: 'ALL', StatementName: 'mine' });
    expect((await as('LOADER').send(listed)).Statements).toHaveLength(1);
    expect((await other.send(listed)).Statements).toEqual([]);
  });

  it('shows its own statement only to who has the right to see any', async () => {
    const submitter = as('SUBMITTER');
    const { Id } = await submitter.send(execute());
    await expect(submitter.send(new DescribeStatementCommand({ Id }))).rejects.toMatchObject(
      denied('redshift-data:DescribeStatement', 'resource: *'),
    );
    await expect(submitter.send(new ListStatementsCommand({}))).rejects.toMatchObject(
      denied('redshift-data:ListStatements', 'resource: *'),
    );
  });

  it('refuses an access key that nobody has', async () => {
    await expect(as('STRANGER').send(execute())).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
  });
});
