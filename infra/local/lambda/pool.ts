import { availableParallelism } from 'node:os';
import type { FunctionModel } from '../assembly/resources.ts';
import type { Faults } from '../local-cloud.ts';
import type { FunctionLogs } from './function-logs.ts';
import { failure, MAX_PAYLOAD_BYTES, type Outcome, type Timing } from './outcome.ts';
import { createSlots, type Slot } from './slots.ts';

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

interface Waiting {
  readonly fn: FunctionModel;
  readonly start: (slot: Promise<Slot>) => void;
}

type Answer = Outcome & { readonly timing: Timing };

/** Keeps warm environments, one process each, at most so many at once. */
export const createPool = (options: PoolOptions): LambdaPool => {
  const byArn = new Map(options.functions.map((fn) => [fn.arn, fn]));
  const queue: Waiting[] = [];
  const busyOf = new Map<string, number>();
  /** Serves the queue in order; what cannot start now waits for an environment to get free. */
  const pump = (): void => {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      const slot = slots.take(next.fn);
      if (slot === undefined) return;
      queue.shift();
      next.start(slot);
    }
  };
  const slots = createSlots({
    max: options.maxEnvironments ?? DEFAULT_MAX,
    variablesOf: options.variablesOf,
    onLine: options.logs.line,
    onFree: pump,
  });
  const waitForSlot = (fn: FunctionModel): Promise<Slot> =>
    new Promise((resolve) => {
      queue.push({ fn, start: resolve });
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
    const answer = await runIn(slot, call, queuedAt, options);
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

const isThrottled = ({ faults, random }: PoolOptions, fn: FunctionModel, busy: number): boolean =>
  busy >= (fn.reservedConcurrency ?? Number.POSITIVE_INFINITY) || random() < (faults().throttleInvokes ?? 0);

const runIn = async (slot: Slot, call: Call, queuedAt: number, options: PoolOptions): Promise<Answer> => {
  const { environment, fn } = slot;
  const isCold = slot.served++ === 0;
  const startedAt = Date.now();
  const killTimer = planKill(options, slot);
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

const planKill = ({ faults, random }: PoolOptions, slot: Slot): NodeJS.Timeout | undefined => {
  const fault = faults().killEnvironment;
  if (fault === undefined || (fault.function !== undefined && !slot.fn.name.includes(fault.function))) {
    return undefined;
  }
  return random() < fault.share
    ? setTimeout(() => slot.environment.kill(), fault.afterMs).unref()
    : undefined;
};
