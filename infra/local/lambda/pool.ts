import { availableParallelism } from 'node:os';
import type { FunctionModel } from '../assembly/resources.ts';
import type { Faults } from '../local-cloud.ts';
import { type Environment, startEnvironment } from './environment.ts';
import type { FunctionLogs } from './function-logs.ts';
import { failure, MAX_PAYLOAD_BYTES, type Outcome, type Timing } from './outcome.ts';

/** A call of a function; its payload is JSON text. */
export interface Call {
  readonly functionArn: string;
  readonly payload: string;
  readonly requestId: string;
  readonly traceHeader: string;
}

export interface LambdaPool {
  /** Never rejects: throttles, deaths and thrown errors are outcomes. Calls over the cap of environments wait in order. */
  invoke(call: Call): Promise<Outcome & { readonly timing: Timing }>;
  /** Invocations queued or under way. */
  inFlight(): number;
  /** Kills a busy environment chosen by a number of 0 to below 1; false when none is busy. */
  killBusy(choice: number): boolean;
  close(): Promise<void>;
}

export interface PoolOptions {
  readonly functions: readonly FunctionModel[];
  variablesOf(fn: FunctionModel): Readonly<Record<string, string>>;
  readonly logs: FunctionLogs;
  readonly maxEnvironments?: number | undefined;
  faults(): Faults;
  random(): number;
}

/** Two environments a processor: a function waits for the network half of its time. */
const DEFAULT_MAX = Math.max(4, 2 * availableParallelism());
/** An environment that served nothing for so long is ended. */
const IDLE_MS = 60_000;

interface Slot {
  readonly fn: FunctionModel;
  readonly environment: Environment;
  isBusy: boolean;
  served: number;
  idleTimer?: NodeJS.Timeout | undefined;
}

interface Waiting {
  readonly fn: FunctionModel;
  readonly start: (slot: Promise<Slot>) => void;
}

/** Keeps warm environments, one process each, at most so many at once. */
export const createPool = (options: PoolOptions): LambdaPool => {
  const byArn = new Map(options.functions.flatMap((fn) => [[fn.arn, fn] as const, [fn.name, fn] as const]));
  const max = options.maxEnvironments ?? DEFAULT_MAX;
  const slots = new Set<Slot>();
  const queue: Waiting[] = [];
  const busyOf = new Map<string, number>();
  let starting = 0;
  let inFlight = 0;
  let isClosed = false;

  const startSlot = async (fn: FunctionModel): Promise<Slot> => {
    starting += 1;
    const environment = await startEnvironment({
      fn,
      variables: options.variablesOf(fn),
      onLine: (line, stream) => options.logs.line(fn.name, line, stream),
      onExit: () => {
        slots.delete(slot);
        pump();
      },
    });
    const slot: Slot = { fn, environment, isBusy: true, served: 0 };
    starting -= 1;
    slots.add(slot);
    if (isClosed) environment.kill();
    return slot;
  };
  const take = (fn: FunctionModel): Promise<Slot> | undefined => {
    const idle = [...slots].filter((slot) => !slot.isBusy);
    const warm = idle.find((slot) => slot.fn === fn);
    if (warm !== undefined) {
      warm.isBusy = true;
      clearTimeout(warm.idleTimer);
      return Promise.resolve(warm);
    }
    if (slots.size + starting < max) return startSlot(fn);
    const [evicted] = idle;
    if (evicted === undefined) return undefined;
    retire(evicted);
    return startSlot(fn);
  };
  const retire = (slot: Slot): void => {
    clearTimeout(slot.idleTimer);
    slots.delete(slot);
    slot.environment.kill();
  };
  /** Serves the queue in order; what cannot start now waits for an environment to get free. */
  const pump = (): void => {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      const slot = take(next.fn);
      if (slot === undefined) return;
      queue.shift();
      next.start(slot);
    }
  };
  const release = (slot: Slot): void => {
    slot.isBusy = false;
    slot.idleTimer = setTimeout(() => retire(slot), IDLE_MS).unref();
    pump();
  };
  const run = async (fn: FunctionModel, call: Call): Promise<Outcome & { readonly timing: Timing }> => {
    const queuedAt = Date.now();
    const slot = await new Promise<Slot>((resolve) => {
      queue.push({ fn, start: resolve });
      pump();
    });
    const isCold = slot.served++ === 0;
    const startedAt = Date.now();
    const killTimer = planKill(options, slot);
    const outcome = await slot.environment.invoke(call);
    clearTimeout(killTimer);
    const initMs = isCold ? slot.environment.initMs() : 0;
    const timing: Timing = { queuedAt, startedAt, endedAt: Date.now(), ...(isCold && { initMs }) };
    options.logs.report(fn.name, { call, outcome, timing, peakMemoryMb: slot.environment.peakMemoryMb() });
    if (slot.environment.isAlive()) release(slot);
    else retire(slot);
    return { ...outcome, timing };
  };
  return {
    invoke: async (call) => {
      const now = Date.now();
      const timing: Timing = { queuedAt: now, startedAt: now, endedAt: now };
      const fn = byArn.get(call.functionArn);
      if (fn === undefined)
        return {
          ...failure('Lambda.ResourceNotFoundException', `function not found: ${call.functionArn}`),
          timing,
        };
      if (Buffer.byteLength(call.payload) > MAX_PAYLOAD_BYTES) {
        return {
          ...failure('Lambda.RequestTooLargeException', `over ${MAX_PAYLOAD_BYTES} bytes of payload`),
          timing,
        };
      }
      const busy = busyOf.get(fn.name) ?? 0;
      if (
        busy >= (fn.reservedConcurrency ?? Number.POSITIVE_INFINITY) ||
        options.random() < (options.faults().throttleInvokes ?? 0)
      ) {
        return { ...failure('Lambda.TooManyRequestsException', 'Rate Exceeded.'), timing };
      }
      busyOf.set(fn.name, busy + 1);
      inFlight += 1;
      try {
        return await run(fn, call);
      } finally {
        inFlight -= 1;
        busyOf.set(fn.name, (busyOf.get(fn.name) ?? 1) - 1);
      }
    },
    inFlight: () => inFlight,
    killBusy: (choice) => {
      const busy = [...slots].filter((slot) => slot.isBusy);
      const slot = busy[Math.floor(choice * busy.length)];
      slot?.environment.kill();
      return slot !== undefined;
    },
    close: async () => {
      isClosed = true;
      queue.length = 0;
      const all = [...slots];
      for (const slot of all) retire(slot);
      await Promise.all(all.map((slot) => slot.environment.ended));
    },
  };
};

const planKill = ({ faults, random }: PoolOptions, slot: Slot): NodeJS.Timeout | undefined => {
  const fault = faults().killEnvironment;
  if (fault === undefined || (fault.function !== undefined && !slot.fn.name.includes(fault.function)))
    return undefined;
  return random() < fault.share
    ? setTimeout(() => slot.environment.kill(), fault.afterMs).unref()
    : undefined;
};
