import { isFinal, type PartOutcome, queryIdOf, type Statement } from './statement.ts';

/** What became of the n-th statement of a request, from 1; undefined while that is open. */
export const partOf = (statement: Statement, n: number): PartOutcome | undefined =>
  statement.outcome?.parts[n - 1];

const nanoseconds = (milliseconds: number): number => Math.round(milliseconds * 1e6);

/** A request, or with `n` one statement of it, as DescribeStatement answers it; `target` names its warehouse. */
export const toDescription = (
  statement: Statement,
  n: number | undefined,
  target: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, unknown>> => {
  if (n !== undefined) return describePart(statement, n);
  const { outcome } = statement;
  return {
    Id: statement.id,
    Status: statement.status,
    Duration: nanoseconds(outcome?.milliseconds ?? 0),
    Error: outcome?.error,
    CreatedAt: statement.createdMs / 1000,
    UpdatedAt: statement.updatedMs / 1000,
    RedshiftPid: 1,
    RedshiftQueryId: outcome === undefined ? 0 : queryIdOf(statement, statement.sqls.length),
    ResultRows: outcome?.parts.at(-1)?.rows ?? -1,
    ResultSize: -1,
    HasResultSet: outcome?.parts.some((part) => part.result !== undefined) ?? false,
    ResultFormat: 'JSON',
    ...target,
    ...(statement.isBatch
      ? { SubStatements: statement.sqls.map((_, at) => describePart(statement, at + 1)) }
      : { QueryString: statement.sqls[0] }),
  };
};

const describePart = (statement: Statement, n: number): Readonly<Record<string, unknown>> => {
  const part = partOf(statement, n);
  const open = n === 1 ? statement.status : 'SUBMITTED';
  return {
    Id: `${statement.id}:${n}`,
    Status: isFinal(statement.status) ? part?.status : open,
    Duration: nanoseconds(part?.milliseconds ?? 0),
    Error: part?.error,
    CreatedAt: statement.createdMs / 1000,
    UpdatedAt: statement.updatedMs / 1000,
    QueryString: statement.sqls[n - 1],
    ResultRows: part?.rows ?? -1,
    ResultSize: -1,
    RedshiftQueryId: part === undefined ? 0 : queryIdOf(statement, n),
    HasResultSet: part?.result !== undefined,
  };
};
