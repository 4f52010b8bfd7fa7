import { describe, expect, it } from 'vitest';
import { describeCertificate, isOfCertificate } from '../../../handlers/adapters/http-certificate.ts';

describe('the message of a certificate that is not trusted', () => {
  it.each([
    [
      'SELF_SIGNED_CERT_IN_CHAIN',
      /the field ca of a secret, and name that secret in the connection's tls\.caSecret/,
    ],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /have the server send its intermediate certificates$/],
    ['CERT_HAS_EXPIRED', /; its owner has to renew it$/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /; write the host in the feed as the certificate names it$/],
  ])('for %s says what to do where', (code, says) => {
    expect(isOfCertificate(code)).toBe(true);
    const message = describeCertificate('https://x.example/ page 1', code, 'says OpenSSL');
    expect(message).toMatch(/^certificate of https:\/\/x.example\/ page 1 is not trusted: /);
    expect(message).toMatch(says);
  });

  it.each(['ECONNREFUSED', 'ENOTFOUND', ''])('is not for %j', (code) => {
    expect(isOfCertificate(code)).toBe(false);
  });
});
