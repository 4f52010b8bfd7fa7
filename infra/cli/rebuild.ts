import { extractLanded } from '../../handlers/operate/extract-landed.ts';
import {
  findFeedOf,
  giveUpRebuild,
  planRebuild,
  type RebuildDeps,
  type RebuildPlan,
  startRebuild,
} from '../../handlers/operate/rebuild-table.ts';
import { targetTables } from '../../shared/model/contract.ts';
import type { Feed, FeedsFile } from '../../shared/model/feed.ts';
import { nearest } from '../../shared/model/nearest.ts';
import { quoteTable } from '../../shared/sql/quote.ts';
import { swappedTables } from '../../shared/sql/swap-statements.ts';
import { toKey } from '../../shared/state/keys.ts';
import type { RebuildRecord } from '../../shared/state/operate-records.ts';
import { askYes } from './ask-yes.ts';
import { asUsage } from './backfill.ts';
import { type Checked, type OpenToChange, tellEnd } from './change.ts';
import { refusePaused } from './change-feed.ts';
import { type CommandIo, EXIT, UsageError } from './command-io.ts';
import type { Changeable } from './deployment/open-to-change.ts';
import { newInvocation } from './new-invocation.ts';
import { toCount, toPlural } from './terminal.ts';
import type { VerbArguments } from './verbs/verb.ts';

/** `millrace rebuild TABLE`: says what it would do, asks, and begins it. */
export const rebuildTable = (args: VerbArguments, io: CommandIo, open: OpenToChange): Promise<number> =>
  onTable(args, io, open, async ({ feed, feeds, table }, deployment) => {
    await refusePaused({ name: feed.feed, feed }, deployment);
    const deps: RebuildDeps = { ...deployment, signal: io.signal, invocation: newInvocation() };
    const plan = await asUsage(planRebuild(feed, table, feeds, deps), deployment);
    for (const line of toPlanLines(plan)) io.stdout.write(`${line}\n`);
    const isSure = plan.isRunning || args.flags.has('yes');
    if (!isSure && !(await askYes(`Rebuild ${table}?`, io))) return EXIT.failed;
    const rebuild = await startRebuild(plan, deps);
    io.stdout.write(
      `${plan.isRunning ? 'goes on with' : 'begins'} the rebuild of ${table}, as request ${rebuild.request}\n`,
    );
    const isOwn = await deployment.untilDone();
    const isOver = !isOwn || (await tellRebuilt(plan, rebuild, deployment, io));
    if (isOwn && isOver) await readWaiting(feed, deps, deployment);
    const isOk = await tellEnd({ name: feed.feed, feed }, deployment, io);
    return isOk && isOver ? EXIT.done : EXIT.failed;
  });

/** `millrace rebuild TABLE --cancel`. */
export const cancelRebuild = (args: VerbArguments, io: CommandIo, open: OpenToChange): Promise<number> =>
  onTable(args, io, open, async ({ feed, table }, deployment) => {
    const given = await giveUpRebuild(feed.feed, deployment);
    if (given === undefined) {
      io.stdout.write(`no rebuild of ${table} is under way\n`);
      return EXIT.done;
    }
    io.stdout.write(
      `gave up the rebuild of ${table}, request ${given.request}: its tables stay as they are, and ${feed.feed} goes on with them. What was filled beside them is nobody's now: ${toDrop(feed, given)}\n`,
    );
    return EXIT.done;
  });

/** By the tables that the feed has now. */
const toDrop = ({ contract }: Feed, { request }: RebuildRecord): string =>
  `DROP TABLE IF EXISTS ${swappedTables(contract, request)
    .map(({ beside }) => quoteTable(beside))
    .join(', ')}`;

interface Asked {
  readonly table: string;
  readonly feed: Feed;
  readonly feeds: FeedsFile;
}

const onTable = async (
  args: VerbArguments,
  io: CommandIo,
  open: OpenToChange,
  work: (asked: Asked, deployment: Changeable) => Promise<number>,
): Promise<number> => {
  const [typed = ''] = args.operands;
  const deployment = await open(args, io, async (looked) => void (await findTable(typed, looked)));
  try {
    return await work(await findTable(typed, deployment), deployment);
  } finally {
    await deployment.close();
  }
};

