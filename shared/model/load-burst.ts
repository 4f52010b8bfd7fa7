/**
 * When the next load of a burst goes: files that land by the thousand are sealed one after the other, and loads that follow each other at once would
 * have a few batches each. The first two go at once; each after them waits for three times as long as the burst has lasted, so that a
 * burst of so many seconds has about half of their logarithm in loads, and then one a minute. Where nothing more comes, it waits no longer.
 */

/** Nobody waits longer for what is sealed. */
export const MOST_GATHERED_MS = 60_000;

const GROWTH = 3;

/** A burst in which nothing was sealed for so long is over, or has a pause. */
export const QUIET_MS = 3_000;

/** A load and when the first of the loads was planned that it follows without a pause; epoch milliseconds. */
export interface Burst {
  readonly fromMs: number;
  readonly plannedMs: number;
}

/** Until when, in epoch milliseconds, the load after this one gathers, where the newest batch that waits was sealed at that time. */
export const gatherUntil = ({ fromMs, plannedMs }: Burst, newestMs: number): number =>
  Math.min(
    newestMs + QUIET_MS,
    plannedMs + Math.min(MOST_GATHERED_MS, GROWTH * Math.max(0, plannedMs - fromMs)),
  );

/** When batches were sealed that wait, and a load before them; epoch milliseconds. */
export interface Followed {
  readonly plannedMs: number;
  readonly settledMs: number;
  /** One a batch; undefined where its record does not say. */
  readonly sealedMs: readonly (number | undefined)[];
}

/** What is pending is noted before it is sealed, and a load takes what is sealed: so long after its note a batch may be missed by a load. */
export const SEALING_MS = 30_000;

/**
 * Whether what waits came while that load was under way. What is older was left over by the load, and goes on at once; where all came after it,
 * there was a pause.
 */
export const isFollowing = ({ plannedMs, settledMs, sealedMs }: Followed): boolean =>
  sealedMs.every((sealed) => sealed !== undefined && sealed > plannedMs - SEALING_MS) &&
  sealedMs.some((sealed) => sealed !== undefined && sealed <= settledMs);
