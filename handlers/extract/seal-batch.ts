import { isComparison, toKey } from '../../shared/state/keys.ts';
import type { BatchThread, SealBatchInput, SealBatchOutput } from '../../shared/state/messages.ts';
import {
  type BatchRecord,
  batchRecord,
  type PlanRecord,
  pendingRecord,
  planRecord,
} from '../../shared/state/records.ts';
import { refusalRecord } from '../../shared/state/restart-records.ts';
import { stagedBytes } from '../../shared/state/staged-bytes.ts';
import { putDayMark } from '../attention/marks.ts';
import { tellRejects } from '../attention/read-rejects.ts';
import { endBackfill } from '../end-backfill.ts';
import type { Clock } from '../ports/clock.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Tracer } from '../ports/tracer.ts';
import { putRecord, readKnownRecord, readRecord } from '../records.ts';
import { toTraceMark } from '../trace-mark.ts';
import { collectSteps } from './collect-steps.ts';
import { releaseLease } from './lease.ts';
import { planNameOf } from './plan-name.ts';
import { findUnfit, sumSteps, warningsOf } from './sum-steps.ts';
import type { TargetRules } from './target-rules.ts';
import { findUnchanged, toKnowledge } from './unchanged.ts';

export interface SealBatchDeps {
  readonly records: RecordStore;
  readonly tracer: Tracer;
  readonly clock: Clock;
  readonly targets: TargetRules;
  readonly metrics: Metrics;
  readonly invocation: string;
}

/**
 * Seals a batch whose slices are all complete: from then on it exists, and is loaded whole. Whichever seal is put
 * first is the batch. Then says whether an execution has to follow: for unfinished slices, or for the next window.
 */
export const sealBatch = async (
  { thread, isSpooling }: SealBatchInput,
  deps: SealBatchDeps,
): Promise<SealBatchOutput> => {
  const plan = await readKnownRecord(deps.records, thread.planKey, planRecord);
  const key = toKey({ kind: 'batch', feed: plan.feed, date: plan.date, batch: plan.batch });

  const sealed = (await readRecord(deps.records, key, batchRecord)) ?? (await seal(plan, key, thread, deps));
  // Landed objects are read side by side: only the one reader of a server has a lease.
  if (plan.object === undefined) await releaseLease(deps.records, plan.feed, thread.execution);
  if (sealed === 'unfinished' && (await isUnchanged(plan, deps.records))) {
    return { outcome: 'done', feed: plan.feed, batch: plan.batch };
  }
  if (sealed === 'unfinished' && isSpooling === true) {
    return { outcome: 'spooling', feed: plan.feed, batch: plan.batch };
  }
  if (sealed === 'unfinished' || hasNextWindow(sealed, thread)) return toContinue(plan, thread, sealed);
  // Its last stretch is sealed. What is asked for of landed files ends by the sweep, which alone knows them all, and a rebuild by its swap.
  if (plan.window !== undefined && thread.backfill !== undefined && thread.backfill.rebuilds === undefined)
    await endBackfill(plan.feed, thread.backfill, deps.invocation, deps.records);
  return { outcome: 'done', feed: plan.feed, batch: plan.batch };
};

/** Whether the server said that there is nothing new to seal. */
const isUnchanged = async (plan: PlanRecord, records: RecordStore): Promise<boolean> =>
  plan.known !== undefined && (await findUnchanged(records, plan, plan.definition)) !== undefined;

const seal = async (
  plan: PlanRecord,
  key: string,
  thread: BatchThread,
  deps: SealBatchDeps,
): Promise<BatchRecord | 'unfinished'> => {
  const { records, targets, tracer, clock, invocation } = deps;
  if (plan.expands === true) return 'unfinished'; // the next execution plans what to read
  const collected = await collectSteps(records, plan);
  if (collected === 'unfinished') return 'unfinished';
  const { contract } = plan.definition;
  const sum = sumSteps(contract, collected.steps);
  const unfit = findUnfit(plan, sum);
  if (unfit !== undefined) {
    await refuse(plan, collected.restart, unfit, { records, invocation });
    throw unfit;
  }

  const { feed, batch, observed, window, object } = plan;
  const validators = toKnowledge(plan, collected.steps);
  const at = new Date(clock.now()).toISOString();
  const record: BatchRecord = {
    feed,
    batch,
    seal: invocation,
    observed,
    sealedAt: at,
    contract,
    ...sum.content,
    warnings: [...(plan.warnings ?? []), ...warningsOf(plan.definition, sum)],
    correlation: thread.correlation,
    ...(window === undefined ? {} : { window }),
    ...(object === undefined ? {} : { object }),
    ...toTraceMark(tracer.traceId()),
    ...(validators === undefined ? {} : { validators }),
  };
  await targets.keep(contract, invocation);
  // Before the seal, so that no sealed batch is ever missing from what is pending; loaders pass over the unsealed.
  const pending = { invocation, key, at, bytes: stagedBytes(record) };
  await putRecord(records, toKey({ kind: 'pending', feed, batch }), pending, pendingRecord);
  await markRejects(record, deps);
  const sealed = await putRecord(records, key, record, batchRecord);
  if (sealed.seal === invocation) measure(sealed, collected, deps);
  return sealed;
};

/** Below the limit that fails a batch nothing else tells of them. Before the seal, so that no seal is without it. */
const markRejects = async (record: BatchRecord, deps: SealBatchDeps) => {
  const { feed, batch, rejects } = record;
  if (rejects.rows === 0) return;
  await putDayMark(feed, 'rejects', { batch, message: tellRejects(record) }, deps);
};

const measure = (
  { feed, records, tables, rejects, bytes }: BatchRecord,
  { steps, restart }: Exclude<Awaited<ReturnType<typeof collectSteps>>, 'unfinished'>,
  { metrics }: SealBatchDeps,
): void => {
  const rows = Object.values(tables).reduce((sum, table) => sum + table.rows, 0);
  const requests = steps.reduce((sum, { pages }) => sum + pages, 0);
  metrics.put(feed, { records, rows, rejects: rejects.rows, bytes, requests, retries: restart });
};

/** What was read is never sealed under this plan: the next execution asks the source again, as another restart. */
const refuse = async (
  plan: PlanRecord,
  restart: number,
  { name }: Error,
  { records, invocation }: Pick<SealBatchDeps, 'records' | 'invocation'>,
): Promise<void> => {
  const key = toKey({ kind: 'refusal', ...planNameOf(plan), restart });
  await putRecord(records, key, { invocation, error: name }, refusalRecord);
};

/** Whether this execution might read further than what is sealed now: a backlog in several windows, or a plan of an earlier schedule. */
const hasNextWindow = ({ window }: BatchRecord, { until }: BatchThread): boolean =>
  window !== undefined && until !== undefined && window.to < until;

const toContinue = (
  plan: PlanRecord,
  thread: BatchThread,
  sealed: BatchRecord | 'unfinished',
): SealBatchOutput => {
  const { object } = plan;
  return {
    outcome: 'continue',
    detail: {
      feed: plan.feed,
      // A landed object's sealed batch has nothing to follow it, so an object here is an unfinished one.
      ...(object === undefined || sealed !== 'unfinished'
        ? {}
        : { object: { bucket: object.bucket, key: object.key, versionId: object.versionId } }),
      ...(thread.scheduledTime === undefined ? {} : { scheduledTime: thread.scheduledTime }),
      ...(isComparison(plan.batch) ? { compares: true as const } : {}),
      ...(thread.backfill === undefined ? {} : { backfill: thread.backfill }),
      generation: thread.generation + 1,
      correlation: thread.correlation,
    },
  };
};
