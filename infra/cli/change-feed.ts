import { extractLanded, type StartedLanded } from '../../handlers/operate/extract-landed.ts';
import { pauseFeed } from '../../handlers/operate/pause-feed.ts';
import { listParked, type ParkedBatches, type Redriven, redrive } from '../../handlers/operate/redrive.ts';
import { type Resumed, resumeFeed } from '../../handlers/operate/resume-feed.ts';
import { skipBatch } from '../../handlers/operate/skip-batch.ts';
import { supersederOf } from '../../handlers/operate/superseded.ts';
import { triggerFeed } from '../../handlers/operate/trigger-feed.ts';
import { type Became, findWhatBecame } from '../../handlers/operate/what-became.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { toKey } from '../../shared/state/keys.ts';
import { askYes } from './ask-yes.ts';
import { unknownBatch } from './batch-feed.ts';
import { toFirstSentence } from './cause.ts';
import { type Checked, change, type Known, type OpenToChange } from './change.ts';
import { AlreadyDone, type CommandIo, EXIT, UsageError } from './command-io.ts';
import type { Markable } from './deployment/deployment.ts';
import type { Changeable } from './deployment/open-to-change.ts';
import { findKnownFeed } from './known-feed.ts';
import { newInvocation } from './new-invocation.ts';
import { toPlural } from './terminal.ts';
import type { VerbArguments } from './verbs/verb.ts';

/** The verbs that change what a deployment does with a feed. */

export type OpenToMark = (args: VerbArguments, io: CommandIo) => Promise<Markable>;

/** `millrace trigger FEED`: fires the feed's schedule as of now, or that of its comparison of keys. */
export const trigger = (args: VerbArguments, io: CommandIo, open: OpenToChange): Promise<number> =>
  change(args, io, open, {
    check: async ({ name, feed }, deployment) => {
      if (feed === undefined) throw new UsageError(`feed ${name} is not deployed any more`);
      if (args.flags.has('compare') && feed.comparison === undefined)
        throw new UsageError(`feed ${name} compares no keys; it has no compareKeys`);
      await refusePaused({ name, feed }, deployment);
    },
    work: async ({ name, feed }, deployment) => {
      const compares = args.flags.has('compare');
      if (feed?.source.kind === 's3')
        return { done: [await triggerLanded(feed, deployment, io)], isDone: true };
      await triggerFeed(name, { compares }, deployment);
      return { done: [`triggered ${name}${compares ? ', to compare its keys' : ''}`], isDone: true };
    },
  });

/** No schedule reads landed files: what waits of them is what the sweep would start. */
const triggerLanded = async (feed: Feed, deployment: Changeable, { signal }: CommandIo): Promise<string> => {
  const bucket = await deployment.readBucket();
  const deps = { ...deployment, bucket, signal, invocation: newInvocation() };
  const { started, later } = await extractLanded(feed, 'trigger', deps);
  if (started > 0) return toStartedText({ started, later });
  const parked = (await listParked(feed.feed, feed, deployment)).open.length;
  const redrive =
    parked === 0
      ? ''
      : `; what to do about what is parked: npx millrace status ${feed.feed}${deployment.options}`;
  return `each landed file of ${feed.feed} is read already, or parked: land another one${redrive}`;
};

const toStartedText = ({ started, later }: StartedLanded): string =>
  `extracts ${toPlural(started, 'landed file')}${later === 0 ? '' : `, the sweep ${toPlural(later, 'more')}`}`;

export const refusePaused = async (
  { name: feed, feed: definition }: Known,
  { records, options }: Checked,
): Promise<void> => {
  refusePausedByFile(feed, definition);
  if ((await records.read(toKey({ kind: 'paused', feed }))) !== undefined)
    throw new UsageError(
      `feed ${feed} is paused, so nothing of it starts; first type: npx millrace resume ${feed}${options}`,
    );
};

