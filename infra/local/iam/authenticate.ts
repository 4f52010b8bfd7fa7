import type { IncomingMessage } from 'node:http';
import { realClock } from '../clock.ts';
import { type AccessTable, type Caller, type IssuedKey, OPERATOR, toCaller } from './access.ts';
import { toCanonicalRequest } from './canonical-request.ts';
import { NotAuthentic } from './not-authentic.ts';
import { type Claim, readClaim, toEpochMs } from './signature-claim.ts';
import { isSameSignature, openSigner, type Signer, sha256Hex } from './signing-key.ts';

/** A request to be authenticated. */
export interface Presented {
  readonly request: Pick<IncomingMessage, 'method' | 'headers' | 'headersDistinct'>;
  /** As it was sent, percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Hexadecimal SHA-256 of the body, or the word that stands for it. */
  readonly payloadHash: string;
}

/** Who sent a request. */
export interface Authentic {
  readonly caller: Caller;
  /** The request's own signature, and what signs in its scope: signatures of a body's chunks go on from there. */
  readonly seed: { readonly signature: string; readonly signer: Signer } | undefined;
}

/** Finds who sent a request. Throws NotAuthentic. */
export type Authenticate = (presented: Presented) => Authentic;

/** Takes everyone for the operator, signed or not: for a service that a test runs by itself, without keys. */
export const everyoneMay: Authenticate = () => ({ caller: OPERATOR, seed: undefined });

/** What the clocks of both ends may differ by (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html, five minutes at least; S3 allows 15). */
const MAX_SKEW_MS = 15 * 60 * 1000;

export interface AuthenticateOptions {
  readonly table: AccessTable;
  readonly region: string;
  /** The service's name in signatures, such as `s3`. */
  readonly service: string;
  /** Epoch milliseconds. @default the system's clock */
  readonly now?: () => number;
}

/**
 * Verifies Signature Version 4 (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html) and its age, in the header and presigned in
 * the query. It reads no body: whoever takes that compares its hash with the one that was signed.
 */
export const verifySignatures = (options: AuthenticateOptions): Authenticate => {
  const { table, now = realClock.now } = options;
  return (presented) => {
    const claim = readClaim(presented.request, presented.query);
    if (claim === undefined) throw new NotAuthentic('unsigned', 'the request is not signed by anyone');
    const key = findKey(table, claim);
    checkScope(claim, options);
    checkHeaders(claim, presented);
    const signer = openSigner(claim, key.secretAccessKey);
    checkSignature(claim, presented, signer, options.service === 's3');
    checkAge(claim, now());
    const caller = key.role === undefined ? OPERATOR : toCaller(table, key.role.arn, key.role.session);
    return { caller, seed: { signature: claim.signature, signer } };
  };
};

const findKey = ({ keys }: AccessTable, { accessKeyId, sessionToken }: Claim): IssuedKey => {
  const key = Object.hasOwn(keys, accessKeyId) ? keys[accessKeyId] : undefined;
  if (key === undefined) {
    throw new NotAuthentic(
      'unknownKey',
      `the AWS access key id you provided does not exist in our records: ${accessKeyId}; the local cloud makes its keys at each start`,
    );
  }
  if (key.sessionToken === sessionToken) return key;
  throw new NotAuthentic('wrongToken', 'the provided token is malformed or otherwise invalid');
};

const checkScope = ({ scope, time }: Claim, { region, service }: AuthenticateOptions): void => {
  if (scope.region !== region) {
    throw new NotAuthentic(
      'wrongScope',
      `the credential's region '${scope.region}' is wrong; expecting '${region}'`,
    );
  }
  if (scope.service !== service) {
    throw new NotAuthentic(
      'wrongScope',
      `the credential's service '${scope.service}' is wrong; expecting '${service}'`,
    );
  }
  if (!time.startsWith(scope.date)) {
    throw new NotAuthentic(
      'wrongScope',
      `the credential's date ${scope.date} is not the request's, ${time.slice(0, 8)}`,
    );
  }
};

/** What says something of the request has to be signed, or whoever carries the request could change it. */
const checkHeaders = ({ signedHeaders }: Claim, { request }: Presented): void => {
  const unsigned = Object.keys(request.headers).filter(
    (name) => name.startsWith('x-amz-') && !signedHeaders.includes(name),
  );
  if (unsigned.length === 0) return;
  throw new NotAuthentic(
    'unsignedHeaders',
    `there were headers present in the request which were not signed: ${unsigned.join(', ')}`,
  );
};

const checkSignature = (claim: Claim, presented: Presented, signer: Signer, isS3: boolean): void => {
  const canonical = toCanonicalRequest({
    ...presented,
    signedHeaders: claim.signedHeaders,
    isPathEncodedOnce: isS3,
  });
  if (isSameSignature(claim.signature, signer.sign('', sha256Hex(canonical)))) return;
  throw new NotAuthentic(
    'wrongSignature',
    'the request signature we calculated does not match the signature you provided: check your key and signing method',
  );
};

const checkAge = ({ time, validSeconds }: Claim, now: number): void => {
  const signedAt = toEpochMs(time);
  if (validSeconds === undefined) {
    if (Math.abs(now - signedAt) <= MAX_SKEW_MS) return;
    throw new NotAuthentic(
      'skewed',
      `the difference between the request time and the current time is too large: signed at ${time}, it is ${new Date(now).toISOString()}, at most 15 minutes allowed`,
    );
  }
  if (now > signedAt + validSeconds * 1000) {
    throw new NotAuthentic(
      'outOfTime',
      `Request has expired: signed at ${time} for ${validSeconds} s, it is ${new Date(now).toISOString()}`,
    );
  }
  if (signedAt > now + MAX_SKEW_MS) {
    throw new NotAuthentic(
      'outOfTime',
      `Request is not valid yet: signed at ${time}, it is ${new Date(now).toISOString()}`,
    );
  }
};
