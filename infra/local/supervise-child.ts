import { type ChildProcess, fork } from 'node:child_process';
import { TerminalError, TransientError } from '../../shared/errors.ts';
import { compileCache } from './install-cache.ts';
import { type BusEvent, CHILD_ARGUMENTS, fromChild, type ToChild } from './ipc.ts';
import { followTime } from './time-ahead.ts';

export interface ChildOptions {
  /** Path of the child's entry. */
  readonly entry: string;
  /** Handed to the child as JSON in its environment: command lines are everybody's to read, and these hold keys. */
  readonly args: unknown;
  /** Takes an event over; the child forgets it when this resolves. Events come one at a time, in commit order. */
  onEvent(event: BusEvent): Promise<void>;
  /** Told of each fault that strikes, as the child names it. @default nobody is */
  readonly onStruck?: (fault: string) => void;
  /** Called once when the child ends unasked after it was ready, or when `onEvent` throws. */
  onFailure(cause: Error): void;
}

export interface SupervisedChild {
  readonly url: string;
  readonly pid: number;
  /**
   * Resolves when every event committed before was taken over, with the count of what is still under way.
   * Throws TransientError when the child ends meanwhile.
   */
  flush(): Promise<number>;
  fault(fault: unknown): void;
  /** Ends the child cleanly and waits for it. */
  stop(): Promise<void>;
  /** Ends the child as a power cut would (SIGKILL) and waits for it. */
  kill(): Promise<void>;
}

/** Characters of a child's standard error that its failure quotes. */
const STDERR_TAIL = 4096;

/** Before the entry, which takes seconds to load. */
const IGNORE_INTERRUPTS = new URL('./ignore-interrupts.ts', import.meta.url).href;

/**
 * Starts a child process with the same Node and awaits its `ready`. Throws TerminalError where it says what keeps it from starting,
 * and TransientError when it ends otherwise.
 */
export const superviseChild = async (options: ChildOptions): Promise<SupervisedChild> => {
  const child = fork(options.entry, [], {
    env: { PATH: process.env.PATH ?? '', ...compileCache(), [CHILD_ARGUMENTS]: JSON.stringify(options.args) },
    execArgv: ['--import', IGNORE_INTERRUPTS],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const stderr = keepTail(child);
  const unfollow = followTime((ms) => send(child, { type: 'ahead', ms }));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = Promise.withResolvers<string>();
  const flushes = openFlushes(child, options.entry);
  let events: Promise<void> = Promise.resolve();
  let onFailure = (cause: Error): void => ready.reject(cause);
  const fail = (cause: Error): void => {
    onFailure(cause);
    onFailure = () => {};
  };

  child.on('message', (raw) => {
    const message = fromChild.parse(raw);
    if (message.type === 'ready') ready.resolve(message.url);
    else if (message.type === 'refused') fail(new TerminalError(message.message));
    else if (message.type === 'flushed') flushes.answer(message.id, message.busy);
    else if (message.type === 'struck') options.onStruck?.(message.fault);
    else {
      events = events
        .then(() => options.onEvent(message.event))
        .then(() => send(child, { type: 'ack', id: message.id }))
        .catch(fail);
    }
  });
  child.on('error', fail);
  child.on('exit', (code, signal) => {
    unfollow();
    const cause = new TransientError(`${options.entry} ended with ${signal ?? code}: ${stderr()}`);
    flushes.fail(cause);
    fail(cause);
  });

  const url = await ready.promise.catch((cause: unknown) => {
    child.kill('SIGKILL');
    throw cause;
  });
  onFailure = (cause) => options.onFailure(cause);
  const end = async (ask: () => void): Promise<void> => {
    onFailure = () => {};
    ask();
    if (!hasEnded(child)) await exited;
  };
  return {
    url,
    pid: child.pid ?? 0,
    flush: async () => {
      await events;
      return flushes.ask();
    },
    fault: (fault) => send(child, { type: 'fault', fault }),
    stop: () => end(() => send(child, { type: 'stop' })),
    kill: () => end(() => child.kill('SIGKILL')),
  };
};

/** The flushes that the child has not answered yet. */
const openFlushes = (child: ChildProcess, entry: string) => {
  const open = new Map<number, PromiseWithResolvers<number>>();
  let last = 0;
  return {
    ask: async (): Promise<number> => {
      if (hasEnded(child)) throw new TransientError(`${entry} has ended`);
      const flush = Promise.withResolvers<number>();
      const id = ++last;
      open.set(id, flush);
      send(child, { type: 'flush', id });
      return flush.promise.finally(() => open.delete(id));
    },
    answer: (id: number, busy: number): void => open.get(id)?.resolve(busy),
    fail: (cause: Error): void => {
      for (const flush of open.values()) flush.reject(cause);
    },
  };
};

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

const send = (child: ChildProcess, message: ToChild): void => {
  if (child.connected) child.send(message);
};

const keepTail = (child: ChildProcess): (() => string) => {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-STDERR_TAIL);
  });
  return () => tail.trim();
};