/** What a file says is undone by a deployment alone, so that a command and the next deployment do not contradict each other. */
const refusePausedByFile = (name: string, feed: Known['feed']): void => {
  if (feed?.paused === true)
    throw new UsageError(
      `feed ${name} is paused by its own file: remove \`paused: true\` from it, then deploy; on this machine, then type npx millrace run`,
    );
};

/** `millrace redrive FEED [BATCH]`: parked batches again. */
export const redriveFeed = (args: VerbArguments, io: CommandIo, open: OpenToChange): Promise<number> =>
  change(args, io, open, {
    check: async (known, deployment) => {
      await checkParked(known, args, deployment);
      await refusePaused(known, deployment);
    },
    work: async (known, deployment) => {
      const { name } = known;
      const parked = await checkParked(known, args, deployment);
      const [, only] = args.operands;
      const batches = only === undefined ? parked.open : [only];
      const feeds = await deployment.readFeeds();
      const all = await redrive(name, batches, { ...deployment, feeds, invocation: newInvocation() });
      const left = only === undefined ? toLeftLines(name, parked, deployment) : [];
      const none = batches.length === 0 ? [`no batch of feed ${name} waits for somebody`] : [];
      return {
        done: [...none, ...all.map((one) => toRedrivenLine(one, deployment)), ...left],
        isDone: all.every(({ outcome }) => outcome !== 'left'),
      };
    },
  });

/** Where the command line names a batch that is superseded or not parked, throws AlreadyDone with what became of it, or UsageError where there is none. */
const checkParked = async (
  { name, feed }: Known,
  { operands }: VerbArguments,
  deployment: Checked,
): Promise<ParkedBatches> => {
  const parked = await listParked(name, feed, deployment);
  const [, only] = operands;
  const all = Object.values(parked).flat();
  if (only !== undefined && parked.superseded.includes(only))
    throw new AlreadyDone(
      `batch ${only} of feed ${name} is superseded: ${supersederOf(only)} is loaded; ${NOTHING}`,
    );
  if (only === undefined || all.includes(only)) return parked;
  const became = await findWhatBecame(name, only, deployment);
  if (became === undefined)
    throw new UsageError(
      `feed ${name} has no batch ${only}, or it is over 90 days old; parked: ${all.slice(0, 10).join(' ') || 'none'}`,
    );
  throw new AlreadyDone(
    `batch ${only} of feed ${name} is not parked any more: it ${became.text}; ${NOTHING}`,
  );
};

const NOTHING = 'nothing is left to do';

/** Parked batches that are passed over where none is named. */
const toLeftLines = (
  feed: string,
  { superseded, skipped }: ParkedBatches,
  { options }: Changeable,
): readonly string[] => {
  const toLine = (
    [first, ...more]: readonly string[],
    toWhy: (first: string) => string,
  ): readonly string[] => {
    if (first === undefined) return [];
    const others = more.length === 0 ? '' : ` and ${toPlural(more.length, 'more batch')}`;
    return [`${first}${others} left as it is: ${toWhy(first)}`];
  };
  return [
    ...toLine(superseded, () => 'superseded, a newer batch is loaded in its place'),
    ...toLine(
      skipped,
      (first) => `skipped; to have it after all: npx millrace redrive ${feed} ${first}${options}`,
    ),
  ];
};

/** `millrace redrive FEED BATCH --skip`: leaves it for good. */
export const skip = async (args: VerbArguments, io: CommandIo, open: OpenToMark): Promise<number> => {
  const [name = '', batch] = args.operands;
  if (batch === undefined)
    throw new UsageError('--skip takes FEED and BATCH: one batch is skipped at a time');
  const deployment = await open(args, io);
  try {
    const { name: feed } = await findKnownFeed(name, deployment);
    const told = await tellUnparked(feed, batch, deployment);
    if (told !== undefined) {
      io.stdout.write(`${told.text}\n`);
      return told.isOver ? EXIT.done : EXIT.failed;
    }
    const what = `nothing of batch ${batch} of feed ${feed} will be loaded, and status tells of it no more.`;
    if (!args.flags.has('yes') && !(await askYes(`${what} Skip it?`, io))) return EXIT.failed;
    const why = await skipBatch(feed, batch, { ...deployment, invocation: newInvocation() });
    if (why !== undefined) throw new UsageError(`batch ${batch} of feed ${feed} is not skipped: ${why}`);
    io.stdout.write(
      `skipped ${batch}; to have it after all: npx millrace redrive ${feed} ${batch}${deployment.options}\n`,
    );
    return EXIT.done;
  } finally {
    await deployment.close();
  }
};

