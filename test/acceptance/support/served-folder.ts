import { systemClock } from '../../../handlers/adapters/system-clock.ts';
import { parseCommandLine } from '../../../infra/cli/arguments.ts';
import type { RunningCloud } from '../../../infra/cli/deployment/running-cloud.ts';
import { localParts } from '../../../infra/cli/local-parts.ts';
import { runFeeds } from '../../../infra/cli/run-feeds.ts';
import type { SessionParts } from '../../../infra/cli/session.ts';
import type { CloudProgress, LocalCloud } from '../../../infra/local/local-cloud.ts';
import type { Lock } from '../../../infra/local/take-lock.ts';
import { type FakeIo, fakeIo } from '../../infra/cli/fake-io.ts';
import { type Folder, type Row, type RunDocument, readRun, toRows } from './folder.ts';

/** A folder on which one cloud goes on from its first run to its close. */
export interface ServedFolder {
  /** `run --once --json` with more arguments, in this process: the exit status, and what stdout holds. */
  run(args?: readonly string[]): Promise<RunDocument & { readonly status: number | null }>;
  query(sql: string): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** Retries wait a twentieth of their time. */
const TIME_SCALE = 0.05;

/**
 * For tests of what many runs leave: each run by the command alone starts a dozen processes. That one starts where another
 * ended, `command.test.ts` shows.
 */
export const serveFolder = (folder: Folder): ServedFolder => {
  const kept = keepParts();
  return {
    run: async (args = []) => {
      const io = inFolder(folder);
      const line = parseCommandLine(['run', '--once', '--json', ...args]);
      if (line.kind !== 'verb') throw new Error(`no run: ${args.join(' ')}`);
      const status = await runFeeds(line, io, kept.of(localParts(io)));
      return readRun({ status, out: io.out(), err: io.err() });
    },
    query: async (sql) => toRows(await kept.running().query(sql)),
    close: kept.close,
  };
};

/** By real time: what is asked of the warehouse is asked again after a pause. */
const inFolder = ({ path }: Folder): FakeIo => {
  const io = fakeIo({ cwd: path });
  const sleep = (ms: number) => systemClock.sleep(ms, io.signal);
  return { ...io, now: () => Date.now(), startedAt: Date.now(), sleep };
};

const nothing = async (): Promise<void> => {};

/** The parts of a session whose cloud is that of the first. */
const keepParts = () => {
  let lock: Lock | undefined;
  let assembly: Promise<string> | undefined;
  let cloud: LocalCloud | undefined;
  let running: RunningCloud | undefined;
  let observe: (progress: CloudProgress) => void = () => {};
  const of = (parts: SessionParts): SessionParts => ({
    ...parts,
    lockFolder: (data) => {
      lock ??= parts.lockFolder(data);
      return { ...lock, release: () => {} };
    },
    synthesize: (options) => {
      assembly ??= parts.synthesize(options);
      return assembly;
    },
    startCloud: async (options) => {
      observe = options.onProgress ?? observe;
      const onProgress = (progress: CloudProgress) => observe(progress);
      cloud ??= await parts.startCloud({ ...options, timeScale: TIME_SCALE, onProgress });
      return { ...cloud, close: nothing };
    },
    openCloud: async (of, data) => {
      running ??= await parts.openCloud(of, data);
      return { ...running, close: nothing };
    },
  });
  return {
    of,
    running: (): RunningCloud => running ?? expectRun(),
    close: async () => {
      await running?.close();
      await cloud?.close();
      lock?.release();
    },
  };
};

const expectRun = (): never => {
  throw new Error('the folder has no cloud before its first run');
};
