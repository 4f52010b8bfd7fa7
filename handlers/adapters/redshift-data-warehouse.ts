import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  type DescribeStatementResponse,
  ExecuteStatementCommand,
  type Field,
  GetStatementResultCommand,
  type RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import {
  type ServiceRefused,
  ServiceUnavailable,
  WarehouseRefused,
  WarehouseUnready,
} from '../../shared/errors.ts';
import { classifyError, withoutContext } from '../../shared/sql/classify-error.ts';
import type { Warehouse as Target } from '../config.ts';
import type { Row, StatementState, Warehouse } from '../ports/warehouse.ts';
import { toAwsFailure, toServiceError } from './aws-errors.ts';

/** Long polling, at most 30 (https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-considerations-long-polling.html). */
export const WAIT_SECONDS = 20;

/** Who runs statements, and where, as every call names it. */
export const toAddress = ({ workgroupName, clusterIdentifier, database, secretArn }: Target) => ({
  Database: database,
  ...(workgroupName === undefined ? {} : { WorkgroupName: workgroupName }),
  ...(clusterIdentifier === undefined ? {} : { ClusterIdentifier: clusterIdentifier }),
  ...(secretArn === undefined ? {} : { SecretArn: secretArn }),
});

/** https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_DescribeStatement.html */
const STATUSES: Readonly<Record<string, StatementState['status']>> = {
  FINISHED: 'finished',
  FAILED: 'failed',
  ABORTED: 'aborted',
};

const toState = (answer: DescribeStatementResponse): StatementState => {
  const failed = answer.SubStatements?.find(({ Status }) => Status === 'FAILED');
  return {
    status: STATUSES[answer.Status ?? ''] ?? 'running',
    error: withoutContext(failed?.Error ?? answer.Error ?? ''),
    failedQuery: failed?.RedshiftQueryId ?? answer.RedshiftQueryId,
    times: toTimes(answer),
  };
};

/** Durations are nanoseconds. */
const toTimes = ({ CreatedAt, UpdatedAt, Duration }: DescribeStatementResponse): StatementState['times'] =>
  CreatedAt === undefined || UpdatedAt === undefined || Duration === undefined
    ? undefined
    : { createdMs: CreatedAt.getTime(), updatedMs: UpdatedAt.getTime(), ranMs: Math.round(Duration / 1e6) };

export const toValue = (field: Field): Row[number] => {
  if (field.isNull === true) return null;
  return field.stringValue ?? field.longValue ?? field.doubleValue ?? field.booleanValue ?? null;
};

/** A warehouse that is paused, resuming or away is told of by ValidationException, as is a wrong parameter. */
const toCallError = (what: string, error: unknown): ServiceUnavailable | ServiceRefused => {
  const { name, message } = toAwsFailure(error);
  const isAway = name === 'ValidationException' && classifyError(message).kind === 'transient';
  return isAway
    ? new ServiceUnavailable(`${what} was refused: ${message}`, { cause: error })
    : toServiceError(what, error);
};

const toStatementError = (error: string, message: string): Error => {
  const { kind } = classifyError(error);
  if (kind === 'transient') return new ServiceUnavailable(message);
  return kind === 'unready' ? new WarehouseUnready(message) : new WarehouseRefused(message);
};

/** The warehouse by the Redshift Data API. */
export const redshiftDataWarehouse = (client: RedshiftDataClient, target: Target): Warehouse => {
  const address = toAddress(target);

  const call = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw toCallError(what, error);
    }
  };

  const required = (what: string, id: string | undefined): string => {
    if (id === undefined) throw new WarehouseRefused(`${what} was answered without a statement id`);
    return id;
  };

  const rowsOf = async (id: string): Promise<readonly Row[]> => {
    const rows: Row[] = [];
    let next: string | undefined;
    do {
      const page = await call(`result of statement ${id}`, () =>
        client.send(
          new GetStatementResultCommand({ Id: id, ...(next === undefined ? {} : { NextToken: next }) }),
        ),
      );
      rows.push(...(page.Records ?? []).map((record) => record.map(toValue)));
      next = page.NextToken;
    } while (next !== undefined);
    return rows;
  };

  const describe: Warehouse['describe'] = async (id) => {
    try {
      return toState(await client.send(new DescribeStatementCommand({ Id: id })));
    } catch (error) {
      if (toAwsFailure(error).name === 'ResourceNotFoundException') return undefined;
      throw toCallError(`description of statement ${id}`, error);
    }
  };

  const submit: Warehouse['submit'] = async ({ statements, name, token }) => {
    const answer = await call(`submission of ${name}`, () =>
      client.send(
        new BatchExecuteStatementCommand({
          ...address,
          Sqls: [...statements],
          StatementName: name,
          ClientToken: token,
          WithEvent: true,
        }),
      ),
    );
    return required(`submission of ${name}`, answer.Id);
  };

  const cancel: Warehouse['cancel'] = async (id) => {
    try {
      await client.send(new CancelStatementCommand({ Id: id }));
    } catch (error) {
      // A statement that has ended cannot be cancelled: ValidationException.
      if (toAwsFailure(error).name !== 'ValidationException') {
        throw toServiceError(`cancellation of statement ${id}`, error);
      }
    }
  };

  const execute: Warehouse['execute'] = async (sql, signal) => {
    const what = `statement ${JSON.stringify(sql.slice(0, 80))}`;
    const started = await call(what, () =>
      client.send(new ExecuteStatementCommand({ ...address, Sql: sql, WaitTimeSeconds: WAIT_SECONDS })),
    );
    const id = required(what, started.Id);
    for (;;) {
      signal.throwIfAborted();
      const answer = await call(`description of ${what}`, () =>
        client.send(new DescribeStatementCommand({ Id: id, WaitTimeSeconds: WAIT_SECONDS })),
      );
      const state = toState(answer);
      if (state.status === 'finished') return answer.HasResultSet === true ? rowsOf(id) : [];
      if (state.status === 'running') continue;
      const message = `${what} ended ${state.status}: ${state.error}`;
      throw toStatementError(state.error, message);
    }
  };

  return { submit, describe, cancel, execute };
};
