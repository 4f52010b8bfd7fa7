import * as z from 'zod';
import { listAsked } from '../../handlers/operate/asked-range.ts';
import { continueRanges } from '../../handlers/operate/continue-ranges.ts';
import { marksRows, targetTables } from '../../shared/model/contract.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { deploymentNames } from '../../shared/state/deployment-names.ts';
import { toKey } from '../../shared/state/keys.ts';
import { EVENT } from '../../shared/state/messages.ts';

import { readRecordText } from '../../shared/state/record-text.ts';
import { batchRecord, type ParkedRecord, parkedRecord, unchangedRecord } from '../../shared/state/records.ts';
import { toFailures } from './failures.ts';
import { fireLoads } from './fire-loads.ts';
import { readFirstRejects } from './first-rejects.ts';
import { type LandedFile, landFiles } from './land-files.ts';
import { newInvocation } from './new-invocation.ts';
import { withParked } from './parked-failures.ts';
import { type Failure, type FeedReport, type RunReport, toFeedReport } from './report.ts';
import type { Session } from './session.ts';
import { countWakeUps } from './wake-ups.ts';
import { readLedger, readRowCounts } from './warehouse-state.ts';
import { tellParked } from './warnings.ts';

/** One round of work: files to land and feeds to fire, as of a time. */
export interface Work {
  readonly feeds: readonly Feed[];
  readonly files: readonly LandedFile[];
  readonly at: Date;
  /** Then the keys of each feed that compares some, too. @default false */
  readonly compares?: boolean;
}

