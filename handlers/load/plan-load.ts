import { InvalidInput } from '../../shared/errors.ts';
import { isDue } from '../../shared/model/load-cadence.ts';
import { dispositionOf } from '../../shared/sql/dispositions/registry.ts';
import { MAX_BATCHES, mostBatches } from '../../shared/sql/load-statements.ts';
import { parseKey, toKey } from '../../shared/state/keys.ts';
import { toThread } from '../../shared/state/load-name.ts';
import type { LoadTrigger, PlanLoadInput, PlanLoadOutput } from '../../shared/state/messages.ts';
import {
  type BatchRecord,
  batchRecord,
  type PendingRecord,
  pendingRecord,
  settledRecord,
} from '../../shared/state/records.ts';
import { stagedBytes } from '../../shared/state/staged-bytes.ts';
import { pausedReason } from '../paused.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Tracer } from '../ports/tracer.ts';
import { READ_AT_ONCE, readEach } from '../read-each.ts';
import { type Taking, toTaking } from '../rebuild/standing.ts';
import { readRecord } from '../records.ts';
import { type Due, type DueDeps, findDue, maxBytesOf, toWaiting } from './due-batches.ts';
import { findGathering, type Gathering, type SeenGathering, toGatheringReason } from './gathering.ts';
import { type Load, readNewestLoad, readNewestSubmission } from './load-records.ts';
import { planSwap } from './plan-swap.ts';
import { type Candidate, idle, putLoad } from './put-load.ts';
import { suspectsOf } from './suspects.ts';

/** Candidates that one plan looks at; the next load takes the rest. */
const MAX_CANDIDATES = 2 * MAX_BATCHES;

/** A planned load that nobody submitted for so long has lost its execution, which lives 5 minutes at most. */
export const PLAN_PATIENCE_MS = 6 * 60_000;

export interface PlanLoadDeps extends DueDeps {
  /** This invocation, named in the record. */
  readonly invocation: string;
  /** The load of each feed that was in flight when this process looked last. */
  readonly inFlight: Map<string, Load>;
  readonly gathering: SeenGathering;
  /** Whose trace the records keep. @default - nothing is traced */
  readonly tracer?: Pick<Tracer, 'traceId'> | undefined;
}

/**
 * Decides a feed's next load: pending batches that are sealed, oldest first, of one contract, as many as one
 * transaction holds; of a feed with a cadence those that are due. The decision is one put-if-absent record; all that follows is worked out from it, so that a crash
 * before it leaves nothing and a crash after it is taken up from it.
 */
export const planLoad = async (
  { trigger, execution }: PlanLoadInput,
  deps: PlanLoadDeps,
): Promise<PlanLoadOutput> => {
  const feed = feedOf(trigger);
  const isSeal = trigger.source === 'aws.s3';
  const seen = deps.gathering.get(feed);
  if (isSeal && seen !== undefined && deps.clock.now() < seen.untilMs)
    return idle(feed, toGatheringReason(seen));
  const due = await findDue(feed, trigger, deps);
  // What goes on with loads that follow each other is not for a seal to say, and seals are many.
  if (due !== undefined && !due.hasSome && isSeal) return idle(feed, due.reason);
  const newest = (await readInFlight(feed, deps)) ?? (await readNewestLoad(deps.records, feed));
  if (newest !== undefined && newest.settled === undefined) {
    deps.inFlight.set(feed, newest);
    return resume(newest, execution.id, deps);
  }

  const paused = await pausedReason(deps.records, feed, deps.feeds[feed]);
  if (paused !== undefined) return idle(feed, paused);
  const gathering = due === undefined ? await findGathering(feed, newest, deps) : undefined;
  const waitMs = (gathering?.untilMs ?? 0) - deps.clock.now();
  if (gathering !== undefined && waitMs > 0) {
    deps.gathering.set(feed, gathering);
    const told = idle(feed, toGatheringReason(gathering));
    // One waits for all: what asks after a load. Were it lost, the first seal after the wait would load.
    return isSeal ? told : { ...told, waitSeconds: Math.ceil(waitMs / 1000) };
  }
  return planNext({ feed, due, newest, gathering }, execution.id, deps);
};

