import type { Whereabouts } from '../../shared/attention/message.ts';
import { parked as parkedNeed } from '../../shared/attention/needs/parked.ts';
import { RebuildLost } from '../../shared/errors.ts';
import { messageOf } from '../../shared/state/error-output.ts';
import { nameBatches } from '../../shared/state/events.ts';
import { toKey } from '../../shared/state/keys.ts';
import type { ParkLoadInput, ParkLoadOutput } from '../../shared/state/messages.ts';
import { parkedRecord, type SettledRecord } from '../../shared/state/records.ts';
import { enterNeed } from '../attention/enter-need.ts';
import { noteFailure } from '../note-failure.ts';
import { readAgainRange } from '../operate/read-again.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events } from '../ports/events.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Tracer } from '../ports/tracer.ts';
import { putRecord } from '../records.ts';
import { toTraceMark } from '../trace-mark.ts';
import { countLoad } from './count-load.ts';
import { isPassing } from './load-errors.ts';
import { type Load, readLoad } from './load-records.ts';
import { removePending, settle } from './settle.ts';

export interface ParkLoadDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  /** This invocation, named in the records. */
  readonly invocation: string;
  readonly events: Events;
  readonly metrics: Metrics;
  readonly where: Whereabouts;
  /** Whose trace the records keep. @default - nothing is traced */
  readonly tracer?: Pick<Tracer, 'traceId'> | undefined;
}

/**
 * Gives a load up: parks the batches at fault, settles the load, takes what is parked off the pending. An error of no
 * known batch, in a load of several, parks none: the next loads take half of them, and of the half with the fault the half again. An error that passes settles nothing:
 * it is noted, and the sweep takes the load up again.
 */
export const parkLoad = async (input: ParkLoadInput, deps: ParkLoadDeps): Promise<ParkLoadOutput> => {
  const { records, invocation } = deps;
  const load = await readLoad(records, input.thread.loadKey);
  const error = { name: input.error.Error, message: messageOf(input.error) };
  const answer = async (outcome: ParkLoadOutput['outcome'], parked: readonly string[]) => {
    const told = { feed: load.record.feed, loadKey: load.key, error: error.name, cause: error.message };
    const answered: ParkLoadOutput = { ...told, outcome, parked: [...parked] };
    return outcome === 'parked' ? { ...answered, told: await tell(load, told, parked, records) } : answered;
  };
  if (load.settled !== undefined) {
    await removePending(records, load.record.feed, await stillParked(load, load.settled, records));
    return answer(load.settled.outcome, load.settled.parked);
  }
  if (isPassing(error.name)) {
    const { feed, batches } = load.record;
    const failure = {
      feed,
      batch: batches[0]?.batch,
      state: 'Load',
      error: error.name,
      message: error.message,
    };
    await noteFailure(failure, deps);
    return answer('waiting', []);
  }

  const parked = toPark(input, load);
  for (const batch of parked) await park(batch, load, error, deps);
  const outcome = parked.length === 0 ? 'isolate' : 'parked';
  const mark = { invocation, ...toTraceMark(deps.tracer?.traceId()) };
  const settled = await settle(records, load, { ...mark, outcome, parked: [...parked], error });
  await removePending(records, load.record.feed, settled.parked);
  if (settled.invocation === invocation) await tellParked(load, settled.parked, error, deps);
  return answer(settled.outcome, settled.parked);
};

/** At once; where this dies first, the sweep tells it. */
const tellParked = async (
  { record: { feed, batches: loaded } }: Load,
  batches: readonly string[],
  { name, message }: { readonly name: string; readonly message: string },
  deps: ParkLoadDeps,
): Promise<void> => {
  deps.metrics.put(feed, { failures: 1 });
  const [batch] = batches;
  if (batch === undefined) return;
  const more = batches.length > 1 ? `; ${batches.length} batches are parked` : '';
  const cause = `${name}: ${message}${more}`;
  const hasOthers = batches.length > 1;
  const seal = loaded.find((one) => one.batch === batch)?.key;
  const again = await readAgainRange({ feed, batch, error: name, message }, deps.records, seal);
  const finding = { sinceMs: deps.clock.now(), batch, again, error: name, cause, hasOthers };
  await enterNeed(feed, parkedNeed, finding, deps);
};

/** What the events say. */
const tell = async (
  load: Load,
  told: Pick<ParkLoadOutput, 'feed' | 'loadKey' | 'error' | 'cause'>,
  parked: readonly string[],
  records: RecordStore,
): Promise<ParkLoadOutput['told']> => {
  const batches = nameBatches(load.record.batches.map(({ batch }) => batch));
  const named = nameBatches(parked);
  return {
    loadFailed: { ...told, batches, parked: named, counts: await countLoad(load, records) },
    batchParked: { ...told, batches: named, state: 'Load' },
  };
};

const toPark = ({ culprits, isDataError, error }: ParkLoadInput, { record }: Load): readonly string[] => {
  if (culprits.length > 0) return culprits;
  // What a swap takes along is no part of it that could be at fault; nor is it itself where other loads come before it.
  if (record.contract.swaps !== undefined && error.Error === new RebuildLost('').name) return [];
  if (record.contract.swaps !== undefined) return record.batches.slice(0, 1).map(({ batch }) => batch);
  return isDataError && record.batches.length > 1 ? [] : record.batches.map(({ batch }) => batch);
};

/** A person may have given a batch back since, and it is pending again: the event that settled its load may come twice. */
const stillParked = async (
  { record }: Load,
  settled: SettledRecord,
  records: RecordStore,
): Promise<readonly string[]> => {
  const still: string[] = [];
  for (const batch of settled.parked) {
    const key = toKey({ kind: 'parked', feed: record.feed, batch });
    if ((await records.read(key)) !== undefined) still.push(batch);
  }
  return still;
};

const park = async (
  batch: string,
  { record }: Load,
  error: { readonly name: string; readonly message: string },
  { records, clock, invocation, tracer }: ParkLoadDeps,
): Promise<void> => {
  await putRecord(
    records,
    toKey({ kind: 'parked', feed: record.feed, batch }),
    {
      feed: record.feed,
      batch,
      invocation,
      ...toTraceMark(tracer?.traceId()),
      state: 'Load',
      error: error.name,
      message: error.message,
      parkedAt: new Date(clock.now()).toISOString(),
    },
    parkedRecord,
  );
};
