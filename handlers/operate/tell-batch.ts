import { parseKeyIfOurs, refusalsPrefix, stepsPrefix, toKey } from '../../shared/state/keys.ts';
import type { FailureRecord } from '../../shared/state/operate-records.ts';
import {
  type BatchRecord,
  batchRecord,
  type ParkedRecord,
  type PlanRecord,
  parkedRecord,
  planRecord,
  type StepRecord,
  stepRecord,
} from '../../shared/state/records.ts';
import { refusalRecord } from '../../shared/state/restart-records.ts';
import { planNameOf } from '../extract/plan-name.ts';
import { readEach } from '../read-each.ts';
import { readKnownRecord, readRecord } from '../records.ts';
import { readBatchFailures } from './batch-failures.ts';
import { toIso } from './dated-records.ts';
import { coverOf, type RunState, toUnsealedState } from './list-runs.ts';
import { type LoadStory, loadsSince } from './loads-of.ts';
import type { LookDeps } from './operate-deps.ts';

/** The whole story of one batch, as its records have it. */

export interface BatchStory {
  readonly feed: string;
  readonly batch: string;
  readonly state: RunState;
  readonly covers: string;
  /** One a definition of the feed that it was planned under. */
  readonly plans: readonly PlanStory[];
  readonly seal: SealStory | undefined;
  /** Those that had it, the oldest first. */
  readonly loads: readonly LoadStory[];
  readonly parked: ParkedRecord | undefined;
  /** What it failed of and is tried again, the newest first; none once it is sealed or parked. */
  readonly failures: readonly FailureRecord[];
}

export interface PlanStory {
  readonly plan: string;
  readonly at: string;
  readonly slices: number;
  readonly steps: readonly StepStory[];
  /** What was read and unfit to seal, or given up: it was, or will be, read again. */
  readonly refusals: readonly { readonly restart: number; readonly at: string; readonly error: string }[];
}

export interface StepStory extends Pick<StepRecord, 'at' | 'pages' | 'records' | 'bytes'> {
  readonly slice: number;
  readonly restart: number;
  readonly step: number;
  readonly partition: string;
  /** Since the slice's step before it, or the plan. */
  readonly ms: number;
  readonly rows: number;
  readonly rejects: number;
  /** Whether the slice is complete with it. */
  readonly isLast: boolean;
}

export interface SealStory
  extends Pick<BatchRecord, 'records' | 'bytes' | 'outside' | 'warnings' | 'correlation'> {
  readonly at: string;
  readonly seal: string;
  readonly rejects: number;
  readonly rows: Readonly<Record<string, number>>;
  readonly traceId: string | undefined;
}

/** The feeds that planned a batch of this name: those of windows name a time, and may be of several. */
export const findFeedsOf = async (
  batch: string,
  { records }: Pick<LookDeps, 'records'>,
): Promise<readonly string[]> => {
  const { folders } = await records.list('plans/', '/');
  const names = folders.map((folder) => folder.slice('plans/'.length, -1));
  const found = await readEach(names, async (feed) => {
    const { keys } = await records.list(`plans/${feed}/${batch}/`);
    return keys.length === 0 ? [] : [feed];
  });
  return found.flat();
};

/** Undefined where the feed has no batch of that name. */
export const tellBatch = async (
  feed: string,
  batch: string,
  deps: LookDeps,
): Promise<BatchStory | undefined> => {
  const { records, inventory } = deps;
  const plans: { readonly key: string; readonly atMs: number; readonly plan: PlanRecord }[] = [];
  for await (const { key, lastModifiedMs } of inventory.list(`plans/${feed}/${batch}/`))
    plans.push({ key, atMs: lastModifiedMs, plan: await readKnownRecord(records, key, planRecord) });
  const [first] = plans;
  if (first === undefined) return undefined;
  const seal = await readSeal(first.plan, deps);
  const loads = seal === undefined ? [] : await findLoads(feed, batch, Date.parse(seal.at), deps);
  const parked = await readRecord(records, toKey({ kind: 'parked', feed, batch }), parkedRecord);
  return {
    feed,
    batch,
    state: await toState(feed, batch, { seal, loads, parked }, deps),
    covers: coverOf(first.plan),
    plans: await readEach(plans, ({ key, atMs, plan }) => tellPlan(key, atMs, plan, deps)),
    seal,
    loads,
    parked,
    failures: seal === undefined && parked === undefined ? await readBatchFailures(feed, batch, records) : [],
  };
};

