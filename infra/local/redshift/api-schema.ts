import * as z from 'zod';
import { ServiceError } from '../aws-json-server.ts';

/** Requests of the Data API as far as the warehouse takes them (docs.aws.amazon.com/redshift-data/latest/APIReference). */

/** The older pages say 100 KB, the newer 200 KB: the stricter one. */
const MAX_SQL_BYTES = 100_000;
const MAX_STATEMENTS = 40;

const sql = z
  .string()
  .min(1)
  .refine((text) => Buffer.byteLength(text) <= MAX_SQL_BYTES, `a statement is over ${MAX_SQL_BYTES} bytes`);

const target = {
  WorkgroupName: z.string().optional(),
  ClusterIdentifier: z.string().optional(),
  Database: z.string().optional(),
};
const login = { ...target, SecretArn: z.string().optional(), DbUser: z.string().optional() };
const wait = { WaitTimeSeconds: z.int().min(0).max(30).default(0) };
const run = {
  ...login,
  ...wait,
  StatementName: z.string().max(2048).optional(),
  WithEvent: z.boolean().default(false),
  ClientToken: z.string().min(1).max(64).optional(),
  ResultFormat: z.literal('JSON').optional(),
};

export const executeInput = z.strictObject({ ...run, Sql: sql });
export const batchInput = z.strictObject({
  ...run,
  Sqls: z.array(sql).min(1).max(MAX_STATEMENTS),
  ExecutionMode: z.literal('TRANSACTION').optional(),
});
/** A UUID, with `:n` for the n-th statement of a batch. */
const id = z
  .string()
  .regex(
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(:\d+)?$/,
    'id must satisfy regex pattern: [a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\\d+)?',
  );
export const describeInput = z.strictObject({ Id: id, ...wait });
export const cancelInput = z.strictObject({ Id: id });
export const resultInput = z.strictObject({
  Id: id,
  NextToken: z.string().regex(/^\d+$/).optional(),
  ...wait,
});
export const listInput = z.strictObject({
  ...target,
  NextToken: z.string().regex(/^\d+$/).optional(),
  MaxResults: z.int().min(1).max(100).default(100),
  StatementName: z.string().max(500).optional(),
  Status: z
    .enum(['ABORTED', 'ALL', 'FAILED', 'FINISHED', 'PICKED', 'STARTED', 'SUBMITTED'])
    .default('FINISHED'),
  RoleLevel: z.boolean().optional(),
});

/** Parses a request. Throws ValidationException; a member that is not taken is named. */
export const parseInput = <T>(schema: z.ZodType<T>, input: unknown): T => {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new ServiceError('ValidationException', z.prettifyError(parsed.error));
};
