import { parseKeyIfOurs, stepsPrefix, toKey } from '../../shared/state/keys.ts';
import {
  batchRecord,
  type PlanRecord,
  parkedRecord,
  planRecord,
  type StepRecord,
  stepRecord,
} from '../../shared/state/records.ts';
import { planNameOf } from '../extract/plan-name.ts';
import { readEach } from '../read-each.ts';
import { readKnownRecord, readRecord } from '../records.ts';
import { batchOf } from './dated-records.ts';
import type { LookDeps } from './operate-deps.ts';

/** What a feed's batches were, as far as it says what they cost. */

export interface BatchWork {
  readonly batch: string;
  /** Of all tables; 0 where it is not sealed. */
  readonly rows: number;
  /** Of all part files that its steps put, those that no seal names too. */
  readonly stagedBytes: number;
  /** Of the executions that put its records; none where nothing was traced. */
  readonly traceIds: readonly string[];
}

export interface FeedPlans {
  /** When the first one was put of all that are kept, in epoch milliseconds; undefined where there is none. */
  readonly firstMs: number | undefined;
  /** Keys of those that were put since a time, by their batch. */
  readonly batches: ReadonlyMap<string, readonly string[]>;
}

/** The plans of a feed, by listing alone. */
export const listPlans = async (
  feed: string,
  sinceMs: number,
  { inventory }: Pick<LookDeps, 'inventory'>,
): Promise<FeedPlans> => {
  let firstMs: number | undefined;
  const batches = new Map<string, string[]>();
  for await (const { key, lastModifiedMs } of inventory.list(`plans/${feed}/`)) {
    const batch = batchOf(key);
    if (batch === undefined) continue;
    firstMs = Math.min(firstMs ?? lastModifiedMs, lastModifiedMs);
    if (lastModifiedMs >= sinceMs) batches.set(batch, [...(batches.get(batch) ?? []), key]);
  }
  return { firstMs, batches };
};

/** What became of plans, in the order of the listing. */
export const readWork = (
  { batches }: FeedPlans,
  records: LookDeps['records'],
): Promise<readonly BatchWork[]> =>
  readEach([...batches], async ([batch, keys]) => {
    const plans = await readSome(keys, (key) => readKnownRecord(records, key, planRecord));
    const steps = await readSome(plans, (plan) => readSteps(plan, records));
    return toWork(batch, plans, steps.flat(), await readEnd(plans[0], records));
  });

/** One after the other: batches are read side by side. */
const readSome = async <Item, Result>(
  items: readonly Item[],
  read: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> => {
  const results: Result[] = [];
  for (const item of items) results.push(await read(item));
  return results;
};

const readSteps = async (plan: PlanRecord, records: LookDeps['records']): Promise<readonly StepRecord[]> => {
  const { keys } = await records.list(stepsPrefix(planNameOf(plan)));
  const ofSteps = keys.filter((key) => parseKeyIfOurs(key)?.kind === 'step');
  return readSome(ofSteps, (key) => readKnownRecord(records, key, stepRecord));
};

interface End {
  readonly rows: number;
  readonly traceIds: readonly string[];
}

const readEnd = async (plan: PlanRecord | undefined, records: LookDeps['records']): Promise<End> => {
  if (plan === undefined) return { rows: 0, traceIds: [] };
  const { feed, batch, date } = plan;
  const sealed = await readRecord(records, toKey({ kind: 'batch', feed, date, batch }), batchRecord);
  // A sealed batch that is parked was parked by its load, whose records name the trace.
  const parked =
    sealed === undefined
      ? await readRecord(records, toKey({ kind: 'parked', feed, batch }), parkedRecord)
      : undefined;
  const rows = Object.values(sealed?.tables ?? {}).reduce((sum, table) => sum + table.rows, 0);
  return { rows, traceIds: [sealed, parked].flatMap((one) => one?.traceId ?? []) };
};

const toWork = (
  batch: string,
  plans: readonly PlanRecord[],
  steps: readonly StepRecord[],
  end: End,
): BatchWork => {
  const parts = steps
    .flatMap(({ tables, rejects }) => [...Object.values(tables), rejects])
    .flatMap((table) => table.parts);
  const traceIds = [...plans, ...steps].flatMap(({ traceId }) => traceId ?? []);
  return {
    batch,
    rows: end.rows,
    stagedBytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    traceIds: [...new Set([...traceIds, ...end.traceIds])],
  };
};