const toState = async (
  feed: string,
  batch: string,
  { seal, loads, parked }: Pick<BatchStory, 'seal' | 'loads' | 'parked'>,
  { records }: LookDeps,
): Promise<RunState> => {
  if (parked !== undefined) {
    const isSkipped = (await records.read(toKey({ kind: 'skipped', feed, batch }))) !== undefined;
    return isSkipped ? 'skipped' : 'parked';
  }
  if (seal === undefined) return toUnsealedState(feed, batch, records);
  if (loads.some(({ outcome }) => outcome === 'in flight')) return 'loading';
  const isPending = (await records.read(toKey({ kind: 'pending', feed, batch }))) !== undefined;
  return isPending ? 'pending' : 'loaded';
};

/** Of a batch's first plan: all have one date. */
const readSeal = async (
  { feed, batch, date }: PlanRecord,
  { records, inventory }: LookDeps,
): Promise<SealStory | undefined> => {
  const key = toKey({ kind: 'batch', feed, date, batch });
  const record = await readRecord(records, key, batchRecord);
  if (record === undefined) return undefined;
  let atMs = Date.parse(record.observed);
  for await (const item of inventory.list(key)) atMs = item.lastModifiedMs;
  const { tables, rejects, seal, outside, warnings, correlation, traceId, bytes } = record;
  const rows = Object.fromEntries(Object.entries(tables).map(([table, { rows: n }]) => [table, n]));
  return {
    ...{
      at: record.sealedAt ?? toIso(atMs),
      seal,
      records: record.records,
      bytes,
      outside,
      warnings,
      correlation,
      traceId,
    },
    rows,
    rejects: rejects.rows,
  };
};

/** S3 tells whole seconds, and a load is planned by its own clock. */
const CLOCKS_DIFFER_MS = 5_000;

const findLoads = async (
  feed: string,
  batch: string,
  sealedMs: number,
  deps: LookDeps,
): Promise<readonly LoadStory[]> => {
  const found: LoadStory[] = [];
  for await (const load of loadsSince(feed, sealedMs - CLOCKS_DIFFER_MS, deps))
    if (load.batches.includes(batch)) found.unshift(load);
  return found;
};

const tellPlan = async (key: string, atMs: number, plan: PlanRecord, deps: LookDeps): Promise<PlanStory> => {
  const name = planNameOf(plan);
  const partitions = new Map(plan.slices.map(({ slice, partition }) => [slice, partition.name]));
  const { keys } = await deps.records.list(stepsPrefix(name));
  const read = await readEach(keys, async (stepKey) => {
    const of = parseKeyIfOurs(stepKey);
    return of?.kind === 'step'
      ? [{ ...of, record: await readKnownRecord(deps.records, stepKey, stepRecord) }]
      : [];
  });
  const before = new Map<number, number>();
  const steps = read.flat().map(({ slice, restart, step, record }): StepStory => {
    const { at, pages, records, bytes, tables, rejects, continuation } = record;
    const ms = Math.max(0, Date.parse(at) - (before.get(slice) ?? atMs));
    before.set(slice, Date.parse(at));
    return {
      ...{ slice, restart, step, partition: partitions.get(slice) ?? '', at, ms, pages, records, bytes },
      rows: Object.values(tables).reduce((sum, { rows }) => sum + rows, 0),
      rejects: rejects.rows,
      isLast: continuation === null,
    };
  });
  const refusals: PlanStory['refusals'][number][] = [];
  for await (const item of deps.inventory.list(refusalsPrefix(name))) {
    const of = parseKeyIfOurs(item.key);
    if (of?.kind !== 'refusal') continue;
    const { error } = await readKnownRecord(deps.records, item.key, refusalRecord);
    refusals.push({ restart: of.restart, at: toIso(item.lastModifiedMs), error });
  }
  return { plan: key, at: toIso(atMs), slices: plan.slices.length, steps, refusals };
};
