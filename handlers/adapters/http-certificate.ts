/** Codes of a peer that no retry makes trusted: its certificate. */
const CERTIFICATE = /CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO_VERIFY/;

/** Whether a connection's error code speaks of the server's certificate. */
export const isOfCertificate = (code: string): boolean => CERTIFICATE.test(code);

/** What the owner of the server has to do, where no setting of ours helps. */
const FAULTS_OF_SERVER: ReadonlyMap<string, string> = new Map([
  ['CERT_HAS_EXPIRED', 'its owner has to renew it'],
  ['CERT_NOT_YET_VALID', 'its owner has to replace it, or the clock here is wrong'],
  ['CERT_REVOKED', 'its owner has to replace it'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'write the host in the feed as the certificate names it'],
]);

const UNKNOWN_AUTHORITY =
  "put the certificate of the authority that signed it (PEM) into the field ca of a secret, and name that secret in the connection's tls.caSecret; " +
  'of a public authority, have the server send its intermediate certificates';

/** Says that a server's certificate is not trusted, why, and what to set or to change where. */
export const describeCertificate = (place: string, code: string, text: string): string =>
  `certificate of ${place} is not trusted: ${code} ${text}; ${FAULTS_OF_SERVER.get(code) ?? UNKNOWN_AUTHORITY}`;