/** A table that a deployed feed has. Throws UsageError with the nearest one. */
const findTable = async (typed: string, { readFeeds }: Checked): Promise<Asked> => {
  const feeds = (await readFeeds()) ?? {};
  const feed = findFeedOf(typed, feeds);
  if (feed !== undefined) return { table: typed.toLowerCase(), feed, feeds };
  const names = Object.values(feeds).flatMap(({ contract }) =>
    targetTables(contract).map((one) => one.table),
  );
  const near = nearest(typed, names);
  const hint = near === undefined ? '' : `, did you mean ${near}?`;
  throw new UsageError(
    `no deployed feed has a table ${typed}${hint}; there are ${names.join(', ') || 'none'}`,
  );
};

const toPlanLines = ({
  feed,
  isRunning,
  before,
  given,
  tables,
  readMs,
  ...of
}: RebuildPlan): readonly string[] => [
  ...(given === undefined
    ? []
    : [
        `gives up request ${given.request} of ${given.asked}: the feed was changed since. What was filled for it is nobody's then: ${toDrop(feed, given)}`,
      ]),
  ...(before === undefined || isRunning
    ? []
    : [
        `was rebuilt before by this mapping, asked ${before.asked}: only what was lost in the warehouse since asks for it once more`,
      ]),
  `${isRunning ? 'is rebuilding' : 'rebuilds'} ${toPlural(tables.length, 'table')} of feed ${feed.feed}, which ${tables.length === 1 ? 'is' : 'are'} loaded together:`,
  ...tables.map(
    ({ table, rows, old, lost }) =>
      `  ${table}  ${toCount(rows)} rows today, which stay as ${old}${lost.length === 0 ? '' : `; columns that the feed does not have stay there alone: ${lost.join(' ')}`}`,
  ),
  `  rows come from ${toSource(feed, of)}${readMs === undefined ? '' : `, which asks it for ${toSpan(readMs)} by how its newest batches went`}`,
  "  until then readers see the rows of today, and the feed's own batches wait; they are loaded behind it",
  '  rights that somebody gave by hand, and views that are bound to these tables (without WITH NO SCHEMA BINDING), stay with the old ones',
  ...(feed.source.kind === 'http'
    ? ['  what the source does not give any more is not in the new tables']
    : []),
];

const toSource = (
  { window, source }: Feed,
  { from, to, objects = 0 }: Pick<RebuildPlan, 'from' | 'to' | 'objects'>,
): string => {
  if (source.kind === 's3') return `${toPlural(objects, 'version')} of landed files, as they were loaded`;
  return window === undefined ? 'the source, read whole once' : `the source, from ${from} to ${to}`;
};

/** As a person says it. */
const toSpan = (ms: number): string => {
  if (ms < 90_000) return toPlural(Math.max(1, Math.round(ms / 1000)), 'second');
  if (ms < 90 * 60_000) return toPlural(Math.round(ms / 60_000), 'minute');
  return toPlural(Math.round(ms / 3_600_000), 'hour');
};

/** Landed files that waited for the new tables: the sweep would read them, and a command that ran the cloud itself has none. */
const readWaiting = async (feed: Feed, deps: RebuildDeps, deployment: Changeable): Promise<void> => {
  const bucket = await deployment.readBucket();
  await extractLanded(feed, 'rebuild', { ...deps, bucket });
};

/** Where this command ran the cloud: whether the tables are the new ones by now. */
const tellRebuilt = async (
  { feed, tables }: RebuildPlan,
  { request, table }: RebuildRecord,
  { records, options, warehouse }: Changeable,
  { stdout, signal }: CommandIo,
): Promise<boolean> => {
  const key = toKey({ kind: 'rebuilt', feed: feed.feed, request });
  if ((await records.read(key)) === undefined) {
    stdout.write(
      `the rebuild of ${table} is not over: npx millrace status ${feed.feed}${options} says what it waits for\n`,
    );
    return false;
  }
  for (const { table: name, rows, old } of tables) {
    const one = targetTables(feed.contract).find((of) => of.table === name);
    const [row] =
      one === undefined ? [] : await warehouse.execute(`SELECT COUNT(*) FROM ${quoteTable(one)}`, signal);
    stdout.write(
      `rebuilt ${name}: ${toCount(rows)} rows before, ${toCount(Number(row?.[0] ?? 0))} now; those of before are ${old}\n`,
    );
  }
  stdout.write(`they stay until the next rebuild of ${table}, or until you drop them\n`);
  return true;
};
