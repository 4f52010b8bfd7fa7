import type { Feed } from '../../shared/model/feed.ts';
import { newRedactor, type Redactor } from '../../shared/redact/redactor.ts';
import type { Clock } from '../local/clock.ts';
import type { CloudProgress, LocalCloud, LocalCloudOptions } from '../local/local-cloud.ts';
import type { Lock } from '../local/take-lock.ts';
import type { RunningCloud } from './deployment/running-cloud.ts';
import { type FailureLog, makeFailureLog } from './failures.ts';
import { textFields } from './secrets.ts';
import type { Stage } from './watch-stages.ts';

/** A local cloud that runs some feeds, and the ways to look into it. */
export interface Session {
  readonly cloud: LocalCloud;
  readonly deployment: RunningCloud;
  readonly feeds: readonly Feed[];
  readonly failureLog: FailureLog;
  /** Knows the secrets that the cloud was given. */
  readonly redactor: Redactor;
  /** The cloud's: one machine has one. */
  readonly clock: Clock;
  close(): Promise<void>;
}

/** The large parts that a session is made of; tests stand in for them. */
export interface SessionParts {
  readonly clock: Clock;
  /** All feeds of a folder. Throws FeedProblems. */
  readFeeds(feedsDir: string): Promise<readonly Feed[]>;
  /** Takes a data folder for this process alone. Throws TransientError, naming the holder, while another has it. */
  lockFolder(data: string): Lock;
  /** Answers the path of the cloud assembly. */
  synthesize(options: { feedsDir: string; data: string; signal: AbortSignal }): Promise<string>;
  startCloud(options: LocalCloudOptions): Promise<LocalCloud>;
  openCloud(cloud: LocalCloud, data: string): Promise<RunningCloud>;
}

export interface SessionOptions {
  readonly feedsDir: string;
  readonly data: string;
  readonly secrets: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: CloudProgress) => void;
  /** Told when a stage begins. */
  readonly onStage?: (stage: Stage) => void;
}

/** Does a work that has a data folder to itself: synthesis replaces the code that a cloud on the same folder would be running. */
export const withFolder = async <T>(
  { lockFolder }: Pick<SessionParts, 'lockFolder'>,
  data: string,
  work: () => Promise<T>,
  tellHeld: TellHeld = async (error) => error,
): Promise<T> => {
  const lock = await takeFolder(() => lockFolder(data), tellHeld);
  try {
    return await work();
  } finally {
    lock.release();
  }
};

/** What is thrown in place of the error that says who holds the folder. */
export type TellHeld = (error: unknown) => Promise<unknown>;

const takeFolder = async (take: () => Lock, tellHeld: TellHeld): Promise<Lock> => {
  try {
    return take();
  } catch (error) {
    throw await tellHeld(error);
  }
};

/** Synthesizes the app with a folder's feeds and starts what was synthesized, within `withFolder`. */
export const openSession = async (
  feeds: readonly Feed[],
  options: SessionOptions,
  parts: Omit<SessionParts, 'lockFolder'>,
): Promise<Session> => {
  const { data, secrets, onProgress, onStage } = options;
  const failureLog = makeFailureLog();
  onStage?.('synthesize');
  const assembly = await parts.synthesize(options);
  options.signal.throwIfAborted();
  onStage?.('start');
  const cloud = await parts.startCloud({
    assembly,
    data,
    isLocked: true,
    secrets,
    onProgress: (progress) => {
      failureLog.observe(progress);
      onProgress?.(progress);
    },
  });
  const deployment = await parts.openCloud(cloud, data);
  return {
    cloud,
    deployment,
    feeds,
    failureLog,
    redactor: learnSecrets(newRedactor(), secrets),
    clock: parts.clock,
    close: async () => {
      await deployment.close();
      await cloud.close();
    },
  };
};

const learnSecrets = (redactor: Redactor, secrets: SessionOptions['secrets']): Redactor => {
  for (const [id, secret] of Object.entries(secrets)) redactor.learn(id, textFields(secret));
  return redactor;
};
