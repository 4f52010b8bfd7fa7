import type { HttpSource } from '../model/feed.ts';

/** How one slice's requests follow each other, so that all slices of a feed together stay below its share of the connection's rate. */
export interface Pace {
  /** Before the first request of a function's run. */
  readonly firstMs: number;
  /** From the beginning of one request to that of the next. */
  readonly everyMs: number;
}

/** What a slice's place in its plan says of its pace. */
export interface Lane {
  readonly slice: number;
  /** Slices of the plan. */
  readonly slices: number;
  /** Whether nothing of the slice was asked for yet. */
  readonly isNew: boolean;
}

/**
 * A Map runs as many lanes at once as it has slices, up to the feed's concurrency; each has that part of the rate. Lanes begin one after the other,
 * at the feed's own rate; a slice that takes a lane over, or goes on, leaves a whole turn to the request before it. Undefined without a rate.
 */
export const paceOf = (
  { requestsPerSecond, concurrency }: Pick<HttpSource, 'requestsPerSecond' | 'concurrency'>,
  { slice, slices, isNew }: Lane,
): Pace | undefined => {
  if (requestsPerSecond === undefined) return undefined;
  const turnMs = 1000 / requestsPerSecond;
  const lanes = Math.max(1, Math.min(concurrency, slices));
  const everyMs = Math.ceil(turnMs * lanes);
  return { firstMs: isNew && slice < lanes ? Math.ceil(turnMs * (slice + 1)) : everyMs, everyMs };
};

/** Longest time between two requests of a slice: a step has at most 230 s, and has to get somewhere in them. */
export const SLOWEST_TURN_MS = 60_000;
