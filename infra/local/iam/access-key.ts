import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * The access key id of whoever has this ARN: the same in every run, so that nobody has to be told. It is no credential
 * of anything; it only looks like one of a role's session.
 */
export const toAccessKeyId = (arn: string): string =>
  `ASIA${createHash('sha256').update(arn).digest('hex').slice(0, 16).toUpperCase()}`;

/**
 * The access key id that a request is signed with, in its Authorization header or its query; undefined where it is not
 * signed (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html). Signatures are not verified.
 */
export const readAccessKeyId = ({
  headers,
  url = '',
}: Pick<IncomingMessage, 'headers' | 'url'>): string | undefined => {
  const ofHeader = /\bCredential=([^/,\s]+)\//.exec(headers.authorization ?? '')?.[1];
  return ofHeader ?? /[?&]X-Amz-Credential=([^&/%]+)(?:\/|%2F)/i.exec(url)?.[1];
};
