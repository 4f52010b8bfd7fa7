import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FunctionModel } from '../assembly/resources.ts';
import { watchMemory } from './memory-watch.ts';
import { failure, MAX_PAYLOAD_BYTES, type Outcome, reportedError } from './outcome.ts';
import { type Invocation, type RuntimeApi, startRuntimeApi } from './runtime-api.ts';

const BOOTSTRAP = fileURLToPath(new URL('./bootstrap.ts', import.meta.url));

/** Longest time from spawn to the first poll; Lambda allows 10 s on machines that do nothing else. */
const INIT_TIMEOUT_MS = 60_000;
/** The heap's share of the memory; the rest is for buffers and the runtime itself. */
const HEAP_SHARE = 0.92;

export interface EnvironmentOptions {
  readonly fn: FunctionModel;
  readonly variables: Readonly<Record<string, string>>;
  /** Takes each line that the function prints. */
  onLine(line: string, stream: 'stdout' | 'stderr'): void;
  /** Called once, when the process has ended. */
  onExit(): void;
}

/** One process that runs one function, one invocation at a time, as a Lambda execution environment does. */
export interface Environment {
  readonly functionName: string;
  /** Milliseconds from spawn to the first poll; 0 until then. */
  initMs(): number;
  peakMemoryMb(): number;
  /** Never rejects: a process that dies is an outcome. */
  invoke(invocation: Omit<Invocation, 'deadlineMs'>): Promise<Outcome>;
  /** Whether it can take another invocation. */
  isAlive(): boolean;
  /** SIGKILL; an invocation under way ends as Runtime.ExitError. */
  kill(): void;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
}

type Death = 'timeout' | 'memory';

interface Running {
  readonly invocation: Omit<Invocation, 'deadlineMs'>;
  readonly settle: (outcome: Outcome) => void;
}

/** Spawns an environment. Its handler is imported at once; the first invocation waits for that. */
export const startEnvironment = async (options: EnvironmentOptions): Promise<Environment> => {
  const { fn } = options;
  let running: Running | undefined;
  let death: Death | undefined;
  let initMs = 0;
  let isIdle = Promise.withResolvers<void>();
  const startedAt = performance.now();

  const settle = (outcome: Outcome): void => {
    running?.settle(outcome);
    running = undefined;
  };
  const api = await startRuntimeApi({
    onNext: () => {
      initMs ||= performance.now() - startedAt;
      isIdle.resolve();
    },
    onResponse: (id, body) => {
      if (id === running?.invocation.requestId) settle(responseOf(body));
    },
    onError: (id, body, isFatal) => {
      if (id === running?.invocation.requestId) settle(reportedError(body));
      if (isFatal) child.kill('SIGKILL');
    },
    onInitError: (body) => {
      settle(reportedError(body));
      child.kill('SIGKILL');
    },
  });
  const child = spawnBootstrap(options, api);
  const die = (reason: Death): void => {
    death = reason;
    child.kill('SIGKILL');
  };
  const memory = watchMemory(child.pid, fn.memoryMb, () => die('memory'));
  const stderr = forwardLines(child, options);
  const initTimer = setTimeout(() => die('timeout'), INIT_TIMEOUT_MS);
  void isIdle.promise.then(() => clearTimeout(initTimer));

  const exit = Promise.withResolvers<void>();
  const onEnd = (code: number | null, signal: string | null): void => {
    clearTimeout(initTimer);
    memory.stop();
    api.close();
    if (running !== undefined)
      settle(deathOf(running.invocation, fn, death ?? heapDeath(stderr()), code, signal));
    exit.resolve();
    options.onExit();
  };
  child.once('close', onEnd);
  child.once('error', () => onEnd(null, 'not started'));

  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null && !child.killed;
  return {
    functionName: fn.name,
    isAlive,
    initMs: () => initMs,
    peakMemoryMb: memory.peakMb,
    ended: exit.promise,
    kill: () => void child.kill('SIGKILL'),
    invoke: async (invocation) => {
      const result = Promise.withResolvers<Outcome>();
      running = { invocation, settle: result.resolve };
      if (child.exitCode !== null || child.signalCode !== null)
        return failure('Runtime.ExitError', 'the environment had ended');
      await Promise.race([isIdle.promise, exit.promise]);
      isIdle = Promise.withResolvers();
      if (running === undefined) return result.promise;
      const deadlineMs = Date.now() + fn.timeoutSeconds * 1000;
      const timer = setTimeout(() => die('timeout'), fn.timeoutSeconds * 1000);
      api.send({ ...invocation, deadlineMs });
      return result.promise.finally(() => clearTimeout(timer));
    },
  };
};

const spawnBootstrap = ({ fn, variables }: EnvironmentOptions, api: RuntimeApi): ChildProcess =>
  spawn(process.execPath, [`--max-old-space-size=${Math.floor(fn.memoryMb * HEAP_SHARE)}`, BOOTSTRAP], {
    cwd: fn.codeFolder,
    env: { ...variables, AWS_LAMBDA_RUNTIME_API: api.address },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });

const responseOf = (body: string): Outcome => {
  const bytes = Buffer.byteLength(body);
  if (bytes <= MAX_PAYLOAD_BYTES) return { status: 'success', payload: body };
  return failure(
    'Function.ResponseSizeTooLarge',
    `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${MAX_PAYLOAD_BYTES} bytes).`,
  );
};

const forwardLines = (child: ChildProcess, { onLine }: EnvironmentOptions): (() => string) => {
  let tail = '';
  for (const stream of ['stdout', 'stderr'] as const) {
    const input = child[stream];
    if (input === null) continue;
    createInterface({ input }).on('line', (line) => {
      if (stream === 'stderr') tail = `${tail}\n${line}`.slice(-8192);
      onLine(line, stream);
    });
  }
  return () => tail;
};

const heapDeath = (stderr: string): Death | undefined =>
  stderr.includes('heap out of memory') ? 'memory' : undefined;

const deathOf = (
  { requestId }: Omit<Invocation, 'deadlineMs'>,
  fn: FunctionModel,
  death: Death | undefined,
  code: number | null,
  signal: string | null,
): Outcome => {
  const prefix = `RequestId: ${requestId} Error:`;
  if (death === 'timeout') {
    return failure(
      'Sandbox.Timedout',
      `${prefix} Task timed out after ${fn.timeoutSeconds.toFixed(2)} seconds`,
    );
  }
  if (death === 'memory') {
    return failure(
      'Runtime.OutOfMemory',
      `${prefix} Runtime exited with error: signal: killed, over ${fn.memoryMb} MB`,
    );
  }
  return failure(
    'Runtime.ExitError',
    `${prefix} Runtime exited with error: ${signal === null ? `exit status ${code}` : `signal: ${signal}`}`,
  );
};
