import { readFileSync } from 'node:fs';
import type { Clock } from './clock.ts';

/**
 * How long the machine keeps processes waiting that could run. On AWS a function has a processor to itself, and its timeouts count on that; here
 * all share a few, with whatever else runs. Time that was withheld counts for no timeout.
 */
export interface Pace {
  /** From all processes together: of an execution, which waits for any of them. */
  readonly whole: Withheld;
  /** From one function's process, and from the services that it may wait for. `stop` ends it, with the process. */
  watch(pid: number | undefined): Withheld & { stop(): void };
  /** A process that all others wait for now and then. */
  watchService(pid: number): void;
  close(): void;
}

export interface Withheld {
  /** Milliseconds since any time; grows by no more than the clock does. */
  ms(): number;
  /** How many times as long as on a free machine work takes now: 1 or more. */
  factor(): number;
}

export interface PaceParts {
  /** Milliseconds of any clock that does not go back. */
  now(): number;
  /** How long a process has waited for a processor since it began; undefined where the system does not say. */
  readWaitMs(pid: number): number | undefined;
  /** Does something again and again until the answer is called; keeps no process alive. */
  every(ms: number, action: () => void): () => void;
  /** Of this process, which waits like the services do. */
  readonly pid: number;
}

const INTERVAL_MS = 500;
/** Asked for more often than that, the last look counts. */
const FRESH_MS = 50;
/** Of a stretch of time, the most that counts as withheld: what never runs is ended at last. */
const MOST_SHARE = 0.98;
/** The weight of the newest second in what is told of now. */
const WEIGHT_OF_A_SECOND = 0.3;
/** What is left after a wait that was withheld in part; shorter waits would come in crowds. */
const SHORTEST_MS = 20;
/** Below that a machine is as good as free, and above it nobody is promised more. */
const FACTORS = { least: 1.25, most: 10 };

interface Watched {
  readonly pid: number | undefined;
  waitedMs: number;
  withheldMs: number;
  recentShare: number;
}

const newWatched = (pid: number | undefined, { readWaitMs }: PaceParts): Watched => ({
  pid,
  waitedMs: (pid === undefined ? undefined : readWaitMs(pid)) ?? 0,
  withheldMs: 0,
  recentShare: 0,
});

/** The share of a stretch of time that a process waited. */
const shareOf = (watched: Watched, elapsedMs: number, { readWaitMs }: PaceParts): number => {
  const waitedMs = watched.pid === undefined ? undefined : readWaitMs(watched.pid);
  if (waitedMs === undefined) return 0;
  const share = (waitedMs - watched.waitedMs) / elapsedMs;
  watched.waitedMs = waitedMs;
  return Math.min(MOST_SHARE, Math.max(0, share));
};

const add = (watched: Watched, share: number, elapsedMs: number): void => {
  const weight = 1 - (1 - WEIGHT_OF_A_SECOND) ** (elapsedMs / 1000);
  watched.withheldMs += share * elapsedMs;
  watched.recentShare += weight * (share - watched.recentShare);
};

const factorOf = ({ recentShare }: Watched): number => {
  const factor = 1 / (1 - recentShare);
  return factor < FACTORS.least ? 1 : Math.min(FACTORS.most, factor);
};

interface All {
  readonly whole: Watched;
  readonly services: Set<Watched>;
  readonly functions: Set<Watched>;
}

/** Adds up what was withheld since the look before; a timer that is `lateMs` late says so, too. */
const newLook = ({ whole, services, functions }: All, parts: PaceParts): ((lateMs?: number) => void) => {
  let last = parts.now();
  return (lateMs = 0) => {
    const elapsedMs = parts.now() - last;
    if (elapsedMs < FRESH_MS) return;
    last = parts.now();
    // Where the system says nothing of processes, that this one's own timers are late does.
    const late = Math.min(MOST_SHARE, Math.max(0, lateMs) / elapsedMs);
    const ofServices = Math.max(late, ...[...services].map((one) => shareOf(one, elapsedMs, parts)));
    let most = ofServices;
    for (const one of functions) {
      const share = Math.max(ofServices, shareOf(one, elapsedMs, parts));
      most = Math.max(most, share);
      add(one, share, elapsedMs);
    }
    add(whole, most, elapsedMs);
  };
};

export const createPace = (parts: PaceParts): Pace => {
  const whole = newWatched(undefined, parts);
  const services = new Set([newWatched(parts.pid, parts)]);
  const functions = new Set<Watched>();
  const look = newLook({ whole, services, functions }, parts);
  let dueAt = parts.now() + INTERVAL_MS;
  const stop = parts.every(INTERVAL_MS, () => {
    look(parts.now() - dueAt);
    dueAt = parts.now() + INTERVAL_MS;
  });
  const looked = (watched: Watched): Watched => {
    look();
    return watched;
  };
  const toWithheld = (watched: Watched): Withheld => ({
    ms: () => looked(watched).withheldMs,
    factor: () => factorOf(looked(watched)),
  });
  return {
    whole: toWithheld(whole),
    watch: (pid) => {
      // A process that is new knows nothing of now; the whole does.
      const watched = { ...newWatched(pid, parts), recentShare: whole.recentShare };
      functions.add(watched);
      return { ...toWithheld(watched), stop: () => void functions.delete(watched) };
    },
    watchService: (pid) => void services.add(newWatched(pid, parts)),
    close: stop,
  };
};

/** This machine's. Linux says of each process how long it waited (docs.kernel.org/scheduler/sched-stats.html); elsewhere late timers have to do. */
export const startPace = (): Pace =>
  createPace({
    pid: process.pid,
    now: () => performance.now(),
    readWaitMs,
    every: (ms, action) => {
      const timer = setInterval(action, ms).unref();
      return () => clearInterval(timer);
    },
  });

/** Of the main thread, which runs what a function or a service is. */
const readWaitMs = (pid: number): number | undefined => {
  try {
    const [, waitedNs] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
    return Number(waitedNs) / 1e6;
  } catch {
    return undefined;
  }
};

/** Ends when so much time has passed that was not withheld. Rejects with the signal's reason. */
export const untilSpent = async (
  ms: number,
  { clock, withheld }: { readonly clock: Clock; readonly withheld: Pick<Withheld, 'ms'> },
  signal?: AbortSignal,
): Promise<void> => {
  const endsAt = clock.now() + ms - withheld.ms();
  for (let leftMs = ms; leftMs > 0; ) {
    await clock.sleep(leftMs, signal);
    const more = endsAt + withheld.ms() - clock.now();
    leftMs = more > 0 ? Math.max(more, SHORTEST_MS) : 0;
  }
};
