/** What is measured of a feed. `freshnessSeconds`: how old the newest of its rows in the warehouse are. */
export interface Measures {
  readonly freshnessSeconds?: number;
  readonly pending?: number;
  readonly parked?: number;
  readonly records?: number;
  readonly rows?: number;
  readonly rejects?: number;
  /** Of XML. */
  readonly bytes?: number;
  /** Pages and objects that were asked of sources. */
  readonly requests?: number;
  /** Tries of loads after the first, and restarts of slices. */
  readonly retries?: number;
  /** Batches that are in the warehouse. */
  readonly loaded?: number;
  readonly failures?: number;
}

/** Numbers about feeds, each taken at least once. Measuring never fails the work. */
export interface Metrics {
  put(feed: string, measures: Measures): void;
}
