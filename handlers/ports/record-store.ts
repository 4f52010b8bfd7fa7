/**
 * Small text objects under names, in one bucket: plans, steps, seals, loads, leases.
 * Reads and lists see every put that was answered before them (S3 is strongly consistent).
 */
export interface RecordStore {
  /** The text under a key, or undefined where there is none. Throws ServiceUnavailable. */
  read(key: string): Promise<string | undefined>;

  /**
   * Puts the text unless the key exists, atomically. Answers undefined when it was put, else the text that was
   * there first: of equal invocations this means that our own earlier reply was lost. Throws ServiceUnavailable.
   */
  putIfAbsent(key: string, text: string): Promise<string | undefined>;

  /** Removes a key; one that is absent is removed already. Throws ServiceUnavailable. */
  remove(key: string): Promise<void>;

  /**
   * All keys and, with a delimiter, all folders directly below a prefix (both whole, folders with the delimiter at
   * their end), in ascending order. Throws ServiceUnavailable.
   */
  list(prefix: string, delimiter?: '/'): Promise<RecordListing>;
}

export interface RecordListing {
  readonly keys: readonly string[];
  readonly folders: readonly string[];
}
