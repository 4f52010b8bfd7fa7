import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { demand, type Operation, ServiceError } from '../aws-json-server.ts';
import type { Caller } from '../iam/access.ts';
import {
  batchInput,
  cancelInput,
  describeInput,
  executeInput,
  listInput,
  parseInput,
  resultInput,
} from './api-schema.ts';
import { partOf, toDescription } from './describe-statement.ts';
import type { Faults } from './faults.ts';
import { toResultPage } from './result-page.ts';
import { ANY_RESOURCE, demandLogin, demandOwn, isOwn } from './rights.ts';
import type { Statement } from './statement.ts';
import type { StatementQueue } from './statement-queue.ts';
import type { StatementStore } from './statement-store.ts';
import type { WarehouseName } from './warehouse-name.ts';

export interface DataApiOptions {
  readonly warehouse: WarehouseName;
  /** Of the workgroup or cluster. */
  readonly arn: string;
  readonly store: StatementStore;
  readonly queue: StatementQueue;
  readonly faults: Faults;
  /** Epoch milliseconds. */
  now(): number;
}

/** Statements under way at once (docs.aws.amazon.com/redshift/latest/mgmt/data-api.html). */
const MAX_ACTIVE = 500;

/** The calls of the Redshift Data API, by name. */
export const dataApi = (options: DataApiOptions): Readonly<Record<string, Operation>> => {
  const calls: Readonly<Record<string, Operation>> = {
    ExecuteStatement: async (raw, caller) => {
      const input = parseInput(executeInput, raw);
      demand(caller, 'redshift-data:ExecuteStatement', options.arn);
      return submit(options, input, [input.Sql], false, caller);
    },
    BatchExecuteStatement: async (raw, caller) => {
      const input = parseInput(batchInput, raw);
      demand(caller, 'redshift-data:BatchExecuteStatement', options.arn);
      return submit(options, input, input.Sqls, true, caller);
    },
    DescribeStatement: async (raw, caller) => {
      const input = parseInput(describeInput, raw);
      demandOwn(options.store, caller, 'redshift-data:DescribeStatement', input.Id);
      const { statement, n } = await findWaiting(options, input);
      return toDescription(statement, n, toTarget(options.warehouse));
    },
    GetStatementResult: async (raw, caller) => {
      const input = parseInput(resultInput, raw);
      demandOwn(options.store, caller, 'redshift-data:GetStatementResult', input.Id);
      return getResult(options, input);
    },
    CancelStatement: async (raw, caller) => {
      const { Id } = parseInput(cancelInput, raw);
      demandOwn(options.store, caller, 'redshift-data:CancelStatement', Id);
      return cancel(options, Id);
    },
    ListStatements: async (raw, caller) => {
      const input = parseInput(listInput, raw);
      demand(caller, 'redshift-data:ListStatements', ANY_RESOURCE);
      return list(options, input, caller);
    },
  };
  const throttled =
    (call: Operation): Operation =>
    async (input, caller) => {
      if (options.faults.take('throttle')) throw new ServiceError('ThrottlingException', 'Rate exceeded');
      return call(input, caller);
    };
  return Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, throttled(call)]));
};

const getResult = async (options: DataApiOptions, input: z.infer<typeof resultInput>): Promise<unknown> => {
  const { statement, n } = await findWaiting(options, input);
  const part = statement.isBatch && n === undefined ? undefined : partOf(statement, n ?? 1);
  if (statement.status !== 'FINISHED' || part?.result === undefined) {
    throw new ServiceError(
      'ResourceNotFoundException',
      'Query does not have result. Please check query status with DescribeStatement.',
      { ResourceId: input.Id },
    );
  }
  return toResultPage(part.result, Number(input.NextToken ?? 0));
};

const cancel = async ({ store, queue }: DataApiOptions, id: string): Promise<unknown> => {
  const { statement } = find(store, id);
  if (queue.cancel(statement.id)) return { Status: true };
  throw new ServiceError(
    'ValidationException',
    `Could not cancel a query that is already in ${statement.status} state with ID: ${id}`,
  );
};

