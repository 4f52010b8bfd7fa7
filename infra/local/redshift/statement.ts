import type { LoadErrorDetail } from './copy/load-error.ts';
import type { ResultTable } from './postgres.ts';

/** docs.aws.amazon.com/redshift-data/latest/APIReference/API_DescribeStatement.html */
export type Status = 'SUBMITTED' | 'PICKED' | 'STARTED' | 'FINISHED' | 'FAILED' | 'ABORTED';
export type FinalStatus = Extract<Status, 'FINISHED' | 'FAILED' | 'ABORTED'>;

export const isFinal = (status: Status): status is FinalStatus =>
  status === 'FINISHED' || status === 'FAILED' || status === 'ABORTED';

/** What became of one SQL statement. */
export interface PartOutcome {
  readonly status: FinalStatus;
  readonly error?: string;
  readonly milliseconds: number;
  /** Rows of the result or rows changed; -1 where there is no number. */
  readonly rows: number;
  readonly result?: ResultTable;
}

/** What became of a request: of all its statements together, and of each. */
export interface Outcome {
  readonly status: FinalStatus;
  readonly error?: string;
  readonly milliseconds: number;
  readonly parts: readonly PartOutcome[];
}

/** A request to run statements, as it was accepted. */
export interface Statement {
  /** A UUID. */
  readonly id: string;
  /** Counts requests; the query ids of its statements follow from it. */
  readonly number: number;
  readonly name: string | undefined;
  readonly sqls: readonly string[];
  readonly isBatch: boolean;
  readonly withEvent: boolean;
  readonly status: Status;
  /** Epoch milliseconds. */
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly outcome: Outcome | undefined;
}

/** Redshift's number of the n-th statement of a request, from 1. */
export const queryIdOf = (statement: { readonly number: number }, n: number): number =>
  statement.number * 100 + n;

export interface LoadErrorRow extends LoadErrorDetail {
  readonly queryId: number;
}