interface Next {
  readonly feed: string;
  readonly due: Due | undefined;
  readonly newest: Load | undefined;
  readonly gathering: Gathering | undefined;
}

/** The load of what is pending, or the one that ends a rebuild. */
const planNext = async (
  { feed, due, newest, gathering }: Next,
  execution: string,
  deps: PlanLoadDeps,
): Promise<PlanLoadOutput> => {
  const taking = await toTaking(feed, deps.feeds[feed], deps.records);
  const look = { ...toLook(feed, due, newest), taking };
  const full = await markEmpty(await readCandidates(look, deps.records), deps.records);
  const suspects = full.filter(({ record: { batch } }) => look.suspects.has(batch));
  const maxBytes = maxBytesOf(feed, deps.feeds);
  const chosen =
    suspects.length > 0
      ? choose(suspects, Math.ceil(suspects.length / 2), maxBytes)
      : choose(full, MAX_BATCHES, maxBytes);
  const put = (chosen: readonly Candidate[]) =>
    putLoad({ chosen, suspects, newest, gathering, sealedUntilMs: look.untilMs }, { ...deps, execution });
  if (chosen.length > 0) return put(chosen);
  const [definition, { rebuild }] = [deps.feeds[feed], taking];
  if (rebuild === undefined || definition === undefined)
    return idle(feed, due?.reason ?? 'nothing is pending');
  const swap = await planSwap(definition, rebuild, deps);
  return typeof swap === 'string' ? idle(feed, swap) : put(swap);
};

/**
 * The load that this process saw in flight, while it still is. None is planned before it is settled, so it is the newest for so
 * long, and one read says so: each seal of two thousand landed objects asks, and nearly all are told just this.
 */
const readInFlight = async (feed: string, { records, inFlight }: PlanLoadDeps): Promise<Load | undefined> => {
  const known = inFlight.get(feed);
  if (known === undefined) return undefined;
  const settled = await readRecord(records, toKey({ kind: 'settled', ...known.name }), settledRecord);
  if (settled === undefined) return known;
  inFlight.delete(feed);
  return undefined;
};

const feedOf = (trigger: LoadTrigger): string => {
  if (trigger.source !== 'aws.s3') return trigger.detail.feed;
  const { key } = trigger.detail.object;
  const parsed = parseKey(key);
  if (parsed.kind === 'batch') return parsed.feed;
  throw new InvalidInput(`object key ${JSON.stringify(key)} is not a batch's`);
};

/**
 * A load is taken up again by the execution that planned it, which Express may run twice and Lambda may retry; and by any
 * other when that must have died before it submitted. Repeating a submission is harmless.
 */
const resume = async (
  { name, record }: Load,
  execution: string,
  { records, clock, feeds }: PlanLoadDeps,
): Promise<PlanLoadOutput> => {
  if (record.execution === execution) return { outcome: 'planned', thread: toThread(name, 1) };
  const inFlight = `load ${record.load} is in flight`;
  const isLost = clock.now() - Date.parse(record.plannedAt) > PLAN_PATIENCE_MS;
  if (!isLost || (await readNewestSubmission(records, name)) !== undefined)
    return idle(record.feed, inFlight);
  const paused = await pausedReason(records, record.feed, feeds[record.feed]);
  return paused === undefined ? { outcome: 'planned', thread: toThread(name, 1) } : idle(record.feed, paused);
};

/** What candidates are looked for by. */
interface Look {
  readonly feed: string;
  readonly due: Due | undefined;
  /** Loads that follow each other go on with what was due to the first of them. @default - everything is due */
  readonly untilMs: number | undefined;
  /** Batches of the newest load, which may have died while it marked them. */
  readonly loaded: ReadonlySet<string>;
  /** They are looked for at once, whatever the cadence. */
  readonly suspects: ReadonlySet<string>;
  readonly taking: Taking;
}

const toLook = (feed: string, due: Due | undefined, newest: Load | undefined): Omit<Look, 'taking'> => {
  const isLoaded = newest?.settled?.outcome === 'loaded';
  const goesOnUntil = newest?.record.sealedUntil;
  return {
    feed,
    due,
    untilMs: due && Math.max(due.untilMs, goesOnUntil === undefined ? 0 : Date.parse(goesOnUntil)),
    loaded: new Set(isLoaded ? newest.record.batches.map(({ batch }) => batch) : []),
    suspects: suspectsOf(newest),
  };
};

