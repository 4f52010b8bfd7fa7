/** What is turned on for a bucket. */
export interface BucketSettings {
  /** Throws ServiceUnavailable, and ServiceRefused where the bucket is not there or may not be looked at. */
  read(bucket: string): Promise<BucketState>;
}

export interface BucketState {
  readonly hasVersions: boolean;
  /** Its events go to EventBridge. */
  readonly tellsEventBridge: boolean;
}
