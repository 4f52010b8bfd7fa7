/** What records say of one feed, as far as a person may have to know. Times are epoch milliseconds. */
export interface Facts {
  readonly feed: string;
  readonly nowMs: number;
  /** A person holds the feed. */
  readonly isPaused: boolean;
  /** Of the feed file; without it the feed is never stale. */
  readonly staleAfterMs: number | undefined;
  /** What is sealed may wait so long for its feed's clock. */
  readonly loadEveryMs: number;
  /** When a sweep first saw the feed. */
  readonly seenMs: number;
  /** When its newest batch was sealed, or its source last said that nothing is new. */
  readonly sealedMs: number | undefined;
  /** Sealed batches that wait for a load, and since when the oldest does. */
  readonly pending: { readonly count: number; readonly oldestMs: number | undefined };
  /** Batches set aside, those left out that a newer one has taken the place of. */
  readonly parked: { readonly count: number; readonly first: Trouble | undefined };
  /** Failures of extraction that no success has followed, the newest last. */
  readonly failures: readonly Trouble[];
  /** Failures of loads that wait still, the newest last. */
  readonly loadFailures: readonly Trouble[];
  /** The newest of the last day; undefined where there was none. */
  readonly rejects: Mark | undefined;
  readonly lost: Mark | undefined;
}

export interface Trouble {
  readonly atMs: number;
  readonly batch: string | undefined;
  readonly state: string;
  readonly error: string;
  readonly message: string;
}

export interface Mark {
  readonly atMs: number;
  readonly batch: string | undefined;
  readonly message: string;
}
