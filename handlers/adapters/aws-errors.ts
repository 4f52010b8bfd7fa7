import { ServiceRefused, ServiceUnavailable } from '../../shared/errors.ts';

/** What an SDK error says of itself; read by shape, since each client has its own class hierarchy. */
export interface AwsFailure {
  readonly name: string;
  readonly message: string;
  /** Absent where no response came. */
  readonly status: number | undefined;
}

/** Reads an SDK error's name, message and HTTP status. */
export const toAwsFailure = (error: unknown): AwsFailure => {
  const shape = error instanceof Error ? error : new Error(String(error));
  const metadata: unknown = '$metadata' in shape ? shape.$metadata : undefined;
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? metadata.httpStatusCode
      : undefined;
  return {
    name: shape.name,
    message: shape.message,
    status: typeof status === 'number' ? status : undefined,
  };
};

/** Active… are the Data API's. */
const THROTTLES =
  /Throttl|TooManyRequests|SlowDown|RequestLimitExceeded|ProvisionedThroughput|Active(Sessions|Statements|WaitingRequests)Exceeded/;
/** 4xx by number, the service's own delay by meaning. */
const PASSING =
  /RequestTimeout|RequestTimeTooSkewed|OperationAborted|ConditionalRequestConflict|QueryTimeout/;

/**
 * Turns an SDK error into ServiceUnavailable (throttled, 5xx, no answer) or ServiceRefused (any other 4xx), with its
 * cause. `what` names the call and its object: "put of s3://bucket/key".
 */
export const toServiceError = (what: string, error: unknown): ServiceUnavailable | ServiceRefused => {
  const { name, message, status } = toAwsFailure(error);
  const isPassing =
    status === undefined ||
    status >= 500 ||
    status === 429 ||
    status === 200 || // CompleteMultipartUpload reports its failures in a 200
    THROTTLES.test(name) ||
    PASSING.test(name);
  const text = `${what} failed with ${status ?? 'no answer'} ${name}: ${message}`;
  return isPassing
    ? new ServiceUnavailable(text, { cause: error })
    : new ServiceRefused(text, { cause: error });
};
