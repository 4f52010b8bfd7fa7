import { type Call, header } from './call.ts';
import { S3Error } from './s3-error.ts';

/** Metadata by which the command says when a file counts as put; to S3 itself it is metadata like any other. */
const PUT_AT = 'x-amz-meta-millrace-put-at';

/**
 * When a new version counts as put, in epoch milliseconds: now, or an earlier time that the operator names. So the command lands a
 * thousand files in a thousand different seconds without waiting for them. Throws S3Error InvalidArgument.
 */
export const putTime = (call: Call): number => {
  const asked = call.caller.roleArn === undefined ? header(call, PUT_AT) : undefined;
  if (asked === undefined) return call.now();
  if (!/^\d{1,15}$/.test(asked)) {
    throw new S3Error('InvalidArgument', `${PUT_AT} takes epoch milliseconds, got ${JSON.stringify(asked)}`);
  }
  return Math.min(Number(asked), call.now());
};
