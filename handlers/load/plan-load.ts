import { InvalidInput } from '../../shared/errors.ts';
import { isDue } from '../../shared/model/load-cadence.ts';
import { dispositionOf } from '../../shared/sql/dispositions/registry.ts';
import { MAX_BATCHES } from '../../shared/sql/load-statements.ts';
import { countBatches } from '../../shared/state/events.ts';
import { parseKey, toDateFolder, toKey } from '../../shared/state/keys.ts';
import { toThread } from '../../shared/state/load-name.ts';
import type { LoadTrigger, PlanLoadInput, PlanLoadOutput } from '../../shared/state/messages.ts';
import {
  type BatchRecord,
  batchRecord,
  loadRecord,
  type PendingRecord,
  pendingRecord,
  type SettledRecord,
  settledRecord,
} from '../../shared/state/records.ts';
import { stagedBytes } from '../../shared/state/staged-bytes.ts';
import { pausedReason } from '../paused.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Tracer } from '../ports/tracer.ts';
import { READ_AT_ONCE, readEach } from '../read-each.ts';
import { putRecord, readRecord } from '../records.ts';
import { toTraceMark } from '../trace-mark.ts';
import { type Due, type DueDeps, findDue, maxBytesOf, toWaiting } from './due-batches.ts';
import { findGathering, type Gathering, type SeenGathering, toGatheringReason } from './gathering.ts';
import { type Load, readNewestLoad, readNewestSubmission } from './load-records.ts';

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

interface Candidate {
  readonly key: string;
  readonly record: BatchRecord;
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

  const paused = await pausedReason(deps.records, feed);
  if (paused !== undefined) return idle(feed, paused);
  const gathering = due === undefined ? await findGathering(feed, newest, deps) : undefined;
  const waitMs = (gathering?.untilMs ?? 0) - deps.clock.now();
  if (gathering !== undefined && waitMs > 0) {
    deps.gathering.set(feed, gathering);
    const told = idle(feed, toGatheringReason(gathering));
    // One waits for all: what asks after a load. Were it lost, the first seal after the wait would load.
    return isSeal ? told : { ...told, waitSeconds: Math.ceil(waitMs / 1000) };
  }
  const look = toLook(feed, due, newest);
  const full = await markEmpty(await readCandidates(look, deps.records), deps.records);
  const suspects = full.filter(({ record: { batch } }) => look.suspects.has(batch));
  const maxBytes = maxBytesOf(feed, deps.feeds);
  const chosen =
    suspects.length > 0
      ? choose(suspects, Math.ceil(suspects.length / 2), maxBytes)
      : choose(full, MAX_BATCHES, maxBytes);
  if (chosen.length === 0) return idle(feed, due?.reason ?? 'nothing is pending');
  const choice = { chosen, suspects, newest, gathering, sealedUntilMs: look.untilMs };
  return putLoad(choice, { ...deps, execution: execution.id });
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

const idle = (feed: string, reason: string) => ({ outcome: 'idle', feed, reason }) as const;

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
  { records, clock }: PlanLoadDeps,
): Promise<PlanLoadOutput> => {
  if (record.execution === execution) return { outcome: 'planned', thread: toThread(name, 1) };
  const inFlight = `load ${record.load} is in flight`;
  const isLost = clock.now() - Date.parse(record.plannedAt) > PLAN_PATIENCE_MS;
  if (!isLost || (await readNewestSubmission(records, name)) !== undefined)
    return idle(record.feed, inFlight);
  const paused = await pausedReason(records, record.feed);
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
}

const toLook = (feed: string, due: Due | undefined, newest: Load | undefined): Look => {
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
  const keys =
    look.due === undefined
      ? (await records.list(`pending/${look.feed}/`)).keys
      : [...look.due.pending].flatMap(([key, pending]) => (mayTake(key, pending, look) ? [key] : []));
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
  { feed, due, loaded }: Look,
  records: RecordStore,
): Promise<Candidate | undefined> => {
  const { batch } = pendingOf(pendingKey);
  if (loaded.has(batch) || parked.has(toKey({ kind: 'parked', feed, batch }))) {
    await records.remove(pendingKey);
    return undefined;
  }
  const pending = due?.pending.get(pendingKey) ?? (await readRecord(records, pendingKey, pendingRecord));
  const record = pending === undefined ? undefined : await readRecord(records, pending.key, batchRecord);
  return pending === undefined || record === undefined ? undefined : { key: pending.key, record };
};

