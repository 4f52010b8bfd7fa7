import type { AccessKey } from './iam/access-key.ts';

/** What callers of the local cloud see: its options, its handle, its history and its faults. */

/** Loopback base URLs of the services; each function and each test reaches the cloud by these alone. */
export interface Endpoints {
  readonly s3: string;
  readonly redshiftData: string;
  readonly eventBridge: string;
  readonly secretsManager: string;
  /** Answers every other AWS call with a refusal that names it. */
  readonly refusing: string;
  /** `127.0.0.1:port` of the X-Ray daemon's UDP protocol. */
  readonly xray: string;
}

/** In the data folder while the cloud runs: shell variables that lead ordinary clients of AWS to it. */
export const CLIENT_FILE = 'aws.env';

/** The cloud's `<data>/cloud.json` while it runs. */
export interface CloudFile {
  readonly pid: number;
  readonly startedAt: string;
  readonly assembly: string;
  readonly region: string;
  readonly account: string;
  readonly buckets: readonly string[];
  readonly workgroups: readonly { readonly name: string; readonly database: string }[];
  readonly endpoints: Endpoints;
  /** Of the account's administrator, made anew at each start. */
  readonly credentials: AccessKey;
}

export type ExecutionStatus = 'DUE' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT';

/** One execution of a state machine; kept in `<data>/journal.sqlite`: once it has ended for 30 days, and the newest 20,000. */
export interface ExecutionRecord {
  /** Unique, also between two runs of one name. */
  readonly id: string;
  readonly machine: string;
  readonly name: string;
  /** Which rule and event, or which schedule and time, started it. */
  readonly trigger: string;
  readonly status: ExecutionStatus;
  /** JSON text, as it was delivered. */
  readonly input: string;
  /** How often it was started: more than once when the cloud was killed meanwhile. */
  readonly starts: number;
  readonly startTime?: string;
  readonly stopTime?: string;
  /** JSON text of the output of an execution that succeeded. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  /** Path of the state that failed, as `ExtractSlices[3]/ExtractSlice`. */
  readonly failedState?: string;
  readonly traceId?: string;
}

export interface ScheduleInfo {
  readonly name: string;
  readonly expression: string;
  readonly timeZone: string;
  readonly machine: string;
  readonly isEnabled: boolean;
  /** JSON text with `<aws.scheduler.…>` attributes not yet filled in. */
  readonly input: string;
}

/** What AWS promises to happen now and then; all off by default, all drawn from one seed. */
export interface Faults {
  readonly seed?: number;
  /** Every delivery to a target happens twice. */
  readonly duplicateDeliveries?: boolean;
  /** Each delivery is held for a random time of at most so many milliseconds, so that deliveries overtake each other. */
  readonly reorderWithinMs?: number;
  /** Every execution runs twice at once under one name. */
  readonly runTwice?: boolean;
  /** Events of these sources never arrive: `aws.s3`, `aws.redshift-data`. */
  readonly loseEventsOf?: readonly string[];
  /** The share of invocations that is throttled, 0 to 1. */
  readonly throttleInvokes?: number;
  /** The share of starts of executions that are throttled, 0 to 1: each is tried again after a second. */
  readonly throttleStarts?: number;
  /**
   * Kills the environment of an invocation after so many milliseconds; of these invocations only, where `share` is below 1, and at most so
   * often for each function, where `most` says so.
   */
  readonly killEnvironment?: {
    readonly afterMs: number;
    readonly share: number;
    readonly function?: string;
    readonly most?: number;
  };
  /** An execution ends with States.Timeout after so many milliseconds; its functions live on. Of those of one machine alone, where that is named. */
  readonly timeOut?: { readonly afterMs: number; readonly machine?: string };
}

export type CloudProgress =
  | { readonly type: 'execution-started'; readonly execution: ExecutionRecord }
  | { readonly type: 'execution-ended'; readonly execution: ExecutionRecord }
  /** A fault that was asked for has struck: a name of Faults, or what the service's faults.ts calls it. */
  | { readonly type: 'fault-struck'; readonly fault: string }
  /** The bus took an event of a function or a state machine. */
  | {
      readonly type: 'event-taken';
      readonly source: string;
      readonly detailType: string;
      readonly detail: Readonly<Record<string, unknown>>;
    }
  | {
      readonly type: 'state-entered' | 'state-exited' | 'state-failed' | 'state-retried';
      readonly machine: string;
      readonly name: string;
      readonly path: string;
      readonly at: string;
      readonly error?: string;
      readonly cause?: string;
    };

export interface LocalCloudOptions {
  /** A synthesized cloud assembly, `cdk.out`. */
  readonly assembly: string;
  /** Where all state lives; made when absent. */
  readonly data: string;
  /** Secret id to its value: text as it is, objects as JSON. */
  readonly secrets: Readonly<Record<string, unknown>>;
  /** The caller has the folder's lock, and keeps it until the cloud is closed. @default the cloud takes it */
  readonly isLocked?: boolean;
  readonly faults?: Faults;
  readonly onProgress?: (progress: CloudProgress) => void;
  /** Waits and retry delays take this share of their time. @default 1 */
  readonly timeScale?: number;
  /** Function environments at once. @default twice the processors, at least 4 */
  readonly maxEnvironments?: number;
}

export interface LocalCloud {
  readonly endpoints: Endpoints;
  readonly buckets: readonly string[];
  schedules(): readonly ScheduleInfo[];
  /** Fires a schedule as of `at`; resolves to the executions' ids once the delivery is on disk. */
  fireSchedule(name: string, at: Date): Promise<readonly string[]>;
  /** Puts one event on the default bus, as PutEvents does. */
  putEvent(event: { source: string; detailType: string; detail: object }): Promise<void>;
  /** Every execution that this folder keeps, oldest first. */
  executions(): readonly ExecutionRecord[];
  /** Resolves when nothing is due or under way anywhere; rejects with the signal's reason. */
  idle(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Resolves with the cause once the cloud cannot go on: a process of it ended, or a schedule could not be fired. */
  readonly failed: Promise<Error>;
  /** From now on schedules fire by the clock. */
  serve(): void;
  setFaults(faults: Faults): void;
  /** Tells a service's process to do something wrong, as its own faults.ts says. */
  faultService(service: 's3' | 'redshift', fault: unknown): void;
  /**
   * Puts another synthesis of the app in the place of this one while work is under way, as a deployment on AWS does: invocations end by the
   * code that they began with, executions by their definition, and whatever they call next is new. Throws InvalidInput, and changes nothing,
   * for an assembly with other functions, machines, buckets or rights.
   */
  deploy(assembly: string): Promise<void>;
  /** Kills one random busy function environment; false when none is busy. */
  killEnvironment(): boolean;
  close(): Promise<void>;
}
