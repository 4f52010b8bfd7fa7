import type { FunctionModel } from '../assembly/resources.ts';
import { realClock } from '../clock.ts';
import { type Pace, untilSpent } from '../pace.ts';
import { failure, MAX_PAYLOAD_BYTES, type Outcome, reportedError } from './outcome.ts';
import { type Invocation, type RuntimeApiEvents, startRuntimeApi } from './runtime-api.ts';
import { type Death, type RuntimeProcessOptions, spawnRuntime } from './runtime-process.ts';

/** Longest time from spawn to the first poll; Lambda allows 10 s on machines that do nothing else. */
const INIT_TIMEOUT_MS = 60_000;

export interface EnvironmentOptions extends RuntimeProcessOptions {
  readonly pace: Pick<Pace, 'watch'>;
  /** Called once, when the process has ended. */
  onExit(): void;
}

/** An invocation whose time does not run yet. */
type Request = Omit<Invocation, 'deadlineMs'>;

/** One process that runs one function, one invocation at a time, as a Lambda execution environment does. */
export interface Environment {
  /** Milliseconds from spawn to the first poll; 0 until then. */
  initMs(): number;
  peakMemoryMb(): number;
  /** Never rejects: a process that dies is an outcome. */
  invoke(request: Request): Promise<Outcome>;
  /** Whether it can take another invocation. */
  isAlive(): boolean;
  /** Resolves at the first poll, or when the process has ended before it. */
  readonly started: Promise<void>;
  /** SIGKILL; an invocation under way ends as Runtime.ExitError. */
  kill(): void;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
}

/** Spawns an environment. Its handler is imported at once; the first invocation waits for that. */
export const startEnvironment = async (options: EnvironmentOptions): Promise<Environment> => {
  const { fn } = options;
  let running: { readonly request: Request; readonly settle: (outcome: Outcome) => void } | undefined;
  let initMs = 0;
  let isIdle = Promise.withResolvers<void>();
  const firstPoll = isIdle.promise;
  const startedAt = performance.now();

  const settle = (outcome: Outcome): void => {
    running?.settle(outcome);
    running = undefined;
  };
  const isRunning = (id: string): boolean => running?.request.requestId === id;
  const events: RuntimeApiEvents = {
    onNext: () => {
      initMs ||= performance.now() - startedAt;
      endInit();
      isIdle.resolve();
    },
    onResponse: (id, body) => isRunning(id) && settle(responseOf(body)),
    onError: (id, body, isFatal) => {
      if (isRunning(id)) settle(reportedError(body));
      if (isFatal) child.kill();
    },
    onInitError: (body) => {
      settle(reportedError(body));
      child.kill();
    },
  };
  const api = await startRuntimeApi(events);
  const child = spawnRuntime(options, api.address);
  const withheld = options.pace.watch(child.pid);
  const time = { clock: realClock, withheld };
  /** Ends the process when so much of its own time is over, and what it was told; unless what is answered is called before. */
  const limit = (ms: number, toldMs = ms): (() => void) => {
    const over = new AbortController();
    Promise.all([untilSpent(ms, time, over.signal), realClock.sleep(toldMs, over.signal)]).then(
      () => child.kill('timeout'),
      () => {},
    );
    return () => over.abort();
  };
  const endInit = limit(INIT_TIMEOUT_MS);
  const ended = child.ended.then((death) => {
    endInit();
    withheld.stop();
    api.close();
    if (running !== undefined) settle(deathOf(running.request, fn, death));
    options.onExit();
  });

  const invoke = async (request: Request): Promise<Outcome> => {
    if (!child.isAlive()) return failure('Runtime.ExitError', 'the environment had ended');
    const result = Promise.withResolvers<Outcome>();
    running = { request, settle: result.resolve };
    await Promise.race([isIdle.promise, ended]);
    isIdle = Promise.withResolvers();
    if (running === undefined) return result.promise;
    const ms = fn.timeoutSeconds * 1000;
    // The handler is told once how long it has: as long as its time takes at the machine's pace now, and it gets no less.
    const toldMs = ms * withheld.factor();
    const endLimit = limit(ms, toldMs);
    api.send({ ...request, deadlineMs: Date.now() + toldMs });
    return result.promise.finally(endLimit);
  };
  return {
    initMs: () => initMs,
    peakMemoryMb: child.peakMemoryMb,
    isAlive: child.isAlive,
    started: Promise.race([firstPoll, ended]),
    kill: () => child.kill(),
    ended,
    invoke,
  };
};

const responseOf = (body: string): Outcome => {
  const bytes = Buffer.byteLength(body);
  if (bytes <= MAX_PAYLOAD_BYTES) return { status: 'success', payload: body };
  return failure(
    'Function.ResponseSizeTooLarge',
    `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${MAX_PAYLOAD_BYTES} bytes).`,
  );
};

const deathOf = ({ requestId }: Request, fn: FunctionModel, death: Death): Outcome => {
  const prefix = `RequestId: ${requestId} Error:`;
  if (death === 'timeout') {
    return failure(
      'Sandbox.Timedout',
      `${prefix} Task timed out after ${fn.timeoutSeconds.toFixed(2)} seconds`,
    );
  }
  if (death === 'memory') {
    const why = `signal: killed, over ${fn.memoryMb} MB`;
    return failure('Runtime.OutOfMemory', `${prefix} Runtime exited with error: ${why}`);
  }
  return failure('Runtime.ExitError', `${prefix} Runtime exited with error: ${death.status}`);
};
