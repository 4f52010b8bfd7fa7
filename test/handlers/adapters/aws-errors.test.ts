import { describe, expect, it } from 'vitest';
import { toServiceError } from '../../../handlers/adapters/aws-errors.ts';

const failure = (name: string, httpStatusCode?: number) =>
  Object.assign(new Error('why'), { name, $metadata: { httpStatusCode } });

describe('an error of an AWS service', () => {
  it.each([
    ['Throttling', 400],
    ['ThrottlingException', 400],
    ['TooManyRequestsException', 400],
    ['SlowDown', 400],
    ['RequestLimitExceeded', 400],
    ['ProvisionedThroughputExceededException', 400],
    ['ActiveSessionsExceededException', 400],
    ['ActiveStatementsExceededException', 400],
    ['ActiveWaitingRequestsExceededException', 400],
    ['RequestTimeout', 400],
    ['RequestTimeTooSkewed', 403],
    ['OperationAborted', 409],
    ['ConditionalRequestConflict', 409],
    ['QueryTimeoutException', 400],
    ['Any', 429],
    ['Any', 500],
    ['Any', 503],
    ['InternalError', 200],
    ['Any', undefined],
  ])('%s with %s passes', (name, status) => {
    expect(toServiceError('put of s3://b/k', failure(name, status)).name).toBe('ServiceUnavailable');
  });

  it.each([
    ['AccessDenied', 403],
    ['NoSuchBucket', 404],
    ['ValidationException', 400],
    ['PreconditionFailed', 412],
    ['Any', 499],
  ])('%s with %s does not, and says the call, its status and why', (name, status) => {
    const cause = failure(name, status);
    const error = toServiceError('put of s3://b/k', cause);
    expect(error.name).toBe('ServiceRefused');
    expect(error.message).toBe(`put of s3://b/k failed with ${status} ${name}: why`);
    expect(error.cause).toBe(cause);
  });
});
