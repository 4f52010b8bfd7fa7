import { BatchParked, InvalidInput, TargetChanged } from '../../shared/errors.ts';
import type { Feed, FeedsFile, HttpSource } from '../../shared/model/feed.ts';
import { rebuiltFeed } from '../../shared/model/rebuilt.ts';
import type { Redactor } from '../../shared/redact/redactor.ts';
import { comparisonOf } from '../../shared/source/comparison.ts';
import { toKey, toStamp } from '../../shared/state/keys.ts';
import type { PlanBatchInput, PlanBatchOutput } from '../../shared/state/messages.ts';
import { type PlanRecord, parkedRecord, planRecord } from '../../shared/state/records.ts';
import { noteUnread } from '../attention/marks.ts';
import { readCancelledAt } from '../cancelled.ts';
import { pausedReason } from '../paused.ts';
import type { Clock } from '../ports/clock.ts';
import type { ObjectStreams } from '../ports/object-streams.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Source, SourceClock } from '../ports/source.ts';
import type { Tracer } from '../ports/tracer.ts';
import { readStanding } from '../rebuild/standing.ts';
import { putRecord, readRecord } from '../records.ts';
import { toTraceMark } from '../trace-mark.ts';
import { type ExtractCall, refuseEndlessChain, toExtractCall } from './extract-call.ts';
import { releaseLease, takeLease } from './lease.ts';
import { type BatchOutline, type Idle, idle } from './outline.ts';
import { outlineBackfill } from './plan-backfill.ts';
import { outlineLanded } from './plan-landed.ts';
import { planNameOf } from './plan-name.ts';
import { outlineComparison, outlineScheduled } from './plan-window.ts';
import { STEP_TIMES, type StepTimes } from './step-times.ts';
import type { TargetRules } from './target-rules.ts';

/** A backfill gives the source free so soon that a schedule that waits for it, 141 s at most, has its turn. */
const BACKFILL_STEPS_MS = 100_000;

/** What one inline Map runs at once. */
const MAX_CONCURRENCY = 40;

export interface PlanBatchDeps {
  readonly feeds: FeedsFile;
  readonly records: RecordStore;
  readonly streams: ObjectStreams;
  readonly source: Source & SourceClock;
  readonly secrets: Secrets;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly invocation: string;
  readonly targets: TargetRules;
  readonly signal: AbortSignal;
  /** @default STEP_TIMES */
  readonly times?: StepTimes | undefined;
  /** Whose trace the records keep. @default - nothing is traced */
  readonly tracer?: Pick<Tracer, 'traceId'> | undefined;
}

/** Decides which batch an execution works on and fixes it in a plan; the first plan of one definition counts for all. */
export const planBatch = async (input: PlanBatchInput, deps: PlanBatchDeps): Promise<PlanBatchOutput> => {
  const { execution } = input;
  const call = toExtractCall(input.trigger, deps.feeds);
  refuseEndlessChain(call);
  const deployed = findFeed(call.feed, deps.feeds);
  const held =
    (await pausedReason(deps.records, call.feed, deployed)) ?? (await cancelledReason(call, deps.records));
  if (held !== undefined) return idle(call.feed, held);
  const feed = await toRead(deployed, call, deps);
  if ('outcome' in feed) return feed;

  const outline = await outlineUnderLease(feed, call, input, deps);
  if ('outcome' in outline) return outline;
  const waits = await checkTargets(feed, call, execution.id, deps);
  if (waits !== undefined) return waits;
  const plan = await putPlan(feed, outline, deps);

  return {
    outcome: 'planned',
    thread: {
      feed: feed.feed,
      batch: plan.batch,
      planKey: planKeyOf(plan),
      correlation: call.correlation ?? newCorrelation(call, plan.batch),
      generation: call.generation,
      ...(call.scheduledTime === undefined ? {} : { scheduledTime: call.scheduledTime }),
      ...(outline.until === undefined ? {} : { until: outline.until }),
      ...(call.backfill === undefined ? {} : { backfill: call.backfill }),
      deadline: toDeadline(input, call, deps),
      execution: input.execution.id,
    },
    slices: plan.slices.map(({ slice }) => slice),
    concurrency:
      feed.source.kind === 'http'
        ? Math.min(MAX_CONCURRENCY, Math.max(1, feed.source.concurrency))
        : Math.min(MAX_CONCURRENCY, plan.slices.length),
  };
};

/** Whoever goes on with a range that a person cancelled meanwhile ends here. */
const cancelledReason = async (
  { feed, backfill }: ExtractCall,
  records: RecordStore,
): Promise<string | undefined> => {
  const at = backfill && (await readCancelledAt(feed, backfill.request, records));
  return at && `backfill ${backfill?.request} is cancelled since ${at}`;
};

