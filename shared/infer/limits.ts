/** What a sample may make `infer` keep, whatever its size; what goes over is told in the feed. */
export interface InferLimits {
  /** Distinct paths of elements and attributes. */
  readonly places: number;
  /** Values kept to see whether all are distinct, of all paths together; over it a sample of them is kept. */
  readonly keptValues: number;
  /** Characters of a value that may be a key's. */
  readonly keyLength: number;
  /** Keys of one element's children that are held against each other. */
  readonly keysOfOne: number;
}

export const INFER_LIMITS: InferLimits = {
  places: 4000,
  keptValues: 262_144,
  keyLength: 128,
  keysOfOne: 1000,
};

/** Characters of one value that are looked at; a column of the warehouse holds no more bytes. */
export const MOST_LOOKED_AT = 65_536;

/** How often a name may stand among an element's ancestors; what lies deeper is not told apart. */
export const MOST_NESTED = 2;

/** Characters of markup that may be one record; a larger element holds records. */
export const MOST_RECORD = 8 * 1024 * 1024;