/** What is not to be skipped: it is, or it is not parked. Undefined where it is parked. Throws UsageError where there is no such batch. */
const tellUnparked = async (
  feed: string,
  batch: string,
  deployment: Markable,
): Promise<Became | undefined> => {
  const { records } = deployment;
  if ((await records.read(toKey({ kind: 'skipped', feed, batch }))) !== undefined)
    return { isOver: true, text: `batch ${batch} of feed ${feed} is skipped already; ${NOTHING}` };
  if ((await records.read(toKey({ kind: 'parked', feed, batch }))) !== undefined) return undefined;
  const became = await findWhatBecame(feed, batch, deployment);
  if (became === undefined) throw unknownBatch(batch);
  const { isOver, text } = became;
  const rest = isOver ? NOTHING : 'only a parked batch can be skipped';
  return { isOver, text: `batch ${batch} of feed ${feed} is not parked any more: it ${text}; ${rest}` };
};

const WORDS: Readonly<Record<Redriven['outcome'], string>> = {
  load: 'is loaded again; it was parked by',
  extract: 'is extracted again; it was parked by',
  left: 'is left as it is:',
  gone: 'is not parked any more:',
};

const toRedrivenLine = ({ batch, outcome, why, next }: Redriven, { options }: Changeable): string => {
  const command = next === undefined ? '' : `: ${next}${options}`;
  return `${batch} ${WORDS[outcome]} ${outcome === 'left' || outcome === 'gone' ? why : toFirstSentence(why, MOST_OF_CAUSE)}${command}`;
};

/** Causes that name the first rejected rows fill a screen each. */
const MOST_OF_CAUSE = 160;

/** `millrace resume FEED`: lets it go on. */
export const resume = (args: VerbArguments, io: CommandIo, open: OpenToChange): Promise<number> =>
  change(args, io, open, {
    check: async ({ name, feed }) => refusePausedByFile(name, feed),
    work: async ({ name, feed }, deployment) => {
      const bucket = await deployment.readBucket();
      const deps = { ...deployment, bucket, signal: io.signal, invocation: newInvocation() };
      const resumed = await resumeFeed(name, feed, deps);
      const catchUp =
        feed?.source.kind === 'http' && resumed.pausedAt !== undefined
          ? `; its next schedule catches up, or now: npx millrace trigger ${name}${deployment.options}`
          : '';
      return { done: [`${toResumedText(name, resumed)}${catchUp}`], isDone: true };
    },
  });

const toResumedText = (feed: string, { pausedAt, isLoading, ...landed }: Resumed): string => {
  if (pausedAt === undefined)
    return `feed ${feed} is not paused; ${isLoading ? 'loads what is pending' : NOTHING}`;
  return [
    `resumed ${feed}, paused since ${pausedAt}`,
    ...(landed.started === 0 ? [] : [toStartedText(landed)]),
    ...(isLoading ? ['loads what is pending'] : []),
  ].join('; ');
};

/** `millrace pause FEED`: holds it. */
export const pause = async (args: VerbArguments, io: CommandIo, open: OpenToMark): Promise<number> => {
  const [name = ''] = args.operands;
  const deployment = await open(args, io);
  try {
    const { name: feed } = await findKnownFeed(name, deployment);
    const { pausedAt } = await pauseFeed(feed, { ...deployment, invocation: newInvocation() });
    io.stdout.write(
      `paused ${feed} since ${pausedAt}: its schedules, landed files and loads are held; to go on: npx millrace resume ${feed}${deployment.options}\n`,
    );
    return EXIT.done;
  } finally {
    await deployment.close();
  }
};