const submit = async (
  options: DataApiOptions,
  input: z.infer<typeof executeInput> | z.infer<typeof batchInput>,
  sqls: readonly string[],
  isBatch: boolean,
  caller: Caller,
): Promise<unknown> => {
  const { store, queue } = options;
  checkWarehouse(options.warehouse, input);
  const away = options.faults.take('away');
  if (away !== undefined) throw new ServiceError('ValidationException', away.says);
  demandLogin(caller, { ...options, secretArn: input.SecretArn });
  if (store.unfinished().length >= MAX_ACTIVE) {
    throw new ServiceError(
      'ActiveStatementsExceededException',
      `Active statements exceeded the allowed quota (${MAX_ACTIVE}).`,
    );
  }
  const added = store.add({
    id: randomUUID(),
    name: input.StatementName,
    sqls,
    isBatch,
    withEvent: input.WithEvent,
    token: input.ClientToken,
    role: caller.roleArn,
    createdMs: options.now(),
  });
  queue.wake();
  await queue.wait(added.id, input.WaitTimeSeconds * 1000);
  const statement = store.get(added.id) ?? added;
  return {
    Id: statement.id,
    CreatedAt: statement.createdMs / 1000,
    Status: statement.status,
    ...toTarget(options.warehouse),
  };
};

const toTarget = (warehouse: WarehouseName) => ({
  WorkgroupName: warehouse.workgroupName,
  ClusterIdentifier: warehouse.clusterIdentifier,
  Database: warehouse.database,
});

interface Target {
  readonly WorkgroupName?: string | undefined;
  readonly ClusterIdentifier?: string | undefined;
  readonly Database?: string | undefined;
}

/** Whoever names a warehouse that is not there learns it, as on AWS. */
const checkWarehouse = (warehouse: WarehouseName, input: Target): void => {
  if ((input.WorkgroupName === undefined) === (input.ClusterIdentifier === undefined)) {
    throw new ServiceError(
      'ValidationException',
      'exactly one of WorkgroupName and ClusterIdentifier is required',
    );
  }
  if (
    input.WorkgroupName !== warehouse.workgroupName ||
    input.ClusterIdentifier !== warehouse.clusterIdentifier
  ) {
    const [got, has] = [
      input.WorkgroupName ?? input.ClusterIdentifier,
      warehouse.workgroupName ?? warehouse.clusterIdentifier,
    ];
    throw new ServiceError(
      'ValidationException',
      `Redshift endpoint doesn't exist in this region: ${got}; there is ${has}`,
    );
  }
  if (input.Database !== warehouse.database) {
    throw new ServiceError(
      'ValidationException',
      `Database ${input.Database} does not exist; there is ${warehouse.database}`,
    );
  }
};

const find = (store: StatementStore, id: string): { statement: Statement; n: number | undefined } => {
  const [uuid = '', suffix] = id.split(':');
  const statement = store.get(uuid);
  const n = suffix === undefined ? undefined : Number(suffix);
  if (statement === undefined || (n !== undefined && (n < 1 || n > statement.sqls.length))) {
    throw new ServiceError('ResourceNotFoundException', 'Query does not exist.', { ResourceId: id });
  }
  return { statement, n };
};

/** As it is when it has ended, or when the time to wait is over. */
const findWaiting = async (
  { store, queue }: DataApiOptions,
  { Id, WaitTimeSeconds }: { readonly Id: string; readonly WaitTimeSeconds: number },
): Promise<{ statement: Statement; n: number | undefined }> => {
  await queue.wait(find(store, Id).statement.id, WaitTimeSeconds * 1000);
  return find(store, Id);
};

const list = (options: DataApiOptions, input: z.infer<typeof listInput>, caller: Caller) => {
  if (input.WorkgroupName !== undefined || input.ClusterIdentifier !== undefined) {
    checkWarehouse(options.warehouse, { Database: options.warehouse.database, ...input });
  }
  const chosen = options.store
    .list()
    .filter(
      (statement) =>
        isOwn(statement, caller) &&
        (input.Status === 'ALL' || statement.status === input.Status) &&
        (statement.name ?? '').startsWith(input.StatementName ?? ''),
    );
  const from = Number(input.NextToken ?? 0);
  const next = from + input.MaxResults;
  return {
    Statements: chosen.slice(from, next).map((statement) => ({
      Id: statement.id,
      Status: statement.status,
      StatementName: statement.name,
      CreatedAt: statement.createdMs / 1000,
      UpdatedAt: statement.updatedMs / 1000,
      IsBatchStatement: statement.isBatch,
      ...(statement.isBatch ? { QueryStrings: statement.sqls } : { QueryString: statement.sqls[0] }),
    })),
    ...(next < chosen.length ? { NextToken: String(next) } : {}),
  };
};
