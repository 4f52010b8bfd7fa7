import { fileURLToPath } from 'node:url';
import {
  BatchExecuteStatementCommand,
  DescribeStatementCommand,
  type DescribeStatementCommandOutput,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import type { BusEvent } from '../../../../infra/local/ipc.ts';
import type { WarehouseArgs } from '../../../../infra/local/redshift/process.ts';
import { type SupervisedChild, superviseChild } from '../../../../infra/local/supervise-child.ts';

export const TARGET = { WorkgroupName: 'local', Database: 'dev' };
const ENTRY = fileURLToPath(new URL('../../../../infra/local/redshift/process.ts', import.meta.url));

export interface RunningWarehouse {
  readonly child: SupervisedChild;
  readonly client: RedshiftDataClient;
  readonly events: readonly BusEvent[];
  /** Faults that have struck. */
  readonly struck: readonly string[];
  /** Runs a batch to its end. */
  batch(sqls: readonly string[], name?: string): Promise<DescribeStatementCommandOutput>;
  /** Runs one statement to its end. */
  execute(sql: string): Promise<DescribeStatementCommandOutput>;
  /** The rows of a SELECT, null or text or number or boolean. */
  rows(sql: string): Promise<readonly (readonly unknown[])[]>;
}

/** Starts the warehouse's process in a folder and a client of the SDK for it; everyone may do everything, unless `more` says who may. */
export const startWarehouse = async (
  dir: string,
  s3Url: string,
  more: Pick<WarehouseArgs, 'access'> = {},
): Promise<RunningWarehouse> => {
  const events: BusEvent[] = [];
  const struck: string[] = [];
  const child = await superviseChild({
    entry: ENTRY,
    args: {
      dir,
      s3Url,
      warehouse: { workgroupName: TARGET.WorkgroupName, database: TARGET.Database },
      account: '123456789012',
      region: 'eu-central-1',
      arn: 'arn:aws:redshift-serverless:eu-central-1:123456789012:workgroup/local',
      ...more,
    },
    onEvent: async (event) => {
      events.push(event);
    },
    onFailure: () => {},
    onStruck: (fault) => struck.push(fault),
  });
  const client = clientOf(child.url);
  const describe = (Id: string | undefined): Promise<DescribeStatementCommandOutput> =>
    client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }));
  const execute = async (Sql: string): Promise<DescribeStatementCommandOutput> =>
    describe((await client.send(new ExecuteStatementCommand({ ...TARGET, Sql }))).Id);
  return {
    child,
    client,
    ...{ events, struck },
    execute,
    batch: async (sqls, StatementName) => {
      const input = { ...TARGET, Sqls: [...sqls], WithEvent: true, StatementName };
      return describe((await client.send(new BatchExecuteStatementCommand(input))).Id);
    },
    rows: async (sql) => {
      const done = await execute(sql);
      if (done.Status !== 'FINISHED') throw new Error(done.Error);
      const { Records } = await client.send(new GetStatementResultCommand({ Id: done.Id }));
      return (Records ?? []).map((row) =>
        row.map((field) => ('isNull' in field ? null : Object.values(field)[0])),
      );
    },
  };
};

export const clientOf = (endpoint: string): RedshiftDataClient =>
  new RedshiftDataClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
