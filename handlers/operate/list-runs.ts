import { type BatchRecord, batchRecord, type PlanRecord, planRecord } from '../../shared/state/records.ts';
import { readEach } from '../read-each.ts';
import { readKnownRecord } from '../records.ts';
import { readSealed } from '../sweep/staged-batches.ts';
import { isAskedFor, readCancelled } from './asked-range.ts';
import { batchOf, itemsSince, toIso } from './dated-records.ts';
import { type LoadStory, loadsSince } from './loads-of.ts';
import type { LookDeps } from './operate-deps.ts';
import { listSkipped } from './skip-batch.ts';

/** The batches of a feed, as they came. */

/**
 * `reading`: planned and not sealed yet. `pending`: sealed, and in no load yet. `loaded` counts a batch without a row, too. `skipped`: parked, and
 * left for good. `cancelled`: of a range that a person gave up before it was sealed. `superseded`: parked, and nobody has to look at it, as a newer version of its object, or a later comparison, is loaded.
 */
export type RunState =
  | 'reading'
  | 'pending'
  | 'loading'
  | 'loaded'
  | 'parked'
  | 'skipped'
  | 'superseded'
  | 'cancelled';

export interface Run {
  readonly batch: string;
  readonly state: RunState;
  /** What it covers: a window's bounds, or the landed object's key. */
  readonly covers: string;
  /** When it was planned; of a landed object, when that was put. */
  readonly observed: string;
  readonly sealedAt: string | undefined;
  readonly loadedAt: string | undefined;
  readonly records: number;
  readonly rows: number;
  readonly rejects: number;
  readonly warnings: readonly string[];
}

/** Batches that are told; a feed of files may have thousands a day. */
export const MOST_RUNS = 1_000;

/** Those that were sealed or loaded since a time, or are not sealed, the newest first, MOST_RUNS at most. */
export const listRuns = async (feed: string, sinceMs: number, deps: LookDeps): Promise<readonly Run[]> => {
  const known = await readKnown(feed, sinceMs, deps);
  const items: { readonly key: string; readonly lastModifiedMs: number }[] = [];
  for await (const item of itemsSince(deps, `batches/${feed}/`, sinceMs)) {
    items.push(item);
    if (items.length === MOST_RUNS) break;
  }
  const sealed = await readEach(items, async ({ key, lastModifiedMs }) =>
    toRun(await readKnownRecord(deps.records, key, batchRecord), lastModifiedMs, known),
  );
  const listed = new Set(sealed.map(({ batch }) => batch));
  const late = await listLate(feed, { sinceMs, known, listed }, deps);
  const names = new Set([...sealed, ...late].map(({ batch }) => batch));
  const unsealed = await listUnsealed(feed, { sinceMs, known, sealed: names }, deps);
  const isBefore = (a: Run, b: Run): boolean => (a.sealedAt ?? a.observed) < (b.sealedAt ?? b.observed);
  return [...unsealed, ...late, ...sealed].toSorted((a, b) => (isBefore(a, b) ? 1 : -1)).slice(0, MOST_RUNS);
};

/** What lies under an older day, since it reads what is long past: its load, or that it waits for one, tells of it. */
const listLate = async (
  feed: string,
  { sinceMs, known, listed }: Omit<Unsealed, 'sealed'> & { readonly listed: ReadonlySet<string> },
  { records }: LookDeps,
): Promise<readonly Run[]> => {
  const others = [...new Set([...known.loads.keys(), ...known.pending])].filter(
    (batch) => !listed.has(batch),
  );
  const found = await readEach(others.slice(0, MOST_RUNS), async (batch) => {
    const record = await readSealed(feed, batch, records);
    if (record === undefined) return [];
    const run = toRun(record, Date.parse(record.observed), known);
    const isNew = known.loads.has(batch) || Date.parse(run.sealedAt ?? run.observed) >= sinceMs;
    return isNew ? [run] : [];
  });
  return found.flat();
};

