import type { Clock } from '../ports/clock.ts';
import type { PagedStep } from './paged-step.ts';

/** A step ends at the first page boundary after this long: a page that outlasts the execution costs no more than it again. */
const LONG_STEP_MS = 60_000;
/** Pages of one step, whose URLs are kept to find loops. */
const MAX_PAGES = 10_000;

/** When a step that reads pages ends. */
export interface StepEnd {
  beginPage(): void;
  /** Why the step ends with the page that was read: `near` to the deadline, or `long` enough to be published; undefined where it goes on. */
  endPage(): 'near' | 'long' | undefined;
  /** Whether the step is going to end with the page that is read, as long as those before it took. */
  endsWithPage(): boolean;
  spentMs(): number;
}

export const newStepEnd = (
  { deadlineMs, position: { hasStalled } }: Pick<PagedStep, 'deadlineMs' | 'position'>,
  clock: Clock,
): StepEnd => {
  const startMs = clock.now();
  const mostMs = hasStalled ? 0 : LONG_STEP_MS;
  let pages = 0;
  let pageStartMs = startMs;
  let longestMs = 0;
  const endAt = (nowMs: number, longest: number, count: number): 'near' | 'long' | undefined => {
    // A page that overruns loses the whole step, so the next one may take twice as long as any before.
    if (nowMs + 2 * longest >= deadlineMs) return 'near';
    return nowMs - startMs >= mostMs || count >= MAX_PAGES ? 'long' : undefined;
  };
  return {
    beginPage: () => {
      pageStartMs = clock.now();
    },
    endPage: () => {
      pages += 1;
      longestMs = Math.max(longestMs, clock.now() - pageStartMs);
      return endAt(clock.now(), longestMs, pages);
    },
    endsWithPage: () => {
      const tookMs = Math.max(longestMs, clock.now() - pageStartMs);
      return endAt(pageStartMs + tookMs, tookMs, pages + 1) !== undefined;
    },
    spentMs: () => clock.now() - startMs,
  };
};
