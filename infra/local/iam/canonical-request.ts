import type { IncomingMessage } from 'node:http';

/** A request as it came, and what of it is signed. */
export interface Signable {
  readonly request: Pick<IncomingMessage, 'method' | 'headersDistinct'>;
  /** The path as it was sent, percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly signedHeaders: readonly string[];
  /** Hexadecimal SHA-256 of the body, or the word that stands for it. */
  readonly payloadHash: string;
  /** S3 encodes each character of a path once, the other services twice. */
  readonly isPathEncodedOnce: boolean;
}

/**
 * The text whose hash is signed (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, Create a canonical
 * request). Header values are the bytes that came, one character each.
 */
export const toCanonicalRequest = (of: Signable): string =>
  [
    of.request.method,
    canonicalPath(of),
    canonicalQuery(of.query),
    ...of.signedHeaders.map((name) => `${name}:${canonicalValue(of.request, name)}`),
    '',
    of.signedHeaders.join(';'),
    of.payloadHash,
  ].join('\n');

const canonicalPath = ({ path, isPathEncodedOnce }: Signable): string => {
  const segments = path.split('/').map((segment) => (isPathEncodedOnce ? decode(segment) : segment));
  return segments.map(encode).join('/');
};

const canonicalQuery = (query: URLSearchParams): string =>
  [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encode(name), encode(value)] as const)
    // By name and then by value: as one text, "a=" would sort behind "a-b=".
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Several headers of one name are one, joined by commas; white space counts once. */
const canonicalValue = ({ headersDistinct }: Signable['request'], name: string): string =>
  (headersDistinct[name] ?? []).map((value) => value.trim().replaceAll(/\s+/g, ' ')).join(',');

/** All but letters, digits and `-._~` is percent-encoded, in upper case. */
const encode = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** What is no UTF-8 stays as it is: its operation refuses it, by its own name. */
const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
