import { SourceUnavailable } from '../../shared/errors.ts';
import type { Pace } from '../../shared/source/pace.ts';
import type { Clock } from '../ports/clock.ts';

/** Waits before a request, until its turn by the pace; without a pace there is none. */
export type TakeTurn = (pace: Pace | undefined, limits: TurnLimits) => Promise<void>;

interface TurnLimits {
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
}

/**
 * The turns of one invocation, which works on one slice: no state is shared with others. A turn beyond the deadline is waited
 * for up to there and then SourceUnavailable: the slice goes on in the next execution.
 */
export const newTurns = (clock: Clock): TakeTurn => {
  let nextMs: number | undefined;
  return async (pace, { signal, deadlineMs }) => {
    if (pace === undefined) return;
    const nowMs = clock.now();
    const turnMs = Math.max(nowMs, nextMs ?? nowMs + pace.firstMs);
    nextMs = turnMs + pace.everyMs;
    const untilMs = Math.min(turnMs, deadlineMs);
    if (untilMs > nowMs) await clock.sleep(untilMs - nowMs, signal);
    if (turnMs <= deadlineMs) return;
    throw new SourceUnavailable(
      `the next request by limits.requestsPerSecond is due ${Math.ceil((turnMs - deadlineMs) / 1000)} s after the end of this execution's time`,
    );
  };
};
