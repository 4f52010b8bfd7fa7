import { Readable, Writable } from 'node:stream';
import type { CommandIo, Output } from '../../../infra/cli/command-io.ts';

/** A process that verbs can run in: what they print is kept. */
export interface FakeIo extends CommandIo {
  out(): string;
  err(): string;
  interrupt(): void;
  /** Lets the time of everything that is done again and again come. */
  tick(): void;
  /** Milliseconds of each sleep, which are over at once. */
  readonly slept: readonly number[];
}

export interface FakeIoOptions {
  readonly isTTY?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const output = (chunks: string[], isTTY: boolean): Output => {
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      chunks.push(String(chunk));
      done();
    },
  });
  return Object.assign(stream, { isTTY, columns: 100 });
};

export const fakeIo = ({ isTTY = false, env = {}, cwd = '/nowhere' }: FakeIoOptions = {}): FakeIo => {
  const out: string[] = [];
  const err: string[] = [];
  const controller = new AbortController();
  const begun = Date.parse('2026-01-15T08:00:00Z');
  let now = begun + 60_000;
  const slept: number[] = [];
  const tickers = new Set<() => void>();
  return {
    stdin: Readable.from([]),
    stdout: output(out, isTTY),
    stderr: output(err, isTTY),
    env,
    cwd,
    signal: controller.signal,
    startedAt: begun,
    now: () => {
      now += 250;
      return now;
    },
    every: (_, action) => {
      const ticker = () => action();
      tickers.add(ticker);
      return () => tickers.delete(ticker);
    },
    slept,
    sleep: async (ms) => {
      controller.signal.throwIfAborted();
      slept.push(ms);
      now += ms;
    },
    tick: () => {
      for (const ticker of tickers) ticker();
    },
    out: () => out.join(''),
    err: () => err.join(''),
    interrupt: () => controller.abort(new Error('interrupted')),
  };
};
