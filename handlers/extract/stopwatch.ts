import type { Stretch } from '../ports/tracer.ts';

/**
 * What a step waits for or works at. `encode` is waiting until the CSV files take more: for compression and, behind it, for S3; `upload` is
 * waiting for the uploads that are under way when all is read; `publish` puts the step's record.
 */
export type Phase =
  | 'wait for headers'
  | 'wait for a turn'
  | 'read'
  | 'parse'
  | 'encode'
  | 'upload'
  | 'publish';

export interface SlowestPage {
  readonly place: string;
  readonly ms: number;
}

/** All that is none of the phases, as reading secrets and working out requests. */
const REST = 'other';

/**
 * Gives every moment of a step's wall time to one phase: to the innermost that is under way. Many short stretches of a phase are summed: one
 * subsegment a chunk would drown a trace.
 */
export interface Stopwatch {
  /** Runs a work of this phase; what is timed within it is not its own. */
  time<T>(phase: Phase, work: () => Promise<T>): Promise<T>;
  /**
   * Runs a wait for the time at which a request may be sent. It counts while headers are waited for, and not beside other work: a page that is
   * asked for ahead waits at nobody's cost.
   */
  timeTurn<T>(wait: () => Promise<T>): Promise<T>;
  /** Runs the reading of one page, whatever phases that has; the slowest is kept. */
  timePage<T>(place: string, work: () => Promise<T>): Promise<T>;
  slowestPage(): SlowestPage | undefined;
  /** The phases so far in the order of their first moment: together they are the whole time since the start. */
  read(): readonly Stretch[];
}

/** Starts with all phases at zero. `now` is in milliseconds and never goes back. */
export const startStopwatch = (now: () => number = () => performance.now()): Stopwatch => {
  const spentMs = new Map<Phase | typeof REST, number>();
  const running: { readonly phase: Phase }[] = [];
  let turns = 0;
  let sinceMs = now();
  let slowest: SlowestPage | undefined;

  const current = (): Phase | typeof REST => {
    const phase = running.at(-1)?.phase ?? REST;
    return phase === 'wait for headers' && turns > 0 ? 'wait for a turn' : phase;
  };
  const count = (): void => {
    const atMs = now();
    const phase = current();
    if (atMs > sinceMs) spentMs.set(phase, (spentMs.get(phase) ?? 0) + atMs - sinceMs);
    sinceMs = atMs;
  };

  return {
    time: async (phase, work) => {
      const own = { phase };
      count();
      running.push(own);
      try {
        return await work();
      } finally {
        count();
        running.splice(running.lastIndexOf(own), 1);
      }
    },
    timeTurn: async (wait) => {
      count();
      turns += 1;
      try {
        return await wait();
      } finally {
        count();
        turns -= 1;
      }
    },
    timePage: async (place, work) => {
      const startMs = now();
      try {
        return await work();
      } finally {
        const ms = now() - startMs;
        if (slowest === undefined || ms > slowest.ms) slowest = { place, ms };
      }
    },
    slowestPage: () => slowest,
    read: () => {
      count();
      return [...spentMs].map(([name, ms]) => ({ name, ms }));
    },
  };
};
