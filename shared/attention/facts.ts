import type { Asking } from './asking.ts';

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
  readonly pending: { readonly batches: readonly string[]; readonly oldestMs: number | undefined };
  readonly parked: {
    /** Batches set aside, but those that a person skips. */
    readonly all: readonly string[];
    /** Of them those that a person has to look at: no newer batch has taken their place. */
    readonly batches: readonly string[];
    /** The one that was parked first, and others of them. */
    readonly oldest: Trouble | undefined;
    readonly others: readonly Trouble[];
    /** Found now to be superseded; those that were found before are marked. */
    readonly newlySuperseded: readonly { readonly batch: string; readonly by: string }[];
  };
  /** Failures of extraction that no success has followed, the newest last. */
  readonly failures: readonly Trouble[];
  /** Failures of loads that wait still, the newest last. */
  readonly loadFailures: readonly Trouble[];
  /** All that failed until then was found now to be over for good; what was found before is marked. */
  readonly newlyOverMs: number | undefined;
  /** The newest of the last day; undefined where there was none. */
  readonly rejects: Mark | undefined;
  readonly lost: Mark | undefined;
}

export interface Trouble {
  readonly atMs: number;
  readonly batch: string | undefined;
  /** The range that the batch was asked for with. */
  readonly asked?: Asking | undefined;
  /** The range by which what a parked batch has is read again, where its part files are at fault. */
  readonly again?: Asking | undefined;
  readonly state: string;
  readonly error: string;
  readonly message: string;
}

export interface Mark {
  readonly atMs: number;
  readonly batch: string | undefined;
  readonly table?: string | undefined;
  /** The range by which what the batch had is read again, where its part files are gone. */
  readonly again?: Asking | undefined;
  readonly message: string;
}