const pendingOf = (key: string): { readonly batch: string } => {
  const parsed = parseKey(key);
  if (parsed.kind !== 'pending') throw new InvalidInput(`key ${key} is not pending`);
  return parsed;
};

/** No row and no reject changes no table, except that an empty snapshot empties what it replaces. */
export const isEmpty = ({ contract, tables, rejects }: BatchRecord): boolean =>
  rejects.rows === 0 &&
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

/**
 * Batches among which the fault of a failed load lies: those of it, or, of those that it was taken apart from, the ones that
 * this load's success leaves. Each load takes half of them, so that the one at fault is found in as many loads as halves.
 */
const suspectsOf = (newest: Load | undefined): ReadonlySet<string> => {
  if (newest?.settled === undefined) return new Set();
  const { record, settled } = newest;
  const loaded = record.batches.map(({ batch }) => batch);
  const names: Readonly<Record<SettledRecord['outcome'], readonly string[]>> = {
    isolate: loaded,
    loaded: (record.suspects ?? []).filter((batch) => !loaded.includes(batch)),
    parked: [],
  };
  return new Set(names[settled.outcome]);
};

/** The first always fits; the others are of its contract. A comparison of keys is alone. */
const choose = (candidates: readonly Candidate[], most: number, maxBytes: number): readonly Candidate[] => {
  const { hash, compares } = candidates[0]?.record.contract ?? {};
  const atMost = compares === undefined ? most : 1;
  const chosen: Candidate[] = [];
  let bytes = 0;
  for (const candidate of candidates.filter(({ record }) => record.contract.hash === hash)) {
    bytes += stagedBytes(candidate.record);
    if (chosen.length === atMost || (chosen.length > 0 && bytes > maxBytes)) break;
    chosen.push(candidate);
  }
  return chosen;
};

interface Choice {
  readonly chosen: readonly Candidate[];
  readonly suspects: readonly Candidate[];
  readonly newest: Load | undefined;
  readonly gathering: Gathering | undefined;
  readonly sealedUntilMs: number | undefined;
}

const putLoad = async (
  { chosen, suspects, newest, gathering, sealedUntilMs }: Choice,
  { records, clock, invocation, tracer, execution }: PlanLoadDeps & { readonly execution: string },
): Promise<PlanLoadOutput> => {
  const [oldest] = chosen;
  if (oldest === undefined) throw new InvalidInput('a load has no batch, allowed 1 and more');
  const { feed, contract } = oldest.record;
  // Never before the newest load's day, so that names sort as loads follow each other.
  const today = toDateFolder(clock.now());
  const date = newest !== undefined && newest.name.date > today ? newest.name.date : today;
  const load = newest?.name.date === date ? newest.name.load + 1 : 1;
  const name = { feed, date, load };
  const record = await putRecord(
    records,
    toKey({ kind: 'load', ...name }),
    {
      feed,
      load,
      invocation,
      ...toTraceMark(tracer?.traceId()),
      execution,
      contract,
      batches: chosen.map(({ key, record }) => ({ batch: record.batch, key, seal: record.seal })),
      ...(suspects.length === 0 ? {} : { suspects: suspects.map(({ record }) => record.batch) }),
      ...(sealedUntilMs === undefined ? {} : { sealedUntil: new Date(sealedUntilMs).toISOString() }),
      ...(gathering === undefined ? {} : { burstFrom: new Date(gathering.fromMs).toISOString() }),
      counts: countBatches(chosen.map(({ record }) => record)),
      plannedAt: new Date(clock.now()).toISOString(),
    },
    loadRecord,
  );
  return record.execution === execution
    ? { outcome: 'planned', thread: toThread(name, 1) }
    : idle(feed, `load ${load} was planned by another execution`);
};
