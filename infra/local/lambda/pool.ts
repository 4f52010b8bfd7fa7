import { availableParallelism, totalmem } from 'node:os';
import type { FunctionModel } from '../assembly/resources.ts';
import type { FaultsNow } from '../faults-now.ts';
import type { Pace } from '../pace.ts';
import type { FunctionLogs } from './function-logs.ts';
import { failure, MAX_PAYLOAD_BYTES, type Outcome, type Timing } from './outcome.ts';
import { createSlots, PATIENCE_MS, type Slot } from './slots.ts';

/** A call of a function; its payload is JSON text. */
export interface Call {
  readonly functionArn: string;
  readonly payload: string;
  readonly requestId: string;
  readonly traceHeader: string;
}

export interface LambdaPool {
  /**
   * Never rejects: throttles, deaths and thrown errors are outcomes. Calls over the cap of busy environments wait: the function
   * with the fewest at work is served first, its calls in order, so that a crowd of one function holds up no other.
   */
  invoke(call: Call): Promise<Outcome & { readonly timing: Timing }>;
  /** Invocations queued or under way. */
  inFlight(): number;
  /** Kills a busy environment chosen by a number of 0 to below 1; false when none is busy. */
  killBusy(choice: number): boolean;
  /** From now on calls are answered by these; what an older one has begun, it ends. */
  deploy(functions: readonly FunctionModel[]): void;
  close(): Promise<void>;
}

export interface PoolOptions extends FaultsNow {
  readonly functions: readonly FunctionModel[];
  /** The file that an environment's process runs. */
  readonly bootstrap: string;
  variablesOf(fn: FunctionModel): Readonly<Record<string, string>>;
  readonly logs: FunctionLogs;
  /** By which functions' time is counted. */
  readonly pace: Pick<Pace, 'watch'>;
  readonly maxEnvironments?: number | undefined;
  random(): number;
}

/** As many slices as a Map runs at once: they wait for the network most of their time. */
const MAX_BUSY = 40;
/** What an environment at work takes, roughly; all of them may take half of the machine's memory. */
const ENVIRONMENT_BYTES = 192 * 1024 * 1024;
const memoryBytes = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
const DEFAULT_MAX = Math.max(4, Math.min(MAX_BUSY, Math.floor(memoryBytes / 2 / ENVIRONMENT_BYTES)));

interface Waiting {
  readonly fn: FunctionModel;
  readonly since: number;
  readonly start: (slot: Promise<Slot>) => void;
}

type Answer = Outcome & { readonly timing: Timing };

