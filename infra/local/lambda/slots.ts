import type { FunctionModel } from '../assembly/resources.ts';
import type { Pace } from '../pace.ts';
import { type Environment, startEnvironment } from './environment.ts';

/** An environment's place in the pool. */
export interface Slot {
  readonly fn: FunctionModel;
  readonly environment: Environment;
  isBusy: boolean;
  /** Invocations it has begun. */
  served: number;
  idleTimer?: NodeJS.Timeout | undefined;
}

export interface SlotsOptions {
  /** Environments at work at once. */
  readonly maxBusy: number;
  /** Environments that start at once: each keeps a processor for half a second, and would slow those at work. */
  readonly maxStarting: number;
  /** The file that an environment's process runs. */
  readonly bootstrap: string;
  readonly pace: Pick<Pace, 'watch'>;
  variablesOf(fn: FunctionModel): Readonly<Record<string, string>>;
  onLine(functionName: string, line: string, stream: 'stdout' | 'stderr'): void;
  /** Whether it was not replaced by a later deployment. */
  isDeployed(fn: FunctionModel): boolean;
  /** A slot got free, or an environment started or ended. */
  onFree(): void;
}

/** The environments that live. A function keeps one for good, idle ones beyond it end after a while. */
export interface Slots {
  /** A slot for an invocation that waits since a time, warm or new; undefined while it has to wait on. */
  take(fn: FunctionModel, since: number): Promise<Slot> | undefined;
  /** Gives a slot back, warm; one whose environment has ended is gone. */
  release(slot: Slot): void;
  /** Those at work, of one function or of all. */
  busy(fn?: FunctionModel): readonly Slot[];
  /** Ends idle environments of functions that were replaced; those at work end with their invocation. */
  retireOld(): void;
  close(): Promise<void>;
}

/**
 * A call waits at least so long for an environment of its function to get free, counted anew from each that does, before another
 * is started: one that is computed in a moment is served sooner by those that live, and of slices that wait for a server none
 * ends. It waits as long as the last start took where that is longer: on a busy machine all calls take their time, and a start
 * for each that waits would keep the machine busy with starts.
 */
export const PATIENCE_MS = 300;

/** An environment that served nothing for so long is ended, unless it is its function's last. */
const IDLE_MS = 60_000;

export const createSlots = (options: SlotsOptions): Slots => {
  const slots = new Set<Slot>();
  /** On their way to their first poll. */
  const starting = new Set<{ readonly fn: FunctionModel }>();
  /** Being spawned for an invocation, and not yet among the slots. */
  let promised = 0;
  /** When an environment of a function got free last. */
  const freedAt = new Map<FunctionModel, number>();
  /** How long the last start took. */
  let startMs = 0;
  let isClosed = false;

  const busy = (fn?: FunctionModel): readonly Slot[] =>
    [...slots].filter((slot) => slot.isBusy && (fn === undefined || slot.fn === fn));
  const idle = (): readonly Slot[] => [...slots].filter((slot) => !slot.isBusy);
  const isLast = ({ fn }: Slot): boolean => [...slots].filter((slot) => slot.fn === fn).length === 1;
  const lives = (fn: FunctionModel): boolean => [...slots, ...starting].some((one) => one.fn === fn);
  const mayStart = (fn: FunctionModel, since: number): boolean => {
    if (isClosed || starting.size >= options.maxStarting) return false;
    const waitedMs = performance.now() - Math.max(since, freedAt.get(fn) ?? 0);
    return !lives(fn) || waitedMs >= Math.max(PATIENCE_MS, startMs);
  };
  const retire = (slot: Slot): void => {
    clearTimeout(slot.idleTimer);
    slots.delete(slot);
    slot.environment.kill();
  };
  const rest = (slot: Slot): void => {
    const end = () => (isLast(slot) ? undefined : retire(slot));
    slot.idleTimer = setTimeout(end, IDLE_MS).unref();
  };
  /** Beside one a function, as many live as may be busy. */
  const makeRoom = (): void => {
    const functions = new Set([...slots].map(({ fn }) => fn)).size;
    const surplus = idle().find((slot) => !isLast(slot));
    if (surplus !== undefined && slots.size - functions >= options.maxBusy) retire(surplus);
  };
  const start = async (fn: FunctionModel): Promise<Slot> => {
    makeRoom();
    const begun = { fn };
    starting.add(begun);
    const environment = await startEnvironment({
      fn,
      bootstrap: options.bootstrap,
      pace: options.pace,
      variables: options.variablesOf(fn),
      onLine: (line, stream) => options.onLine(fn.name, line, stream),
      onExit: () => {
        slots.delete(slot);
        options.onFree();
      },
    });
    const slot: Slot = { fn, environment, isBusy: true, served: 0 };
    slots.add(slot);
    void environment.started.then(() => {
      starting.delete(begun);
      startMs = environment.initMs();
      options.onFree();
    });
    if (isClosed) environment.kill();
    return slot;
  };
  const startFor = async (fn: FunctionModel): Promise<Slot> => {
    promised += 1;
    try {
      return await start(fn);
    } finally {
      promised -= 1;
    }
  };
  return {
    take: (fn, since) => {
      if (busy().length + promised >= options.maxBusy) return undefined;
      const warm = idle().find((slot) => slot.fn === fn && slot.environment.isAlive());
      if (warm === undefined) return mayStart(fn, since) ? startFor(fn) : undefined;
      warm.isBusy = true;
      clearTimeout(warm.idleTimer);
      return Promise.resolve(warm);
    },
    release: (slot) => {
      slot.isBusy = false;
      freedAt.set(slot.fn, performance.now());
      if (slot.environment.isAlive() && options.isDeployed(slot.fn)) rest(slot);
      else retire(slot);
      options.onFree();
    },
    busy,
    retireOld: () => {
      for (const slot of idle()) if (!options.isDeployed(slot.fn)) retire(slot);
    },
    close: async () => {
      isClosed = true;
      const all = [...slots];
      for (const slot of all) retire(slot);
      await Promise.all(all.map((slot) => slot.environment.ended));
    },
  };
};
