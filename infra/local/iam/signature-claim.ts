import type { IncomingMessage } from 'node:http';
import { NotAuthentic } from './not-authentic.ts';

/**
 * What a request says of its own signature, Version 4 (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html), either in its
 * Authorization header or, where it is presigned, in its query.
 */
export interface Claim {
  readonly accessKeyId: string;
  /** `YYYYMMDD`, region and service that the key was derived for. */
  readonly scope: { readonly date: string; readonly region: string; readonly service: string };
  /** Names in lower case, in the order of signing. */
  readonly signedHeaders: readonly string[];
  /** Hexadecimal. */
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ`, the time of signing. */
  readonly time: string;
  readonly sessionToken: string | undefined;
  /** How long a presigned request is valid; undefined for one that is signed in its header. */
  readonly validSeconds: number | undefined;
}

export const ALGORITHM = 'AWS4-HMAC-SHA256';

/** The longest life of a presigned request (…/AmazonS3/latest/API/sigv4-query-string-auth.html, X-Amz-Expires). */
const MAX_VALID_SECONDS = 7 * 24 * 3600;

/** Reads the claim; undefined where the request is not signed. Throws NotAuthentic for one that is no Signature Version 4. */
export const readClaim = (
  { headers }: Pick<IncomingMessage, 'headers'>,
  query: URLSearchParams,
): Claim | undefined => {
  const { authorization } = headers;
  if (authorization !== undefined) {
    if (query.has('X-Amz-Signature')) throw malformed('only one way of signing is allowed, got two');
    return readHeader(authorization, headers);
  }
  if (query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature')) return readQuery(query);
  // Signature Version 2 in the query.
  if (query.has('AWSAccessKeyId')) throw otherMechanism('AWSAccessKeyId');
  return undefined;
};

const readHeader = (authorization: string, headers: IncomingMessage['headers']): Claim => {
  const [algorithm = '', ...rest] = authorization.trim().split(/\s+/);
  if (algorithm !== ALGORITHM) throw otherMechanism(algorithm);
  const fields = new Map(
    rest
      .join('')
      .split(',')
      .map((field) => {
        const at = field.indexOf('=');
        return [field.slice(0, at), field.slice(at + 1)] as const;
      }),
  );
  return {
    ...readCredential(fields.get('Credential')),
    signedHeaders: readNames(fields.get('SignedHeaders')),
    signature: required(fields.get('Signature'), 'Signature'),
    time: readTime(single(headers['x-amz-date']) ?? toBasicTime(headers.date)),
    sessionToken: single(headers['x-amz-security-token']),
    validSeconds: undefined,
  };
};

const readQuery = (query: URLSearchParams): Claim => {
  const algorithm = query.get('X-Amz-Algorithm') ?? '';
  if (algorithm !== ALGORITHM) throw otherMechanism(algorithm);
  return {
    ...readCredential(query.get('X-Amz-Credential') ?? undefined),
    signedHeaders: readNames(query.get('X-Amz-SignedHeaders') ?? undefined),
    signature: required(query.get('X-Amz-Signature') ?? undefined, 'X-Amz-Signature'),
    time: readTime(query.get('X-Amz-Date') ?? undefined),
    sessionToken: query.get('X-Amz-Security-Token') ?? undefined,
    validSeconds: readValidity(query.get('X-Amz-Expires')),
  };
};

const readCredential = (text: string | undefined): Pick<Claim, 'accessKeyId' | 'scope'> => {
  const [accessKeyId, date, region, service, end, ...more] = required(text, 'Credential').split('/');
  if (!accessKeyId || !date || !region || !service || end !== 'aws4_request' || more.length > 0) {
    throw malformed(`Credential is ${text}, allowed is KEY-ID/YYYYMMDD/REGION/SERVICE/aws4_request`);
  }
  return { accessKeyId, scope: { date, region, service } };
};

const readNames = (text: string | undefined): readonly string[] => {
  const names = required(text, 'SignedHeaders').split(';');
  if (names.includes('host')) return names;
  throw malformed(`SignedHeaders is ${text}, and has to name host`);
};

const readTime = (text: string | undefined): string => {
  const time = required(text, 'X-Amz-Date');
  if (Number.isNaN(toEpochMs(time))) throw malformed(`X-Amz-Date is ${time}, allowed is YYYYMMDDTHHMMSSZ`);
  return time;
};

const readValidity = (text: string | null): number => {
  const seconds = Number(text ?? Number.NaN);
  if (/^\d{1,9}$/.test(text ?? '') && seconds <= MAX_VALID_SECONDS) return seconds;
  throw malformed(`X-Amz-Expires is ${text}, a number of seconds from 0 to ${MAX_VALID_SECONDS} is allowed`);
};

/** `YYYYMMDDTHHMMSSZ` in epoch milliseconds; NaN for another text. */
export const toEpochMs = (time: string): number => {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time);
  if (match === null) return Number.NaN;
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
};

/** The Date header stands in for x-amz-date where that is absent. */
const toBasicTime = (date: string | undefined): string | undefined => {
  const ms = Date.parse(date ?? '');
  return Number.isNaN(ms) ? undefined : `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
};

const single = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'object' ? value[0] : value;

const required = (text: string | undefined, name: string): string => {
  if (text === undefined || text === '') throw malformed(`${name} is missing in the request's signature`);
  return text;
};

const malformed = (message: string): NotAuthentic => new NotAuthentic('malformed', message);

const otherMechanism = (got: string): NotAuthentic =>
  new NotAuthentic(
    'otherMechanism',
    `the authorization mechanism you have provided, ${got}, is not supported: use ${ALGORITHM}`,
  );
