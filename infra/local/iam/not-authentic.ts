/** Why nobody is taken to have sent a request. Each protocol has its own error for each. */
export type Doubt =
  | 'unsigned'
  | 'otherMechanism'
  | 'malformed'
  | 'wrongScope'
  | 'unknownKey'
  | 'wrongToken'
  | 'unsignedHeaders'
  | 'wrongSignature'
  /** Signed too long ago, or too far ahead. */
  | 'skewed'
  /** Presigned, and no longer valid or not yet. */
  | 'outOfTime';

/** Thrown when a request's signature does not show who sent it; a service translates it into its protocol's error. */
export class NotAuthentic extends Error {
  override readonly name = 'NotAuthentic';
  readonly doubt: Doubt;

  constructor(doubt: Doubt, message: string) {
    super(message);
    this.doubt = doubt;
  }
}
