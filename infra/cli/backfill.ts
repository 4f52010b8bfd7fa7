import { randomUUID } from 'node:crypto';
import {
  type AskedRange,
  type BackfillDeps,
  type Backfilled,
  backfillFeed,
  refuseRange,
} from '../../handlers/operate/backfill-feed.ts';
import { landsOf } from '../../handlers/operate/read-status.ts';
import { type Replayed, replayRejects } from '../../handlers/operate/replay-rejects.ts';
import { findFeedsOf } from '../../handlers/operate/tell-batch.ts';
import { toAskingCommand } from '../../shared/attention/asking.ts';
import { InvalidInput } from '../../shared/errors.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { unknownBatch } from './batch-feed.ts';
import { type Checked, change, type Known, type OpenToChange } from './change.ts';
import { refusePaused } from './change-feed.ts';
import { type CommandIo, UsageError } from './command-io.ts';
import type { Changeable } from './deployment/open-to-change.ts';
import { newInvocation } from './new-invocation.ts';
import { toStepsText } from './status-next.ts';
import { toPlural } from './terminal.ts';
import { toTime } from './to-time.ts';
import { firstValue, type VerbArguments } from './verbs/verb.ts';

/** `millrace backfill FEED --from T --to T`: a range beside the live feed. */
export const backfill = (args: VerbArguments, io: CommandIo, open: OpenToChange): Promise<number> =>
  change(args, io, open, {
    check: async (known, deployment) => {
      const asked = readAsked(args);
      refuseAsUsage(await toDeployed(known, deployment), asked, deployment);
    },
    work: async (known, deployment) => {
      const feed = await toDeployed(known, deployment);
      const done = await asUsage(
        backfillFeed(feed, readAsked(args), await toDeps(deployment, io)),
        deployment,
      );
      return { done: [toLine(known.name, done, deployment)], isDone: true };
    },
  });

const readAsked = (args: VerbArguments): AskedRange => ({
  fromMs: readTime('from', args),
  toMs: readTime('to', args),
  partition: firstValue(args, 'partition'),
  ...(args.flags.has('again') ? { again: randomUUID(), isNew: true } : {}),
});

const refuseAsUsage = (feed: Feed, asked: AskedRange, deployment: Checked): void => {
  try {
    refuseRange(feed, asked, deployment.clock.now());
  } catch (error) {
    throw toUsage(error, deployment);
  }
};

const readTime = (option: string, args: VerbArguments): number => {
  const text = firstValue(args, option);
  if (text === undefined)
    throw new UsageError(`backfill needs --${option} TIME, as 2026-01-15 or 2026-01-15T08:00:00Z`);
  return toTime(option, text).getTime();
};

const toLine = (
  feed: string,
  { backfill: of, outcome, objects }: Backfilled,
  { options }: Changeable,
): string => {
  const range = `${feed} from ${of.from} to ${of.to}${of.partition === undefined ? '' : `, partition ${of.partition}`}`;
  const files = objects === undefined ? '' : `, ${toPlural(objects, 'landed file')}`;
  if (outcome === 'asked') return `reads ${range} again${files}, as batches of request ${of.request}`;
  if (outcome === 'running') return `reads ${range} already${files}, as batches of request ${of.request}`;
  return objects === 0 || objects === undefined
    ? `${range} was read before, or has nothing to read, as request ${of.request}; once more: ${toAskingCommand(feed, { ...of, isAgain: true })}${options}`
    : `${range} is read`;
};

/** `millrace rejects replay FEED`: what rejected rows were made of, read again by the mapping of now. */
export const replay = (args: VerbArguments, io: CommandIo, open: OpenToChange): Promise<number> => {
  const [, ...operands] = args.operands;
  return change({ ...args, operands }, io, open, {
    check: async (known, deployment) => {
      const only = firstValue(args, 'batch');
      if (only !== undefined && !(await findFeedsOf(only, deployment)).includes(known.name))
        throw unknownBatch(only);
      await toDeployed(known, deployment);
    },
    work: async (known, deployment) => {
      const only = firstValue(args, 'batch');
      const feed = await toDeployed(known, deployment);
      const all = await asUsage(replayRejects(feed, only, await toDeps(deployment, io)), deployment);
      const none = `no row of feed ${known.name} was rejected${only === undefined ? '' : ` in batch ${only}`}`;
      return {
        done: all.length === 0 ? [none] : all.map((one) => toReplayedLine(feed, one, deployment)),
        isDone: all.every(({ outcome }) => outcome !== 'left'),
      };
    },
  });
};

const WORDS: Readonly<Record<Replayed['outcome'], string>> = {
  asked: 'is read again',
  running: 'is being read again already',
  done: 'was read again by this mapping before',
  left: 'is left as it is:',
  superseded: 'is superseded:',
};

const toReplayedLine = (
  feed: Feed,
  { batch, rows, outcome, why, next = [] }: Replayed,
  deployment: Changeable,
): string => {
  const steps = toStepsText(feed.feed, [next], landsOf(feed.feed, feed), deployment);
  const told = `${batch}, with ${toPlural(rows, 'rejected row')}, ${WORDS[outcome]} ${why}`.trimEnd();
  return steps === '' ? told : `${told}: ${steps}`;
};

const toDeployed = async ({ name, feed }: Known, deployment: Checked): Promise<Feed> => {
  if (feed === undefined) throw new UsageError(`feed ${name} is not deployed any more`);
  await refusePaused({ name, feed }, deployment);
  return feed;
};

const toDeps = async (deployment: Changeable, { signal }: CommandIo): Promise<BackfillDeps> => ({
  ...deployment,
  bucket: await deployment.readBucket(),
  signal,
  invocation: newInvocation(),
});

/** What cannot be asked for was typed wrong. The command that the message ends with is for the same deployment. */
const toUsage = (error: unknown, { options }: Pick<Checked, 'options'>): unknown =>
  error instanceof InvalidInput
    ? new UsageError(error.next === undefined ? error.message : `${error.message}${options}`)
    : error;

export const asUsage = <T>(asked: Promise<T>, place: Pick<Checked, 'options'>): Promise<T> =>
  asked.catch((error: unknown) => {
    throw toUsage(error, place);
  });
