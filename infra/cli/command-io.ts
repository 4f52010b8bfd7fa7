import type { Readable, Writable } from 'node:stream';

/** A stream of the process; a terminal says how wide it is. */
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** All that a verb sees of the process it runs in, so that tests can stand in for it. */
export interface CommandIo {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  /** Everything for people goes here wherever stdout carries data. */
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** When the command began, in epoch milliseconds. */
  readonly startedAt: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Does something again and again, every so many milliseconds, until what it answers is called; keeps no process alive. */
  readonly every: (ms: number, action: () => void) => () => void;
  /** Resolves after so many milliseconds; rejects with the signal's reason as soon as that fires. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** What a process answers with: see docs of the command. */
export const EXIT = { done: 0, failed: 1, wrong: 2, interrupted: 130 } as const;

/** Thrown when what a command asks for is so already: its message says what became of it, and the exit status is 0. */
export class AlreadyDone extends Error {
  override readonly name = 'AlreadyDone';
}

/** Thrown when the command line, or a feed file, is not what it should be: exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
