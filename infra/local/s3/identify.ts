import type { IncomingMessage } from 'node:http';
import type { Authentic, Authenticate } from '../iam/authenticate.ts';
import { type Doubt, NotAuthentic } from '../iam/not-authentic.ts';
import { S3Error, type S3ErrorCode } from './s3-error.ts';

/** Who sent a request, and what it was signed to carry. */
export interface Identified extends Authentic {
  /** What x-amz-content-sha256 says: a hash of the body, or a word for what stands in its place. */
  readonly payloadHash: string;
}

const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';

/** docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const CODES: Readonly<Record<Doubt, S3ErrorCode>> = {
  unsigned: 'AccessDenied',
  otherMechanism: 'InvalidRequest',
  malformed: 'AuthorizationHeaderMalformed',
  wrongScope: 'AuthorizationHeaderMalformed',
  unknownKey: 'InvalidAccessKeyId',
  wrongToken: 'InvalidToken',
  unsignedHeaders: 'AccessDenied',
  wrongSignature: 'SignatureDoesNotMatch',
  skewed: 'RequestTimeTooSkewed',
  outOfTime: 'AccessDenied',
};
/** Those that differ for a presigned request. */
const PRESIGNED_CODES: Readonly<Record<Doubt, S3ErrorCode>> = {
  ...CODES,
  malformed: 'AuthorizationQueryParametersError',
  wrongScope: 'AuthorizationQueryParametersError',
};

/** Verifies a request's signature. Throws S3Error, by S3's own code for each way in which it is none. */
export const identify = (
  request: IncomingMessage,
  path: string,
  query: URLSearchParams,
  authenticate: Authenticate,
): Identified => {
  const payloadHash = payloadHashOf(request, query);
  try {
    return { ...authenticate({ request, path, query, payloadHash }), payloadHash };
  } catch (cause) {
    if (!(cause instanceof NotAuthentic)) throw cause;
    const codes = request.headers.authorization === undefined ? PRESIGNED_CODES : CODES;
    throw new S3Error(codes[cause.doubt], cause.message);
  }
};

/** A presigned request need not name one (docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html). */
const payloadHashOf = ({ headers }: IncomingMessage, query: URLSearchParams): string => {
  const sent = headers['x-amz-content-sha256'] ?? query.get('X-Amz-Content-Sha256') ?? undefined;
  if (typeof sent === 'string') return sent;
  if (headers.authorization === undefined) return UNSIGNED_PAYLOAD;
  throw new S3Error('InvalidRequest', 'missing required header for this request: x-amz-content-sha256');
};