/** What other records say of batches. */
interface Known {
  readonly parked: ReadonlySet<string>;
  readonly skipped: ReadonlySet<string>;
  readonly pending: ReadonlySet<string>;
  readonly loads: ReadonlyMap<string, LoadStory>;
}

const readKnown = async (feed: string, sinceMs: number, deps: LookDeps): Promise<Known> => {
  const namesBelow = async (folder: string): Promise<ReadonlySet<string>> =>
    new Set((await deps.records.list(`${folder}/${feed}/`)).keys.flatMap((key) => batchOf(key) ?? []));
  const loads = new Map<string, LoadStory>();
  for await (const load of loadsSince(feed, sinceMs, deps))
    for (const batch of load.batches) if (!loads.has(batch)) loads.set(batch, load);
  const skipped = await listSkipped(feed, deps);
  return { parked: await namesBelow('parked'), skipped, pending: await namesBelow('pending'), loads };
};

const toState = (batch: string, { parked, skipped, pending, loads }: Known): RunState => {
  if (parked.has(batch)) return skipped.has(batch) ? 'skipped' : 'parked';
  if (loads.get(batch)?.outcome === 'in flight') return 'loading';
  return pending.has(batch) ? 'pending' : 'loaded';
};

/** `sealedMs` is when S3 says that it was put, in whole seconds: records of older releases say no time. */
const toRun = (record: BatchRecord, sealedMs: number, known: Known): Run => {
  const { batch, observed, sealedAt = toIso(sealedMs), records, tables, rejects, warnings } = record;
  const load = known.loads.get(batch);
  return {
    ...{ batch, covers: coverOf(record), observed, records, warnings },
    state: toState(batch, known),
    sealedAt,
    loadedAt: load?.outcome === 'loaded' ? load.settledAt : undefined,
    rows: Object.values(tables).reduce((sum, { rows }) => sum + rows, 0),
    rejects: rejects.rows,
  };
};

/** Of one that is not parked. */
export const toUnsealedState = async (
  feed: string,
  batch: string,
  records: LookDeps['records'],
): Promise<'reading' | 'cancelled'> =>
  isAskedFor(batch) && (await readCancelled(feed, batch, records)) !== undefined ? 'cancelled' : 'reading';

/** What a batch covers, for people. */
export const coverOf = ({ window, object }: Pick<PlanRecord, 'window' | 'object'>): string =>
  object?.key ?? (window === undefined ? 'all' : `${window.from} to ${window.to}`);

/** Plans of which it is looked for a seal, three calls each. */
const MOST_UNSEALED = 200;

interface Unsealed {
  readonly sinceMs: number;
  readonly known: Known;
  /** Batches that are known to be sealed. */
  readonly sealed: ReadonlySet<string>;
}

/** Plans without a seal: parked ones, and of others those that were made since. */
const listUnsealed = async (
  feed: string,
  { sinceMs, known, sealed }: Unsealed,
  deps: LookDeps,
): Promise<readonly Run[]> => {
  const runs = new Map<string, Run>();
  const plans: string[] = [];
  for await (const { key, lastModifiedMs } of deps.inventory.list(`plans/${feed}/`)) {
    const batch = batchOf(key);
    if (batch === undefined || sealed.has(batch)) continue;
    if (known.parked.has(batch) || lastModifiedMs >= sinceMs) plans.push(key);
  }
  for (const key of plans.slice(-MOST_UNSEALED)) {
    const batch = batchOf(key) ?? '';
    if (runs.has(batch) || (await readSealed(feed, batch, deps.records)) !== undefined) continue;
    const plan = await readKnownRecord(deps.records, key, planRecord);
    runs.set(batch, {
      ...{ batch, covers: coverOf(plan), observed: plan.observed, warnings: plan.warnings ?? [] },
      ...{ sealedAt: undefined, loadedAt: undefined, records: 0, rows: 0, rejects: 0 },
      state: known.parked.has(batch)
        ? toState(batch, known)
        : await toUnsealedState(feed, batch, deps.records),
    });
  }
  return [...runs.values()];
};