/** Sealed, due, not parked, not loaded. */
const readCandidates = async (look: Look, records: RecordStore): Promise<readonly Candidate[]> => {
  const due =
    look.due === undefined
      ? (await records.list(`pending/${look.feed}/`)).keys
      : [...look.due.pending].flatMap(([key, pending]) => (mayTake(key, pending, look) ? [key] : []));
  const keys = due.filter((key) => look.taking.takes(pendingOf(key).batch));
  if (keys.length === 0) return [];
  // Listed after what is pending: a batch is parked before it is taken off that.
  const parked = new Set((await records.list(`parked/${look.feed}/`)).keys);
  const candidates: Candidate[] = [];
  for (let at = 0; at < keys.length && candidates.length < MAX_CANDIDATES; ) {
    const group = keys.slice(at, at + Math.min(READ_AT_ONCE, MAX_CANDIDATES - candidates.length));
    const some = await readEach(group, (key) => readCandidate(key, parked, look, records));
    candidates.push(...some.filter((candidate) => candidate !== undefined));
    at += group.length;
  }
  const isBefore = (a: BatchRecord, b: BatchRecord) =>
    a.observed === b.observed ? a.batch < b.batch : a.observed < b.observed;
  return candidates.toSorted((a, b) => (isBefore(a.record, b.record) ? -1 : 1));
};

const mayTake = (key: string, pending: PendingRecord, { untilMs, suspects }: Look): boolean =>
  untilMs === undefined || isDue(toWaiting(pending), untilMs) || suspects.has(pendingOf(key).batch);

/** What no load takes any more is pending no longer. */
const readCandidate = async (
  pendingKey: string,
  parked: ReadonlySet<string>,
  { feed, due, loaded, taking }: Look,
  records: RecordStore,
): Promise<Candidate | undefined> => {
  const { batch } = pendingOf(pendingKey);
  if (loaded.has(batch) || parked.has(toKey({ kind: 'parked', feed, batch }))) {
    await records.remove(pendingKey);
    return undefined;
  }
  const pending = due?.pending.get(pendingKey) ?? (await readRecord(records, pendingKey, pendingRecord));
  const record = pending === undefined ? undefined : await readRecord(records, pending.key, batchRecord);
  if (pending === undefined || record === undefined) return undefined;
  if (!taking.isGivenUp(record)) return { key: pending.key, record };
  await records.remove(pendingKey);
  return undefined;
};

const pendingOf = (key: string): { readonly batch: string } => {
  const parsed = parseKey(key);
  if (parsed.kind !== 'pending') throw new InvalidInput(`key ${key} is not pending`);
  return parsed;
};

/** No row and no reject changes no table, except that an empty snapshot empties what it replaces. */
export const isEmpty = ({ contract, tables, rejects }: BatchRecord): boolean =>
  rejects.rows === 0 &&
  contract.swaps === undefined &&
  Object.values(tables).every(({ rows }) => rows === 0) &&
  !contract.tables.some((table) => dispositionOf(table).isWhole);

const markEmpty = async (
  candidates: readonly Candidate[],
  records: RecordStore,
): Promise<readonly Candidate[]> => {
  const empty = candidates.filter(({ record }) => isEmpty(record));
  await readEach(empty, ({ record: { feed, batch } }) =>
    records.remove(toKey({ kind: 'pending', feed, batch })),
  );
  return candidates.filter(({ record }) => !isEmpty(record));
};

/** The first always fits; the others are of its contract. A comparison of keys is alone. */
const choose = (candidates: readonly Candidate[], most: number, maxBytes: number): readonly Candidate[] => {
  const contract = candidates[0]?.record.contract;
  if (contract === undefined) return [];
  const atMost = Math.min(most, mostBatches(contract));
  const chosen: Candidate[] = [];
  let bytes = 0;
  for (const candidate of candidates.filter(({ record }) => record.contract.hash === contract.hash)) {
    bytes += stagedBytes(candidate.record);
    if (chosen.length === atMost || (chosen.length > 0 && bytes > maxBytes)) break;
    chosen.push(candidate);
  }
  return chosen;
};
