import * as z from 'zod';

/** docs.aws.amazon.com/redshift-data/latest/APIReference/API_DescribeStatement.html */
const FINAL_STATUSES = ['FINISHED', 'FAILED', 'ABORTED'] as const;
export const status = z.enum(['SUBMITTED', 'PICKED', 'STARTED', ...FINAL_STATUSES]);
export type Status = z.infer<typeof status>;
export type FinalStatus = (typeof FINAL_STATUSES)[number];

export const isFinal = (value: Status): value is FinalStatus =>
  value === 'FINISHED' || value === 'FAILED' || value === 'ABORTED';

/** What became of one SQL statement. */
const partOutcome = z.strictObject({
  status: z.enum(FINAL_STATUSES),
  error: z.string().optional(),
  milliseconds: z.number(),
  /** Rows of the result or rows changed; -1 where there is no number. */
  rows: z.number(),
  result: z
    .strictObject({
      columns: z.array(z.strictObject({ name: z.string(), typeOid: z.number() })).readonly(),
      rows: z.array(z.array(z.string().nullable()).readonly()).readonly(),
    })
    .optional(),
});
export type PartOutcome = z.infer<typeof partOutcome>;

/** What became of a request: of all its statements together, and of each. It is kept as JSON. */
const outcome = z.strictObject({
  status: z.enum(FINAL_STATUSES),
  error: z.string().optional(),
  milliseconds: z.number(),
  parts: z.array(partOutcome).readonly(),
});
export type Outcome = z.infer<typeof outcome>;

export const parseOutcome = (json: string): Outcome => outcome.parse(JSON.parse(json));

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
  /** ARN of the role that submitted it; undefined is the operator. */
  readonly role: string | undefined;
  readonly status: Status;
  /** Epoch milliseconds. */
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly outcome: Outcome | undefined;
}

/** Redshift's number of the n-th statement of a request, from 1. */
export const queryIdOf = (statement: { readonly number: number }, n: number): number =>
  statement.number * 100 + n;
