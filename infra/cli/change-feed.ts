import { randomUUID } from 'node:crypto';
import { pauseFeed } from '../../handlers/operate/pause-feed.ts';
import { needsPerson, readStatus } from '../../handlers/operate/read-status.ts';
import { listParked, type Redriven, redrive } from '../../handlers/operate/redrive.ts';
import { type Resumed, resumeFeed } from '../../handlers/operate/resume-feed.ts';
import { skipBatch } from '../../handlers/operate/skip-batch.ts';
import { triggerFeed } from '../../handlers/operate/trigger-feed.ts';
import { toKey } from '../../shared/state/keys.ts';
import { askYes } from './ask-yes.ts';
import { type CommandIo, EXIT, UsageError } from './command-io.ts';
import type { Markable } from './deployment/deployment.ts';
import type { Changeable } from './deployment/open-to-change.ts';
import { findKnownFeed } from './known-feed.ts';
import { toStatusNext } from './status-next.ts';
import { shorten, toPlural } from './terminal.ts';
import type { VerbArguments } from './verbs/verb.ts';

/** The verbs that change what a deployment does with a feed. */

export type OpenToChange = (args: VerbArguments, io: CommandIo) => Promise<Changeable>;
export type OpenToMark = (args: VerbArguments, io: CommandIo) => Promise<Markable>;

/** As records name who put them: a command has no request id. */
export const newInvocation = (): string => `command-${randomUUID()}`;

/** `millrace trigger FEED`: fires the feed's schedule as of now, or that of its comparison of keys. */
export const trigger = (args: VerbArguments, io: CommandIo, open: OpenToChange): Promise<number> =>
  change(args, io, open, async ({ name, feed }, deployment) => {
    const compares = args.flags.has('compare');
    if (feed === undefined) throw new UsageError(`feed ${name} is not deployed any more`);
    if (feed.source.kind === 's3')
      throw new UsageError(
        `feed ${name} reads landed files, and has no schedule: land one, or ${again(name, deployment)}`,
      );
    if (compares && feed.comparison === undefined)
      throw new UsageError(`feed ${name} compares no keys; it has no compareKeys`);
    await refusePaused(name, deployment);
    await triggerFeed(name, { compares }, deployment);
    return { done: [`triggered ${name}${compares ? ', to compare its keys' : ''}`], isDone: true };
  });

const again = (feed: string, { options }: Changeable): string =>
  `npx millrace redrive ${feed}${options} for what is parked`;

export const refusePaused = async (feed: string, { records, options }: Changeable): Promise<void> => {
  if ((await records.read(toKey({ kind: 'paused', feed }))) !== undefined)
    throw new UsageError(
      `feed ${feed} is paused, and nothing of it is begun: npx millrace resume ${feed}${options} first`,
    );
};

/** `millrace redrive FEED [BATCH]`: parked batches again. */
export const redriveFeed = (args: VerbArguments, io: CommandIo, open: OpenToChange): Promise<number> =>
  change(args, io, open, async ({ name }, deployment) => {
    await refusePaused(name, deployment);
    const deps = { ...deployment, feeds: await deployment.readFeeds(), invocation: newInvocation() };
    const parked = await listParked(name, deps);
    const [, only] = args.operands;
    if (only !== undefined && !parked.some(({ batch }) => batch === only))
      throw notParked(name, only, parked);
    const open = parked.filter(({ isSkipped }) => !isSkipped).map(({ batch }) => batch);
    const batches = only === undefined ? open : [only];
    if (batches.length === 0) return { done: [`no batch of feed ${name} is parked`], isDone: true };
    const all = await redrive(name, batches, deps);
    return { done: all.map(toRedrivenLine), isDone: all.every(({ outcome }) => outcome !== 'left') };
  });

const notParked = (
  feed: string,
  batch: string,
  parked: readonly { readonly batch: string }[],
): UsageError => {
  const some = parked.slice(0, 10).map((one) => one.batch);
  return new UsageError(`batch ${batch} of feed ${feed} is not parked; parked: ${some.join(' ') || 'none'}`);
};

