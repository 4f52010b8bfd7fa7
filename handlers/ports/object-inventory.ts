/** The objects below a prefix as they lie in the bucket, with their ages: what cleaning up looks at. */
export interface ObjectInventory {
  /** All current objects below a prefix, in ascending order of key. Throws ServiceUnavailable, ServiceRefused. */
  list(prefix: string): AsyncIterable<InventoryItem>;

  /**
   * All versions of the objects below a prefix, of our bucket or another, in ascending order of key and the newest of each key first; but none that
   * was removed by its key, whatever was put there later. With `after`, only those of keys that are greater. Throws ServiceUnavailable, ServiceRefused.
   */
  listVersions(prefix: string, bucket?: string, after?: string): AsyncIterable<InventoryVersion>;

  /** Removes keys; one that is absent is removed already. Throws ServiceUnavailable, ServiceRefused. */
  remove(keys: readonly string[]): Promise<void>;

  /** Removes versions of our bucket for good, and no other of their keys; one that is absent is removed already. Throws as remove does. */
  removeVersions(versions: readonly Pick<InventoryVersion, 'key' | 'versionId'>[]): Promise<void>;
}

export interface InventoryItem {
  readonly key: string;
  /** Epoch milliseconds. */
  readonly lastModifiedMs: number;
}

export interface InventoryVersion extends InventoryItem {
  readonly versionId: string;
}
