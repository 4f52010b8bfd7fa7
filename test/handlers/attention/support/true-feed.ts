/** What is true of a feed, kept beside its records by other means. Times are epoch milliseconds. */

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const STALE_AFTER_MS = 45 * MINUTE;

/** S3 tells when something was put in whole seconds. */
const toSecond = (ms: number): number => Math.floor(ms / 1000) * 1000;

interface Failed {
  readonly atMs: number;
  readonly batch: string;
  readonly passes: boolean;
}

/** What happened to a feed, as plain sets. */
interface Happened {
  sealedMs: number | undefined;
  hasPlan: boolean;
  isPaused: boolean;
  readonly pending: Map<string, number>;
  /** Each with whether it was sealed before. */
  readonly parked: Map<string, boolean>;
  readonly skipped: Set<string>;
  failures: readonly Failed[];
  loadFailures: readonly Failed[];
  rejectsMs: number | undefined;
  backfill: { readonly request: string; nextMs: number; readonly toMs: number } | undefined;
  readonly staleAfterMs: number;
  /** What a person was told last. */
  readonly told: Set<string>;
  /** What the last sweep told to be over. */
  over: readonly string[];
}

const NOTHING = {
  ...{ sealedMs: undefined, hasPlan: false, isPaused: false, rejectsMs: undefined, backfill: undefined },
  ...{ failures: [], loadFailures: [], over: [] },
} as const;

const newHappened = (staleAfterMs: number): Happened => ({
  ...NOTHING,
  staleAfterMs,
  ...{ pending: new Map(), parked: new Map(), skipped: new Set(), told: new Set() },
});

const openParked = ({ parked, skipped }: Happened): readonly string[] =>
  [...parked.keys()].filter((batch) => !skipped.has(batch)).sort();

/** Failures that nothing has mended: of extraction, and of loads. */
const openFailures = ({ failures, parked }: Happened): readonly Failed[] =>
  failures.filter(({ batch }) => !parked.has(batch));

const openLoadFailures = ({ loadFailures, pending }: Happened): readonly Failed[] =>
  loadFailures.filter(({ batch }) => pending.has(batch));

const isStale = ({ pending, sealedMs, staleAfterMs }: Happened, nowMs: number): boolean =>
  nowMs - Math.min(...pending.values()) > staleAfterMs ||
  (sealedMs !== undefined && nowMs - sealedMs > staleAfterMs);

const DAY = 24 * HOUR;
const dayOf = (ms: number): number => Math.floor(ms / DAY);

/** The states that a person has to know of. */
const toNeeds = (truth: Happened, seenMs: number, nowMs: number): readonly string[] => {
  const { told, isPaused, sealedMs, rejectsMs } = truth;
  const stale = isStale(truth, nowMs);
  const asks = (failed: readonly Failed[]): boolean =>
    failed.some(({ atMs, passes }, n) => !passes || stale || (n === 0 && nowMs - atMs >= HOUR));
  const causes = [
    ...(openParked(truth).length > 0 ? ['parked'] : []),
    ...(asks(openFailures(truth)) ? ['failing'] : []),
    ...(asks(openLoadFailures(truth)) ? ['not-loading'] : []),
  ];
  const hasCause = causes.length > 0 || ['parked', 'failing', 'not-loading'].some((word) => told.has(word));
  const isShown = (word: string): boolean => told.has(word) || !(hasCause || isPaused);
  const isOverdue = sealedMs === undefined && nowMs - seenMs > truth.staleAfterMs;
  return [
    ...causes,
    ...(rejectsMs !== undefined && dayOf(nowMs) - dayOf(rejectsMs) <= 1 ? ['rejecting'] : []),
    ...(isOverdue && isShown('overdue') ? ['overdue'] : []),
    ...(stale && isShown('stale') ? ['stale'] : []),
  ];
};

const toState = (truth: Happened, needs: readonly string[]): string => {
  const [first] = needs;
  if (first !== undefined) return first;
  if (truth.isPaused) return 'paused';
  if (openFailures(truth).length + openLoadFailures(truth).length > 0) return 'retrying';
  return truth.hasPlan ? 'ok' : 'never ran';
};

/** A feed that a sweep saw first then, and what is true of it. */
export const trueFeed = (seenMs: number, staleAfterMs = STALE_AFTER_MS) => {
  const truth = newHappened(staleAfterMs);
  const needs = (nowMs: number): readonly string[] => toNeeds(truth, seenMs, nowMs);
  return Object.assign(truth, {
    needs,
    state: (nowMs: number): string => toState(truth, needs(nowMs)),
    openParked: () => openParked(truth),
    openFailures: () => [...openFailures(truth), ...openLoadFailures(truth)],
    seal: (batch: string, nowMs: number): void => {
      truth.hasPlan = true;
      truth.sealedMs = toSecond(nowMs);
      truth.pending.set(batch, toSecond(nowMs));
      truth.failures = truth.failures.filter(({ atMs }) => toSecond(atMs) > toSecond(nowMs));
    },
    /** A person is told of what has come, unless they hold the feed, and that what was told is over. */
    tell: (nowMs: number): void => {
      const now = needs(nowMs);
      truth.over = [...truth.told].filter((word) => !now.includes(word));
      for (const word of truth.over) truth.told.delete(word);
      if (!truth.isPaused) for (const word of now) truth.told.add(word);
    },
  });
};
