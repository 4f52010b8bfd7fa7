import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ALGORITHM, type Claim } from './signature-claim.ts';

/** Signs texts within the scope of one claim: a day, a region, a service and a secret. */
export interface Signer {
  /** A signature of `ALGORITHM[kind]\n time \n scope \n` and these lines, hexadecimal. */
  sign(kind: string, ...lines: readonly string[]): string;
}

/**
 * The signer of a claim (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, Derive a signing key). It
 * costs four HMACs; each text, one.
 */
export const openSigner = (
  { scope, time }: Pick<Claim, 'scope' | 'time'>,
  secretAccessKey: string,
): Signer => {
  const parts = [scope.date, scope.region, scope.service, 'aws4_request'];
  const key = parts.reduce<string | Buffer>(
    (derived, part) => createHmac('sha256', derived).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  const preamble = `${time}\n${parts.join('/')}`;
  return {
    sign: (kind, ...lines) =>
      createHmac('sha256', key)
        .update([ALGORITHM + kind, preamble, ...lines].join('\n'))
        .digest('hex'),
  };
};

/** SHA-256 in hexadecimal; of a text, of one byte a character. */
export const sha256Hex = (text: string | Buffer): string =>
  typeof text === 'string'
    ? createHash('sha256').update(text, 'latin1').digest('hex')
    : createHash('sha256').update(text).digest('hex');

/** Whether two signatures are the same, in a time that does not tell where they differ. */
export const isSameSignature = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'));
