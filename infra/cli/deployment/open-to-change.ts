import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Feed } from '../../../shared/model/feed.ts';
import type { CommandIo } from '../command-io.ts';
import { findDataFolder } from '../data-folder.ts';
import { fireLoads } from '../fire-loads.ts';
import { localParts } from '../local-parts.ts';
import { readSecrets } from '../secrets.ts';
import { openSession, type Session } from '../session.ts';
import { openTerminal } from '../terminal.ts';
import { firstValue, type VerbArguments } from '../verbs/verb.ts';
import { watchProgress } from '../watch-progress.ts';
import { watchStages } from '../watch-stages.ts';
import type { Deployment } from './deployment.ts';
import { openFolderAtRest } from './folder-at-rest.ts';
import { nothingWasRun } from './nothing-was-run.ts';
import { openDeployment, toClock } from './open-deployment.ts';
import { openRunningCloud } from './running-cloud.ts';
import { isOnAws, toOptions } from './where.ts';

/** A deployment that a verb changes, and that then does what it was asked for. */
export interface Changeable extends Deployment {
  /**
   * Resolves to true when all that was asked for is done, where this command runs the cloud itself; at once and to false where another
   * one does it. Rejects with the signal's reason.
   */
  untilDone(): Promise<boolean>;
}

const byOthers = async (opened: Promise<Deployment>): Promise<Changeable> => ({
  ...(await opened),
  untilDone: async () => false,
});

/** Refuses what is asked for wrongly, or is done, before anything is started for it. Throws UsageError and AlreadyDone. */
export type CheckAsked = (deployment: Omit<Deployment, 'events'>) => Promise<void>;

/**
 * Opens a deployment to be changed. Of a data folder on which no cloud runs, the cloud is started with the feeds as they are written now, as
 * `run --once` does, until what was asked for is done.
 */
export const openToChange = async (
  args: VerbArguments,
  io: CommandIo,
  check: CheckAsked,
): Promise<Changeable> => {
  if (isOnAws(args)) return byOthers(openDeployment(args, io));
  const data = findDataFolder(args, io);
  const options = toOptions(args);
  const running = await openRunningCloud(data, { signal: io.signal, clock: toClock(io), options });
  if (running !== undefined) return byOthers(Promise.resolve(running));
  if (!existsSync(join(data, 's3'))) throw nothingWasRun(join(data, 's3'), options);
  return openOwn(args, io, { data, check });
};

/** Nobody waits for a cloud to be told of a word that is wrong. */
const checkAtRest = async (
  feeds: readonly Feed[],
  check: CheckAsked,
  { data, options, io }: { readonly data: string; readonly options: string; readonly io: CommandIo },
): Promise<void> => {
  const folder = openFolderAtRest(data, { options, clock: toClock(io), signal: io.signal });
  const written = Object.fromEntries(feeds.map((feed) => [feed.feed, feed]));
  try {
    await check({ ...folder, readFeeds: async () => written });
  } finally {
    await folder.close();
  }
};

interface Own {
  readonly data: string;
  readonly check: CheckAsked;
}

const openOwn = async (args: VerbArguments, io: CommandIo, { data, check }: Own): Promise<Changeable> => {
  const parts = localParts(io);
  const feedsDir = resolve(io.cwd, firstValue(args, 'feeds') ?? 'feeds');
  const secrets = await readSecrets(io, data, firstValue(args, 'secrets'));
  const feeds = await parts.readFeeds(feedsDir);
  await checkAtRest(feeds, check, { data, options: toOptions(args), io });
  const lock = parts.lockFolder(data);
  const stages = watchStages(io, openTerminal(io, io.stderr), true);
  const onProgress = watchProgress(stages.terminal);
  const options = { data, feedsDir, secrets, signal: io.signal, onStage: stages.begin, onProgress };
  try {
    const session = await openSession(feeds, options, parts);
    stages.end();
    return {
      ...session.deployment,
      // The cloud ends with this command: what is typed next finds none, and what failed is tried again by nobody.
      served: undefined,
      options: toOptions(args),
      untilDone: async () => {
        stages.begin('work');
        return untilIdle(session, io).finally(stages.end);
      },
      close: async () => {
        await session.close();
        lock.release();
      },
    };
  } catch (error) {
    stages.end();
    lock.release();
    throw error;
  }
};

/** What waits for its feed's cadence is loaded too: nobody waits at a command for that. */
const untilIdle = async ({ cloud, deployment }: Session, { signal, now }: CommandIo): Promise<true> => {
  await cloud.idle({ signal });
  const { folders } = await deployment.records.list('pending/', '/');
  const feeds = new Set(folders.map((folder) => folder.slice('pending/'.length, -1)));
  if ((await fireLoads(cloud, feeds, new Date(now()))) > 0) await cloud.idle({ signal });
  return true;
};