/** `millrace redrive FEED BATCH --skip`: leaves it for good. */
export const skip = async (args: VerbArguments, io: CommandIo, open: OpenToMark): Promise<number> => {
  const [name = '', batch] = args.operands;
  if (batch === undefined)
    throw new UsageError('--skip takes FEED and BATCH: one batch is skipped at a time');
  const deployment = await open(args, io);
  try {
    const { name: feed } = await findKnownFeed(name, deployment);
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

const WORDS: Readonly<Record<Redriven['outcome'], string>> = {
  load: 'is loaded again; it was parked by',
  extract: 'is extracted again; it was parked by',
  left: 'is left as it is:',
};

const toRedrivenLine = ({ batch, outcome, why }: Redriven): string =>
  `${batch} ${WORDS[outcome]} ${outcome === 'left' ? why : shorten(why, MOST_OF_CAUSE)}`;

/** Causes that name the first rejected rows fill a screen each. */
const MOST_OF_CAUSE = 160;

/** `millrace resume FEED`: lets it go on. */
export const resume = (args: VerbArguments, io: CommandIo, open: OpenToChange): Promise<number> =>
  change(args, io, open, async ({ name, feed }, deployment) => {
    const bucket = await deployment.readBucket();
    const deps = { ...deployment, bucket, signal: io.signal, invocation: newInvocation() };
    const resumed = await resumeFeed(name, feed, deps);
    const catchUp =
      feed?.source.kind === 'http' && resumed.pausedAt !== undefined
        ? `; its next schedule catches up, or now: npx millrace trigger ${name}${deployment.options}`
        : '';
    return { done: [`${toResumedText(name, resumed)}${catchUp}`], isDone: true };
  });

const toResumedText = (feed: string, { pausedAt, landed, laterLanded, isLoading }: Resumed): string => {
  if (pausedAt === undefined) return `feed ${feed} was not paused`;
  const later = laterLanded === 0 ? '' : `, the sweep ${toPlural(laterLanded, 'more')}`;
  return [
    `resumed ${feed}, paused since ${pausedAt}`,
    ...(landed === 0 ? [] : [`extracts ${toPlural(landed, 'landed file')}${later}`]),
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

export type Known = Awaited<ReturnType<typeof findKnownFeed>>;

interface Changed {
  /** Lines that say what was asked for. */
  readonly done: readonly string[];
  readonly isDone: boolean;
}

/** Asks for a change, and says what comes of it where this command waits for that. */
export const change = async (
  args: VerbArguments,
  io: CommandIo,
  open: OpenToChange,
  work: (feed: Known, deployment: Changeable) => Promise<Changed>,
): Promise<number> => {
  const [name = ''] = args.operands;
  const deployment = await open(args, io);
  try {
    const known = await findKnownFeed(name, deployment);
    const { done, isDone } = await work(known, deployment);
    for (const line of done) io.stdout.write(`${line}\n`);
    const isOk = await tellEnd(known, deployment, io);
    return isDone && isOk ? EXIT.done : EXIT.failed;
  } finally {
    await deployment.close();
  }
};

/** Where this command ran the cloud: how the feed is now, and whether it needs nobody. */
export const tellEnd = async (
  { name, feed }: Known,
  deployment: Changeable,
  io: CommandIo,
): Promise<boolean> => {
  if (!(await deployment.untilDone())) {
    io.stdout.write(`see what comes of it: npx millrace status ${name}${deployment.options}\n`);
    return true;
  }
  const status = await readStatus(name, feed, deployment);
  const next = toStatusNext(status, deployment.options);
  const { rowsAsOf = 'none', pending, state } = status;
  io.stdout.write(
    `feed ${name} is ${state}: rows as of ${rowsAsOf}, ${toPlural(pending, 'batch')} pending\n`,
  );
  if (needsPerson(status) && next !== undefined) io.stdout.write(`next: ${next}\n`);
  return !needsPerson(status);
};
