import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { FunctionModel } from '../assembly/resources.ts';
import { watchMemory } from './memory-watch.ts';

/** The heap's share of the memory; the rest is for buffers and the runtime itself. */
const HEAP_SHARE = 0.92;

export interface RuntimeProcessOptions {
  /** The file that it runs. */
  readonly bootstrap: string;
  readonly fn: FunctionModel;
  readonly variables: Readonly<Record<string, string>>;
  /** Takes each line that the function prints. */
  onLine(line: string, stream: 'stdout' | 'stderr'): void;
}

/** How a process ended: why it was killed, or what it did itself. */
export type Death = 'timeout' | 'memory' | { readonly status: string };

export interface RuntimeProcess {
  /** Undefined where it could not be spawned. */
  readonly pid: number | undefined;
  isAlive(): boolean;
  peakMemoryMb(): number;
  /** SIGKILL, for a reason or for none. */
  kill(reason?: 'timeout'): void;
  /** Resolves when the process has ended and all that it printed was taken. */
  readonly ended: Promise<Death>;
}

/** Spawns the bootstrap in the bundle's folder, under the function's memory limit. */
export const spawnRuntime = (options: RuntimeProcessOptions, runtimeApi: string): RuntimeProcess => {
  const { bootstrap, fn, variables } = options;
  let reason: 'timeout' | 'memory' | undefined;
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${Math.floor(fn.memoryMb * HEAP_SHARE)}`, bootstrap],
    {
      cwd: fn.codeFolder,
      env: { ...variables, AWS_LAMBDA_RUNTIME_API: runtimeApi },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  const kill = (why: typeof reason): void => {
    reason ??= why;
    child.kill('SIGKILL');
  };
  const memory = watchMemory(child.pid, fn.memoryMb, () => kill('memory'));
  const stderr = forwardLines(child, options);
  const ended = new Promise<Death>((resolve) => {
    const onEnd = (status: string): void => {
      memory.stop();
      if (stderr().includes('heap out of memory')) reason ??= 'memory';
      resolve(reason ?? { status });
    };
    child.once('close', (code, signal) =>
      onEnd(signal === null ? `exit status ${code}` : `signal: ${signal}`),
    );
    child.once('error', (error) => onEnd(error.message));
  });
  return {
    pid: child.pid,
    isAlive: () => child.exitCode === null && child.signalCode === null && !child.killed,
    peakMemoryMb: memory.peakMb,
    kill,
    ended,
  };
};

/** Hands lines on, and keeps the end of standard error: only there a full heap says its name. */
const forwardLines = (child: ChildProcess, { onLine }: RuntimeProcessOptions): (() => string) => {
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
