import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { type Operation, ServiceError } from '../aws-json-server.ts';
import {
  batchInput,
  cancelInput,
  describeInput,
  executeInput,
  listInput,
  parseInput,
  resultInput,
} from './api-schema.ts';
import type { Faults } from './faults.ts';
import { toResultPage } from './result-page.ts';
import { isFinal, type PartOutcome, queryIdOf, type Statement } from './statement.ts';
import type { StatementQueue } from './statement-queue.ts';
import type { StatementStore } from './statement-store.ts';

/** The one warehouse that requests may name: a workgroup or a cluster, and its database. */
export interface WarehouseName {
  readonly workgroupName?: string | undefined;
  readonly clusterIdentifier?: string | undefined;
  readonly database: string;
}

export interface DataApiOptions {
  readonly warehouse: WarehouseName;
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
  const { store, queue } = options;
  const operations: Readonly<Record<string, Operation>> = {
    ExecuteStatement: async (raw) => {
      const input = parseInput(executeInput, raw);
      return submit(options, input, [input.Sql], false);
    },
    BatchExecuteStatement: async (raw) => {
      const input = parseInput(batchInput, raw);
      return submit(options, input, input.Sqls, true);
    },
    DescribeStatement: async (raw) => {
      const input = parseInput(describeInput, raw);
      const { statement, n } = find(store, input.Id);
      await queue.wait(statement.id, input.WaitTimeSeconds * 1000);
      return describe(options.warehouse, find(store, input.Id).statement, n);
    },
    GetStatementResult: async (raw) => {
      const input = parseInput(resultInput, raw);
      await queue.wait(find(store, input.Id).statement.id, input.WaitTimeSeconds * 1000);
      const { statement, n } = find(store, input.Id);
      const part = statement.isBatch && n === undefined ? undefined : partOf(statement, n ?? 1);
      if (statement.status !== 'FINISHED' || part?.result === undefined) {
        throw new ServiceError(
          'ResourceNotFoundException',
          'Query does not have result. Please check query status with DescribeStatement.',
          { ResourceId: input.Id },
        );
      }
      return toResultPage(part.result, Number(input.NextToken ?? 0));
    },
    CancelStatement: async (raw) => {
      const input = parseInput(cancelInput, raw);
      const { statement } = find(store, input.Id);
      if (!queue.cancel(statement.id)) {
        throw new ServiceError(
          'ValidationException',
          `Could not cancel a query that is already in ${statement.status} state with ID: ${input.Id}`,
        );
      }
      return { Status: true };
    },
    ListStatements: async (raw) => listStatements(options, parseInput(listInput, raw)),
  };
  return Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [
      name,
      async (input: unknown) => {
        if (options.faults.take('throttle')) throw new ServiceError('ThrottlingException', 'Rate exceeded');
        return operation(input);
      },
    ]),
  );
};

const submit = async (
  options: DataApiOptions,
  input: z.infer<typeof executeInput> | z.infer<typeof batchInput>,
  sqls: readonly string[],
  isBatch: boolean,
): Promise<unknown> => {
  const { store, queue } = options;
  checkWarehouse(options.warehouse, input);
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

const partOf = (statement: Statement, n: number): PartOutcome | undefined => statement.outcome?.parts[n - 1];

const nanoseconds = (milliseconds: number): number => Math.round(milliseconds * 1e6);

const describePart = (statement: Statement, n: number) => {
  const part = partOf(statement, n);
  const status = isFinal(statement.status) ? part?.status : n === 1 ? statement.status : 'SUBMITTED';
  return {
    Id: `${statement.id}:${n}`,
    Status: status,
    Duration: nanoseconds(part?.milliseconds ?? 0),
    ...(part?.error === undefined ? {} : { Error: part.error }),
    CreatedAt: statement.createdMs / 1000,
    UpdatedAt: statement.updatedMs / 1000,
    QueryString: statement.sqls[n - 1],
    ResultRows: part?.rows ?? -1,
    ResultSize: -1,
    RedshiftQueryId: part === undefined ? 0 : queryIdOf(statement, n),
    HasResultSet: part?.result !== undefined,
  };
};

const describe = (warehouse: WarehouseName, statement: Statement, n: number | undefined) => {
  if (n !== undefined) return describePart(statement, n);
  const { outcome } = statement;
  const last = statement.sqls.length;
  return {
    Id: statement.id,
    Status: statement.status,
    Duration: nanoseconds(outcome?.milliseconds ?? 0),
    ...(outcome?.error === undefined ? {} : { Error: outcome.error }),
    CreatedAt: statement.createdMs / 1000,
    UpdatedAt: statement.updatedMs / 1000,
    RedshiftPid: 1,
    RedshiftQueryId: outcome === undefined ? 0 : queryIdOf(statement, last),
    ResultRows: outcome?.parts.at(-1)?.rows ?? -1,
    ResultSize: -1,
    HasResultSet: outcome?.parts.some((part) => part.result !== undefined) ?? false,
    ResultFormat: 'JSON',
    ...toTarget(warehouse),
    ...(statement.isBatch
      ? { SubStatements: statement.sqls.map((_, at) => describePart(statement, at + 1)) }
      : { QueryString: statement.sqls[0] }),
  };
};

const listStatements = (options: DataApiOptions, input: z.infer<typeof listInput>) => {
  if (input.WorkgroupName !== undefined || input.ClusterIdentifier !== undefined) {
    checkWarehouse(options.warehouse, { Database: options.warehouse.database, ...input });
  }
  const chosen = options.store
    .list()
    .filter(
      ({ status, name }) =>
        (input.Status === 'ALL' || status === input.Status) &&
        (name ?? '').startsWith(input.StatementName ?? ''),
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
