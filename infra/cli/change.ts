import { listRuns } from '../../handlers/operate/list-runs.ts';
import { needsPerson, readStatus } from '../../handlers/operate/read-status.ts';
import { AlreadyDone, type CommandIo, EXIT } from './command-io.ts';
import type { Changeable, CheckAsked } from './deployment/open-to-change.ts';
import { findKnownFeed } from './known-feed.ts';
import { stateOf, toWhys } from './show-status.ts';
import { toStatusNext } from './status-next.ts';
import { toPlural } from './terminal.ts';
import type { VerbArguments } from './verbs/verb.ts';

/** What all verbs do that change what a deployment does with a feed. */

export type OpenToChange = (args: VerbArguments, io: CommandIo, check: CheckAsked) => Promise<Changeable>;

export type Known = Awaited<ReturnType<typeof findKnownFeed>>;

interface Changed {
  /** Lines that say what was asked for. */
  readonly done: readonly string[];
  readonly isDone: boolean;
}

/** A deployment as it is looked at before anything of it is started. */
export type Checked = Parameters<CheckAsked>[0];

export interface Change {
  /** Throws UsageError where it is asked for wrongly, and AlreadyDone where nothing is left to do. */
  readonly check?: (feed: Known, deployment: Checked) => Promise<void>;
  readonly work: (feed: Known, deployment: Changeable) => Promise<Changed>;
}

/** Asks for a change, and says what comes of it where this command waits for that. */
export const change = async (
  args: VerbArguments,
  io: CommandIo,
  open: OpenToChange,
  { check = async () => undefined, work }: Change,
): Promise<number> => {
  const [name = ''] = args.operands;
  const checkAsked: CheckAsked = async (looked) => check(await findKnownFeed(name, looked), looked);
  return unlessDone(io, async () => {
    const deployment = await open(args, io, checkAsked);
    try {
      await checkAsked(deployment);
      const known = await findKnownFeed(name, deployment);
      const { done, isDone } = await work(known, deployment);
      for (const line of done) io.stdout.write(`${line}\n`);
      const isOk = await tellEnd(known, deployment, io);
      return isDone && isOk ? EXIT.done : EXIT.failed;
    } finally {
      await deployment.close();
    }
  });
};

/** What another command has done already is said, and is no failure. */
export const unlessDone = async (io: CommandIo, work: () => Promise<number>): Promise<number> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AlreadyDone)) throw error;
    io.stdout.write(`${error.message}\n`);
    return EXIT.done;
  }
};

/** Where this command ran the cloud: how the feed is now, and whether it needs nobody and nothing of it failed. */
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
  const next = toStatusNext(status, deployment);
  for (const line of await toCounts(name, deployment, io)) io.stdout.write(`${line}\n`);
  const { rowsAsOf = 'none', pending } = status;
  const state = stateOf(status, deployment);
  const why = toWhys(status, deployment).join('; ');
  const told = why === '' ? state : why.startsWith(state) ? why : `${state}: ${why}`;
  const is = told.startsWith('failed') ? '' : ' is';
  io.stdout.write(
    `feed ${name}${is} ${told}; rows as of ${rowsAsOf}, ${toPlural(pending, 'batch')} pending\n`,
  );
  const isOk = !needsPerson(status) && status.failing === undefined;
  if (!isOk && next !== undefined) io.stdout.write(`next: ${next}\n`);
  return isOk;
};

/** What this command brought: batches that were sealed or loaded since it began. */
const toCounts = async (
  feed: string,
  deployment: Changeable,
  { startedAt }: CommandIo,
): Promise<readonly string[]> => {
  // S3 tells whole seconds.
  const sinceMs = Math.floor(startedAt / 1000) * 1000;
  const isNew = (at: string | undefined): boolean => at !== undefined && Date.parse(at) >= sinceMs;
  const listed = await listRuns(feed, sinceMs, deployment);
  const runs = listed.filter(({ sealedAt, loadedAt }) => isNew(sealedAt) || isNew(loadedAt));
  const [first] = runs;
  if (first === undefined) return [];
  const sum = (of: 'records' | 'rows' | 'rejects'): number => runs.reduce((total, run) => total + run[of], 0);
  const rejects = sum('rejects');
  const counts = `${toPlural(runs.length, 'batch')}: ${toPlural(sum('records'), 'record')}, ${toPlural(sum('rows'), 'row')}, ${toPlural(rejects, 'reject')}`;
  if (rejects === 0) return [counts];
  const only = runs.length === 1 ? ` --batch ${first.batch}` : '';
  return [`${counts}, which npx millrace rejects ${feed}${only}${deployment.options} shows`];
};
