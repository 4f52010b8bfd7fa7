import type { Refusal } from './http-answers.ts';

/** What bounds the waiting for one page. */
interface Waiting {
  readonly nowMs: number;
  readonly deadlineMs: number;
  /** Waits of this page before. */
  readonly waits: number;
  /** From 0 up to 1, never 1. */
  readonly random: () => number;
}

/** Times that one page waits for a Retry-After of a server that is not well; over it the state's own retry goes on. */
const MAX_WAITS = 5;
/** A throttle for longer than this is no matter of waiting: a day's quota is told of at once. */
const LONGEST_THROTTLE_MS = 10 * 60_000;
const FIRST_BACKOFF_MS = 1_000;
const MOST_BACKOFF_MS = 30_000;
const LEAST_BACKOFF_MS = 100;

/** How long to wait before the same is asked again; `isLast` where that is beyond the time that is left. Undefined is not at all. */
export const toWait = (
  { retryAfterMs, isThrottle }: Refusal,
  { nowMs, deadlineMs, waits, random }: Waiting,
): { readonly ms: number; readonly isLast: boolean } | undefined => {
  const leftMs = deadlineMs - nowMs;
  if (!isThrottle) {
    const isWorth = retryAfterMs !== undefined && retryAfterMs < leftMs && waits < MAX_WAITS;
    return isWorth ? { ms: retryAfterMs, isLast: false } : undefined;
  }
  // The server is there and says that it is asked too often, so that asking once more is what makes it worse.
  const wantedMs = retryAfterMs === undefined ? backoff(waits, random) : spread(retryAfterMs, random);
  if (wantedMs > LONGEST_THROTTLE_MS || leftMs <= 0) return undefined;
  return wantedMs < leftMs ? { ms: wantedMs, isLast: false } : { ms: leftMs, isLast: true };
};

/** Exponential, with full jitter: slices that were refused together do not come back together. */
const backoff = (waits: number, random: () => number): number =>
  Math.max(
    LEAST_BACKOFF_MS,
    Math.floor(random() * Math.min(MOST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(waits + 1, 10))),
  );

/** Never earlier than asked, and up to a fifth later. */
const spread = (ms: number, random: () => number): number => ms + Math.floor((random() * ms) / 5);
