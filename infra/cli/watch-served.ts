import { join } from 'node:path';
import { landingOf } from '../../shared/model/landing.ts';
import { CLIENT_FILE, type CloudProgress, type ExecutionRecord } from '../local/local-cloud.ts';
import type { CommandIo } from './command-io.ts';
import { findStateBucket } from './deployment/running-cloud.ts';
import { toOptions } from './deployment/where.ts';
import { type LookedAt, lookAtEnded } from './look-at-ended.ts';
import { type Serving, toServedStep } from './next-step.ts';
import type { Session } from './session.ts';
import { toPlaceAndCause } from './show-report.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import type { VerbArguments } from './verbs/verb.ts';

/** Says on stderr what becomes of feeds while a cloud serves: one line a load, a failed extraction, a parked batch. */
export interface ServedWatch {
  /** Takes what the cloud does; nothing is said of it before `begin`. */
  observe(progress: CloudProgress): void;
  /** The cloud serves from now on: says so, and where its S3 is. */
  begin(session: Session): Promise<void>;
}

export interface ServedOptions {
  readonly io: CommandIo;
  readonly args: VerbArguments;
  readonly data: string;
  /** Whose progress line gives way to what is said. */
  readonly moving: Terminal;
  /** Under --json: of what failed the next step is said, and nothing else. */
  readonly isQuiet: boolean;
}

export const watchServed = (options: ServedOptions): ServedWatch => {
  const { io, data, isQuiet } = options;
  const say = newSay(options);
  let tell: (execution: ExecutionRecord) => Promise<void> = async () => {};
  let telling = Promise.resolve();
  return {
    observe: (progress) => {
      if (progress.type !== 'execution-ended') return;
      const { execution } = progress;
      telling = telling
        .then(() => tell(execution))
        .catch((error) => {
          // A cloud that is being closed answers nobody.
          if (!io.signal.aborted && !isQuiet)
            say.timed(`${execution.name}: what it did is not known: ${error}`);
        });
    },
    begin: async (session) => {
      const parked = new Set((await session.deployment.records.list('parked/')).keys);
      const serving = servingOf(session, data);
      tell = newTell(session, { parked, loads: new Set() }, serving, say, options);
      if (isQuiet) return;
      say.line('serving: schedules fire by the clock from here on; Ctrl-C ends it');
      say.line(
        `S3 clients, only while it serves: . ${serving.clientFile}; aws s3 ls s3://${serving.bucketOf('')}/ (endpoint and keys are new at each start)`,
      );
    },
  };
};

interface Say {
  line(text: string): void;
  /** Behind the time, in UTC. */
  timed(text: string): void;
  readonly bad: Terminal['style']['bad'];
}

const newSay = ({ io, moving }: ServedOptions): Say => {
  const terminal = openTerminal(io, io.stderr);
  const line = (text: string): void => {
    moving.clear();
    terminal.line(text);
  };
  const at = (): string => new Date(io.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  return { line, timed: (text) => line(`${at()}  ${text}`), bad: terminal.style.bad };
};

const newTell =
  (session: Session, looked: LookedAt, serving: Serving, say: Say, { args, isQuiet }: ServedOptions) =>
  async (execution: ExecutionRecord): Promise<void> => {
    const { loaded, failures } = await lookAtEnded(session, execution, looked);
    for (const line of isQuiet ? [] : loaded) say.timed(line);
    for (const failure of failures) {
      const next = toServedStep(failure, serving, args);
      if (isQuiet) say.line(next);
      else say.timed(`${say.bad('✗')} ${toPlaceAndCause(failure, toOptions(args))}; ${next}`);
    }
  };

const servingOf = ({ cloud, feeds }: Session, data: string): Serving => ({
  clientFile: join(data, CLIENT_FILE),
  bucketOf: (name) => {
    const source = feeds.find(({ feed }) => feed === name)?.source;
    const bucket = source?.kind === 's3' ? landingOf(name, source).bucket : undefined;
    return bucket ?? findStateBucket(cloud.buckets) ?? '';
  },
});
