import { nameBatches } from '../../shared/state/events.ts';
import type { MarkLoadedInput, MarkLoadedOutput } from '../../shared/state/messages.ts';
import type { Clock } from '../ports/clock.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Tracer } from '../ports/tracer.ts';
import { finishRebuild } from '../rebuild/finish.ts';
import { toTraceMark } from '../trace-mark.ts';
import { countLoad } from './count-load.ts';
import { readLoad } from './load-records.ts';
import { removePending, settle } from './settle.ts';

export interface MarkLoadedDeps {
  readonly records: RecordStore;
  /** This invocation, named in the record. */
  readonly invocation: string;
  readonly metrics: Metrics;
  readonly clock: Pick<Clock, 'now'>;
  /** Whose trace the records keep. @default - nothing is traced */
  readonly tracer?: Pick<Tracer, 'traceId'> | undefined;
}

/**
 * Settles a load whose transaction was committed, and takes its batches off what is pending. The record comes first: dying
 * between the two, the next plan knows by it that they are loaded.
 */
export const markLoaded = async (
  { thread }: MarkLoadedInput,
  { records, invocation, metrics, clock, tracer }: MarkLoadedDeps,
): Promise<MarkLoadedOutput> => {
  const load = await readLoad(records, thread.loadKey);
  const batches = load.record.batches.map(({ batch }) => batch);
  if (load.record.contract.swaps !== undefined && load.settled === undefined)
    await finishRebuild(load.record, invocation, records);
  const settled = await settle(records, load, {
    invocation,
    ...toTraceMark(tracer?.traceId()),
    outcome: 'loaded',
    settledAt: new Date(clock.now()).toISOString(),
    parked: [],
  });
  if (settled.invocation === invocation)
    metrics.put(load.record.feed, { loaded: batches.length, retries: thread.try - 1 });
  await removePending(records, load.record.feed, batches);
  const { feed } = load.record;
  const counts = await countLoad(load, records);
  const succeeded = { feed, loadKey: load.key, batches: nameBatches(batches), counts };
  return { feed, batches: batches.length, succeeded };
};
