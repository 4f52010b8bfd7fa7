import { randomBytes } from 'node:crypto';

/** What a request is signed with. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of a role's session; keys that last have none. */
  readonly sessionToken?: string;
}

/** Letters of an access key id behind its kind (docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html). */
const ID_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const ID_LENGTH = 16;
/** 40 letters in base64, as AWS's secrets have. */
const SECRET_BYTES = 30;
const TOKEN_BYTES = 48;

/** A fresh key of a user: nobody can guess it, and it is worth nothing after the cloud's end. */
export const makeUserKey = (): AccessKey => ({
  accessKeyId: `AKIA${randomLetters()}`,
  secretAccessKey: randomBytes(SECRET_BYTES).toString('base64'),
});

/** A fresh key of a role's session, which comes with a token. */
export const makeSessionKey = (): Required<AccessKey> => ({
  accessKeyId: `ASIA${randomLetters()}`,
  secretAccessKey: randomBytes(SECRET_BYTES).toString('base64'),
  sessionToken: randomBytes(TOKEN_BYTES).toString('base64'),
});

const randomLetters = (): string =>
  Array.from(randomBytes(ID_LENGTH), (byte) => ID_LETTERS[byte % ID_LETTERS.length]).join('');