/** Keeps a warm environment for each function, one process each, and lets at most so many work at once. */
export const createPool = (options: PoolOptions): LambdaPool => {
  let byArn = new Map(options.functions.map((fn) => [fn.arn, fn]));
  const queue: Waiting[] = [];
  const busyOf = new Map<string, number>();
  let later: NodeJS.Timeout | undefined;
  /** Serves whom it can; the others wait for an environment to get free. */
  const pump = (): void => {
    const atWork = new Map(queue.map(({ fn }) => [fn, slots.busy(fn).length]));
    const inTurn = queue.toSorted((a, b) => (atWork.get(a.fn) ?? 0) - (atWork.get(b.fn) ?? 0));
    for (const next of inTurn) {
      const slot = slots.take(next.fn, next.since);
      if (slot === undefined) continue;
      queue.splice(queue.indexOf(next), 1);
      next.start(slot);
    }
    clearTimeout(later);
    later = queue.length > 0 ? setTimeout(pump, PATIENCE_MS).unref() : undefined;
  };
  const planKill = createKills(options);
  const slots = createSlots({
    maxBusy: options.maxEnvironments ?? DEFAULT_MAX,
    maxStarting: availableParallelism(),
    bootstrap: options.bootstrap,
    pace: options.pace,
    variablesOf: options.variablesOf,
    onLine: options.logs.line,
    isDeployed: (fn) => byArn.get(fn.arn) === fn,
    onFree: pump,
  });
  const waitForSlot = (fn: FunctionModel): Promise<Slot> =>
    new Promise((resolve) => {
      queue.push({ fn, since: performance.now(), start: resolve });
      pump();
    });
  const invoke = async (call: Call): Promise<Answer> => {
    const fn = byArn.get(call.functionArn);
    if (fn === undefined)
      return refuse('Lambda.ResourceNotFoundException', `function not found: ${call.functionArn}`);
    const busy = busyOf.get(call.functionArn) ?? 0;
    if (Buffer.byteLength(call.payload) > MAX_PAYLOAD_BYTES) {
      return refuse('Lambda.RequestTooLargeException', `over ${MAX_PAYLOAD_BYTES} bytes of payload`);
    }
    if (isThrottled(options, fn, busy)) return refuse('Lambda.TooManyRequestsException', 'Rate Exceeded.');
    busyOf.set(call.functionArn, busy + 1);
    const queuedAt = Date.now();
    const slot = await waitForSlot(fn);
    const answer = await runIn(slot, call, queuedAt, { ...options, planKill });
    busyOf.set(call.functionArn, (busyOf.get(call.functionArn) ?? 1) - 1);
    slots.release(slot);
    return answer;
  };
  return {
    invoke,
    inFlight: () => [...busyOf.values()].reduce((sum, count) => sum + count, 0),
    killBusy: (choice) => {
      const busy = slots.busy();
      const slot = busy[Math.floor(choice * busy.length)];
      slot?.environment.kill();
      return slot !== undefined;
    },
    deploy: (functions) => {
      byArn = new Map(functions.map((fn) => [fn.arn, fn]));
      slots.retireOld();
    },
    close: () => {
      queue.length = 0;
      return slots.close();
    },
  };
};

/** What Lambda answers before it runs anything. */
const refuse = (errorType: string, message: string): Answer => {
  const now = Date.now();
  return { ...failure(errorType, message), timing: { queuedAt: now, startedAt: now, endedAt: now } };
};

const isThrottled = ({ faults, onStruck, random }: PoolOptions, fn: FunctionModel, busy: number): boolean => {
  if (busy >= (fn.reservedConcurrency ?? Number.POSITIVE_INFINITY)) return true;
  const isStruck = random() < (faults().throttleInvokes ?? 0);
  if (isStruck) onStruck('throttleInvokes');
  return isStruck;
};

const runIn = async (
  slot: Slot,
  call: Call,
  queuedAt: number,
  options: Pick<PoolOptions, 'logs'> & { readonly planKill: ReturnType<typeof createKills> },
): Promise<Answer> => {
  const { environment, fn } = slot;
  const isCold = slot.served++ === 0;
  const startedAt = Date.now();
  const killTimer = options.planKill(slot);
  const outcome = await environment.invoke(call);
  clearTimeout(killTimer);
  const timing: Timing = {
    queuedAt,
    startedAt,
    endedAt: Date.now(),
    ...(isCold && { initMs: environment.initMs() }),
  };
  options.logs.report(fn.name, { call, outcome, timing, peakMemoryMb: environment.peakMemoryMb() });
  return { ...outcome, timing };
};

/** Plans the kills that faults ask for; they are counted anew with each that is set. */
const createKills = ({ faults, onStruck, random }: PoolOptions) => {
  const timesOf = new WeakMap<object, Map<string, number>>();
  return (slot: Slot): NodeJS.Timeout | undefined => {
    const fault = faults().killEnvironment;
    const { name } = slot.fn;
    if (fault === undefined || (fault.function !== undefined && !name.includes(fault.function)))
      return undefined;
    const { most = Number.POSITIVE_INFINITY } = fault;
    const kill = (): void => {
      const times = timesOf.get(fault) ?? new Map<string, number>();
      const before = times.get(name) ?? 0;
      if (before >= most) return;
      timesOf.set(fault, times.set(name, before + 1));
      onStruck('killEnvironment');
      slot.environment.kill();
    };
    return random() < fault.share ? setTimeout(kill, fault.afterMs).unref() : undefined;
  };
};