export interface CycleOptions {
  readonly signal: AbortSignal;
  /** When the whole began that the report's seconds count. */
  readonly startedAt: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Does one round of work to the end and reports what came of it. Rejects with the signal's reason. */
export const runCycle = async (
  session: Session,
  work: Work,
  { signal, startedAt, now }: CycleOptions,
): Promise<RunReport> => {
  signal.throwIfAborted();
  const since = session.clock.now();
  const before = await readState(session);
  for (const feed of new Set(before.waiting.map(({ feed }) => feed))) await loadNext(session, feed);
  await landFiles({ shore: session.deployment.shore, clock: session.clock }, work.files, signal);
  for (const feed of work.feeds) await fire(session, feed, work.at);
  await session.cloud.idle({ signal });
  await continueAsked(session, work.feeds, signal);
  if (work.compares === true) {
    for (const feed of work.feeds) await fireComparison(session, feed, work.at);
    await session.cloud.idle({ signal });
  }
  await loadWaiting(session, new Date(now()), signal);
  // Before the report, which asks the warehouse itself.
  const warehouse = countWakeUps(await session.deployment.statements(since));
  const own = await reportFailures(session, before);
  const { feeds, parked } = await reportFeeds(session, work, { ...before, failures: own });
  const failures = await withParked([...own, ...parked], session.deployment);
  return { ok: failures.length === 0, feeds, failures, warehouse, seconds: (now() - startedAt) / 1000 };
};

/** Ranges whose reading was cut short, as by Ctrl-C or a source that was away: the sweep goes on with them, and a run that ends has none. */
const continueAsked = async (
  { cloud, deployment }: Session,
  feeds: readonly Feed[],
  signal: AbortSignal,
): Promise<void> => {
  const bucket = await deployment.readBucket();
  const deps = { ...deployment, bucket, signal, invocation: newInvocation() };
  let continued = 0;
  for (const feed of feeds) continued += await continueRanges(feed, deps);
  if (continued > 0) await cloud.idle({ signal });
};

/** What a folder held before: all that is new afterwards is this round's work. */
interface State {
  /** Sealed, and not waiting for a load. */
  readonly settledBatches: ReadonlySet<string>;
  readonly waiting: readonly Batch[];
  readonly parked: ReadonlySet<string>;
  readonly unchanged: ReadonlySet<string>;
  readonly executions: ReadonlySet<string>;
}

const readState = async ({ cloud, deployment }: Session): Promise<State> => {
  const waiting = await readWaiting(deployment);
  const names = new Set(waiting.map(({ feed, batch }) => `${feed}/${batch}`));
  const batches = (await deployment.records.list('batches/')).keys;
  return {
    settledBatches: new Set(batches.filter((key) => !names.has(toBatchName(key)))),
    waiting,
    parked: new Set((await deployment.records.list('parked/')).keys),
    unchanged: new Set((await deployment.records.list('unchanged/')).keys),
    executions: new Set(
      cloud
        .executions()
        .filter(isOver)
        .map(({ id }) => id),
    ),
  };
};

interface Batch {
  readonly feed: string;
  readonly batch: string;
}

/** Batches that are sealed and not loaded. */
const readWaiting = async (deployment: Session['deployment']): Promise<readonly Batch[]> => {
  const sealed = new Set((await deployment.records.list('batches/')).keys.map(toBatchName));
  const pending = (await deployment.records.list('pending/')).keys.map((key) => key.slice('pending/'.length));
  return pending
    .filter((name) => sealed.has(name))
    .map((name) => ({ feed: name.split('/')[0] ?? '', batch: name.split('/')[1] ?? '' }));
};

/** Loads what waits for its feed's cadence, whose time is not awaited, to the end. */
const loadWaiting = async ({ cloud, deployment }: Session, at: Date, signal: AbortSignal): Promise<void> => {
  const feeds = new Set((await readWaiting(deployment)).map(({ feed }) => feed));
  if ((await fireLoads(cloud, feeds, at)) > 0) await cloud.idle({ signal });
};

/** A folder of this machine has one deployment, which needs no name. */
const SOURCE = deploymentNames().eventSource;

/** Starts Load for what an earlier round left: whatever hindered it then may be over. */
const loadNext = ({ cloud }: Session, feed: string): Promise<void> =>
  cloud.putEvent({ source: SOURCE, detailType: EVENT.loadNext, detail: { feed } });

const isOver = ({ status }: { status: string }): boolean => status !== 'DUE' && status !== 'RUNNING';

/** `batches/<feed>/<yyyy>/<mm>/<dd>/<batch>.json` to `<feed>/<batch>`, as pending/ names it. */
const toBatchName = (key: string): string => {
  const parts = key.split('/');
  return `${parts[1]}/${parts.at(-1)?.replace(/\.json$/, '')}`;
};

const scheduleInput = z.object({ feed: z.string(), compares: z.boolean().default(false) });

const findSchedule = ({ cloud }: Session, feed: string, compares: boolean): string | undefined =>
  cloud.schedules().find(({ input }) => {
    const { data } = scheduleInput.safeParse(JSON.parse(input));
    return data?.feed === feed && data.compares === compares;
  })?.name;

const fireComparison = async (session: Session, { feed }: Feed, at: Date): Promise<void> => {
  const schedule = findSchedule(session, feed, true);
  if (schedule !== undefined) await session.cloud.fireSchedule(schedule, at);
};

/** Fires a feed's schedule; one without is started by the event that continues a chain, as its first link. */
const fire = async (session: Session, { feed, source }: Feed, at: Date): Promise<void> => {
  if (source.kind === 's3') return;
  const { cloud } = session;
  const schedule = findSchedule(session, feed, false);
  if (schedule !== undefined) {
    await cloud.fireSchedule(schedule, at);
    return;
  }
  const scheduledTime = at.toISOString();
  const detail = { feed, scheduledTime, generation: 0, correlation: `${feed}-${scheduledTime}` };
  await cloud.putEvent({ source: SOURCE, detailType: EVENT.continue, detail });
};

const reportFeeds = async (
  session: Session,
  work: Work,
  context: State & { readonly failures: readonly Failure[] },
): Promise<{ readonly feeds: Record<string, FeedReport>; readonly parked: readonly Failure[] }> => {
  const { deployment } = session;
  const keys = (await deployment.records.list('batches/')).keys.filter(
    (key) => !context.settledBatches.has(key),
  );
  const worked = new Set([...work.feeds.map(({ feed }) => feed), ...work.files.map(({ feed }) => feed)]);
  const reports: Record<string, FeedReport> = {};
  const failed: Failure[] = [];
  for (const feed of session.feeds) {
    const own = keys.filter((key) => key.startsWith(`batches/${feed.feed}/`));
    if (own.length === 0 && !worked.has(feed.feed)) continue;
    const report = await reportFeed(session, feed, own, context.failures);
    const parked = await tellParked(deployment, feed, { ...context, options: deployment.options });
    failed.push(...parked.failures);
    const unchanged = await readUnchanged(deployment, feed.feed, context.unchanged);
    const standing = [...(await tellPaused(deployment, feed)), ...(await tellAsked(deployment, feed.feed))];
    const warnings = [...report.warnings, ...parked.warnings, ...standing];
    reports[feed.feed] = { ...report, ...unchanged, warnings };
  }
  return { feeds: reports, parked: failed };
};

const reportFeed = async (
  { deployment, redactor }: Session,
  feed: Feed,
  keys: readonly string[],
  failures: readonly Failure[],
): Promise<FeedReport> => {
  const batches = await Promise.all(
    keys.map(async (key) => readRecordText(key, (await deployment.records.read(key)) ?? '', batchRecord)),
  );
  const rowCounts = await readRowCounts(deployment, targetTables(feed.contract));
  const ledger = await readLedger(
    deployment,
    feed.feed,
    batches.map(({ batch }) => batch),
  );
  const failed = failures.filter((failure) => failure.feed === feed.feed);
  const firstRejects = await readFirstRejects(feed.feed, batches, failed, deployment);
  const marking = [...rowCounts.keys()].filter((table) => marksRows(feed.contract, table));
  const report = { ...toFeedReport(batches, ledger, rowCounts), marking };
  if (firstRejects === undefined) return report;
  return { ...report, firstRejects: { ...firstRejects, lines: firstRejects.lines.map(redactor.redact) } };
};

const tellPaused = async (
  { records, options }: Session['deployment'],
  { feed, paused }: Feed,
): Promise<readonly string[]> => {
  if (paused === true)
    return ['the feed is paused by its own file, so nothing of it starts: remove `paused: true` from it'];
  return (await records.read(toKey({ kind: 'paused', feed }))) === undefined
    ? []
    : [`the feed is paused, so nothing of it starts: npx millrace resume ${feed}${options}`];
};

/** Ranges that a person asked for, and that are not read to their end. */
const tellAsked = async (
  { records, options }: Session['deployment'],
  feed: string,
): Promise<readonly string[]> =>
  (await listAsked(feed, records)).map(
    ({ request, from, to }) =>
      `backfill ${request}, ${from} to ${to}, is not read to its end: npx millrace status ${feed}${options} says what it waits for`,
  );

/** What the newest record of this round says, if there is one. */
const readUnchanged = async (
  deployment: Session['deployment'],
  feed: string,
  before: ReadonlySet<string>,
): Promise<Pick<FeedReport, 'unchangedSince'>> => {
  const key = (await deployment.records.list(`unchanged/${feed}/`)).keys.findLast((one) => !before.has(one));
  if (key === undefined) return {};
  const { since } = readRecordText(key, (await deployment.records.read(key)) ?? '', unchangedRecord);
  return { unchangedSince: since };
};

const reportFailures = async (
  { cloud, deployment, failureLog }: Session,
  before: State,
): Promise<readonly Failure[]> => {
  const executions = cloud.executions().filter(({ id }) => !before.executions.has(id));
  const keys = (await deployment.records.list('parked/')).keys.filter((key) => !before.parked.has(key));
  const parked: ParkedRecord[] = [];
  for (const key of keys)
    parked.push(readRecordText(key, (await deployment.records.read(key)) ?? '', parkedRecord));
  const told = toFailures(executions, parked, failureLog);
  const waiting = await readWaiting(deployment);
  return [...told, ...waiting.filter(({ feed }) => !told.some((one) => one.feed === feed)).map(toWaiting)];
};

/** A load that is neither over nor under way: its error passes, and the sweep takes it up. */
const toWaiting = ({ feed, batch }: Batch): Failure => ({
  feed,
  batch,
  state: 'Load',
  error: 'NotLoaded',
  message: 'the batch is sealed and not loaded; the sweep, every 15 minutes, or a later run takes it up',
});