/** Refused by the tables as they are, a feed waits while they are being made anew: it reads on behind that. Throws TargetChanged. */
const checkTargets = async (
  { feed, source, contract }: Feed,
  { object, backfill }: ExtractCall,
  execution: string,
  deps: PlanBatchDeps,
): Promise<Idle | undefined> => {
  const { feeds, records, targets } = deps;
  try {
    await targets.check(contract);
    return undefined;
  } catch (error) {
    if (error instanceof TargetChanged && object !== undefined && backfill === undefined)
      await noteUnread(feed, deps);
    const rebuild =
      error instanceof TargetChanged ? await readStanding(feed, feeds[feed], records) : undefined;
    if (rebuild === undefined) throw error;
    if (source.kind === 'http') await releaseLease(records, feed, execution);
    return idle(feed, `${rebuild.table} is being rebuilt since ${rebuild.asked}, and reads on behind that`);
  }
};

/** What is read: the feed, its keys, or the feed into tables beside its own. */
const toRead = async (
  deployed: Feed,
  { compares, backfill }: ExtractCall,
  { records }: PlanBatchDeps,
): Promise<Feed | Idle> => {
  if (compares) return comparisonOf(deployed);
  if (backfill?.rebuilds === undefined) return deployed;
  const { request } = backfill;
  const rebuild = await readStanding(deployed.feed, deployed, records);
  return rebuild?.request === request
    ? rebuiltFeed(deployed, request)
    : idle(deployed.feed, `rebuild ${request} is over, or is not of the feed as it is deployed`);
};

const toDeadline = (
  { execution }: PlanBatchInput,
  { backfill }: ExtractCall,
  deps: PlanBatchDeps,
): string => {
  const { stepsMs } = deps.times ?? STEP_TIMES;
  const lastsMs = backfill === undefined ? stepsMs : Math.min(stepsMs, BACKFILL_STEPS_MS);
  return new Date(Date.parse(execution.startTime) + lastsMs).toISOString();
};

const findFeed = (name: string, feeds: FeedsFile): Feed => {
  const feed = Object.hasOwn(feeds, name) ? feeds[name] : undefined;
  if (feed !== undefined) return feed;
  throw new InvalidInput(
    `feed ${JSON.stringify(name)} is not deployed, known: ${Object.keys(feeds).join(' ')}`,
  );
};

/** Only http sources are spared a second fetch; an execution that finds nothing to do gives the lease back at once. */
const outlineUnderLease = async (
  feed: Feed,
  call: ExtractCall,
  { execution }: PlanBatchInput,
  deps: PlanBatchDeps,
): Promise<BatchOutline | Idle> => {
  if (feed.source.kind === 's3') {
    if (call.object === undefined)
      throw new InvalidInput(`feed ${feed.feed} reads landed objects and was started without one`);
    return unlessParked(
      feed,
      await outlineLanded(feed, feed.source, call.object, call.backfill, deps),
      deps.records,
    );
  }
  if (call.object !== undefined) return idle(feed.feed, 'the feed reads http, not landed objects');
  await takeLease(deps.records, feed.feed, {
    execution: execution.id,
    startMs: Date.parse(execution.startTime),
    nowMs: deps.clock.now(),
    givesWay: call.backfill !== undefined,
  });
  const outline = await unlessParked(feed, await outlineAsked(feed, feed.source, call, deps), deps.records);
  if ('outcome' in outline) await releaseLease(deps.records, feed.feed, execution.id);
  return outline;
};

const outlineAsked = (
  feed: Feed,
  source: HttpSource,
  { backfill, compares, scheduledTime }: ExtractCall,
  deps: PlanBatchDeps,
): Promise<BatchOutline | Idle> => {
  if (backfill !== undefined) return outlineBackfill(feed, source, backfill, deps);
  return (compares ? outlineComparison : outlineScheduled)(feed, source, scheduledTime, deps);
};

/** A parked object is left aside; a parked window stops its feed, so that every schedule tells of it. */
const unlessParked = async (
  { feed, source }: Feed,
  outline: BatchOutline | Idle,
  records: RecordStore,
): Promise<BatchOutline | Idle> => {
  if ('outcome' in outline) return outline;
  const key = toKey({ kind: 'parked', feed, batch: outline.batch });
  const parked = await readRecord(records, key, parkedRecord);
  if (parked === undefined) return outline;
  if (source.kind === 's3') return idle(feed, `${outline.batch} is parked`);
  throw new BatchParked(
    `${outline.batch} is parked since ${parked.parkedAt} by ${parked.error}: ${parked.message}; status says what to do about it`,
  );
};

const putPlan = (
  feed: Feed,
  { until: _, slices, ...rest }: BatchOutline,
  deps: PlanBatchDeps,
): Promise<PlanRecord> => {
  const plan: PlanRecord = {
    feed: feed.feed,
    invocation: deps.invocation,
    ...toTraceMark(deps.tracer?.traceId()),
    observed: rest.object?.lastModified ?? new Date(deps.clock.now()).toISOString(),
    definition: feed,
    ...rest,
    slices: [...slices],
  };
  return putRecord(deps.records, planKeyOf(plan), plan, planRecord);
};

const planKeyOf = (plan: PlanRecord): string => toKey({ kind: 'plan', ...planNameOf(plan) });

/** A schedule's chain is named by its time, a landed object's and a comparison's by its batch: the same for every duplicate. */
const newCorrelation = ({ feed, scheduledTime, compares }: ExtractCall, batch: string): string =>
  `${feed}-${scheduledTime === undefined || compares ? batch : toStamp(Date.parse(scheduledTime))}`;
