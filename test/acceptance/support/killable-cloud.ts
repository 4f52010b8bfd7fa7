import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LandedFile } from '../../../infra/cli/land-files.ts';
import type { RunReport } from '../../../infra/cli/report.ts';
import type { Site } from './road.ts';

/** A local cloud with all its processes in one group, so that a power cut can be had. */
export interface KillableCloud {
  /** Drops the files and runs the feed as of a time. Never settles when the cloud is killed meanwhile. */
  run(at: Date, files: readonly LandedFile[]): Promise<RunReport>;
  /** Resolves at the cloud's n-th event from its start on: at once for 0, while it starts. */
  event(n: number): Promise<void>;
  /** Events so far. */
  events(): number;
  /** SIGKILL: of every process at once, or of the orchestrator alone, whose children then find themselves alone. */
  kill(whom: 'all' | 'orchestrator'): Promise<void>;
}

const ENTRY = fileURLToPath(new URL('./cloud-child.ts', import.meta.url));

/** Starts it, without waiting for it to be ready. */
export const startKillableCloud = ({ assembly, data }: Site): KillableCloud => {
  const child = fork(ENTRY, [assembly, data], { detached: true, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const failure = watchFailure(child);
  let events = 0;
  const told = new EventEmitter().setMaxListeners(0);
  child.on('message', (message) => {
    if (message === 'event') events += 1;
    told.emit(message === 'ready' || message === 'event' ? message : 'report', message);
  });
  const ready = once(told, 'ready');
  const ended = once(child, 'exit');
  return {
    run: async (at, files) => {
      await Promise.race([ready, failure]);
      const answer = once(told, 'report');
      child.send({ at: at.toISOString(), files });
      const [report] = await Promise.race([answer, failure]);
      return report;
    },
    event: async (n) => {
      while (events < n) await Promise.race([once(told, 'event'), failure]);
    },
    events: () => events,
    kill: async (whom) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      process.kill(whom === 'all' ? -(child.pid ?? 0) : (child.pid ?? 0), 'SIGKILL');
      await ended;
    },
  };
};

/** Rejects when the child ends otherwise than by a kill, with what it printed. */
const watchFailure = (child: ChildProcess): Promise<never> => {
  let printed = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const failure = new Promise<never>((_, reject) => {
    child.once('exit', (code, signal) => {
      if (signal === null) reject(new Error(`the cloud ended with ${code}: ${printed}`));
    });
  });
  failure.catch(() => {});
  return failure;
};
