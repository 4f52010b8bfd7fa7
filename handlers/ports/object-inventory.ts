/** The objects below a prefix as they lie in the bucket, with their ages: what cleaning up looks at. */
export interface ObjectInventory {
  /** All current objects below a prefix, in ascending order of key. Throws ServiceUnavailable, ServiceRefused. */
  list(prefix: string): AsyncIterable<InventoryItem>;

  /** The current version of a key; undefined where there is none. Throws ServiceUnavailable, ServiceRefused. */
  currentVersion(key: string): Promise<string | undefined>;

  /** Removes keys; one that is absent is removed already. Throws ServiceUnavailable, ServiceRefused. */
  remove(keys: readonly string[]): Promise<void>;
}

export interface InventoryItem {
  readonly key: string;
  /** Epoch milliseconds. */
  readonly lastModifiedMs: number;
}
