import type { Asking } from '../../shared/attention/asking.ts';
import type { Whereabouts } from '../../shared/attention/message.ts';
import { failing } from '../../shared/attention/needs/failing.ts';
import { parked } from '../../shared/attention/needs/parked.ts';
import { mayPass } from '../../shared/attention/trouble.ts';
import { BatchParked } from '../../shared/errors.ts';
import { fateOf } from '../../shared/fates.ts';
import { messageOf } from '../../shared/state/error-output.ts';
import { nameBatches } from '../../shared/state/events.ts';
import { comparisonBatch, toKey } from '../../shared/state/keys.ts';
import {
  extractTrigger,
  type RecordFailureInput,
  type RecordFailureOutput,
} from '../../shared/state/messages.ts';
import { type PlanRecord, parkedRecord, planRecord } from '../../shared/state/records.ts';
import { enterNeed } from '../attention/enter-need.ts';
import { noteFailure } from '../note-failure.ts';
import { toAsking } from '../operate/backfill-request.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events } from '../ports/events.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Tracer } from '../ports/tracer.ts';
import { putRecord, readKnownRecord } from '../records.ts';
import { toTraceMark } from '../trace-mark.ts';
import { findLandedFeed } from './extract-call.ts';
import { releaseLease } from './lease.ts';

export interface RecordFailureDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly invocation: string;
  readonly events: Events;
  readonly metrics: Metrics;
  readonly where: Whereabouts;
  /** Whose trace the records keep. @default - nothing is traced */
  readonly tracer?: Pick<Tracer, 'traceId'> | undefined;
}

/**
 * The last word of a failed Extract: gives the lease back, and parks a batch that no later execution can mend. What is not parked is
 * noted, for those who ask why a feed stands still.
 */
export const recordFailure = async (
  input: RecordFailureInput,
  deps: RecordFailureDeps,
): Promise<RecordFailureOutput> => {
  const cause = messageOf(input.error);
  const feed = input.thread?.feed ?? triggerFeed(input.trigger);
  if (feed !== undefined) await releaseLease(deps.records, feed, input.execution);
  const isParked =
    input.thread !== undefined && (await parkIfHopeless(input, input.thread.planKey, cause, deps));
  const batch = input.thread?.batch ?? comparisonOf(input.trigger);
  const { state } = input;
  const error = input.error.Error;
  if (feed !== undefined && error !== PARKED) {
    const asked = askingOf(input, feed);
    if (!isParked)
      await noteFailure({ feed, batch, ...(asked && { asked }), state, error, message: cause }, deps);
    deps.metrics.put(feed, { failures: 1 });
    await tellAtOnce({ feed, batch, asked, error, cause, isParked }, deps);
  }
  const told = { errorType: error, errorMessage: cause, feed, batch, state };
  const answer = { error, cause: JSON.stringify(told), isParked };
  if (!isParked || feed === undefined || batch === undefined) return answer;
  return { ...answer, parked: { feed, batches: nameBatches([batch]), state, error, cause } };
};

interface Failed {
  readonly feed: string;
  readonly asked: Asking | undefined;
  readonly batch: string | undefined;
  readonly error: string;
  readonly cause: string;
  readonly isParked: boolean;
}

/** What no later execution mends is told at once; what may pass is told by the sweep, once it has lasted. */
const tellAtOnce = async (
  { feed, batch, asked, error, cause, isParked }: Failed,
  deps: RecordFailureDeps,
): Promise<void> => {
  if (!isParked && mayPass(error)) return;
  const finding = { sinceMs: deps.clock.now(), batch, asked, error, cause: `${error}: ${cause}` };
  await enterNeed(feed, isParked ? parked : failing, finding, deps);
};

/** A schedule that finds its batch parked tells what the parked record has. */
const PARKED = new BatchParked('').name;

const parkIfHopeless = async (
  { state, error }: RecordFailureInput,
  planKey: string,
  message: string,
  { records, clock, invocation, tracer }: RecordFailureDeps,
): Promise<boolean> => {
  const plan = await readKnownRecord(records, planKey, planRecord);
  const { feed, batch, date } = plan;
  if ((await records.read(toKey({ kind: 'batch', feed, date, batch }))) !== undefined) return false;
  if (!isHopeless(plan, error.Error)) return false;
  const parkedAt = new Date(clock.now()).toISOString();
  const mark = { invocation, ...toTraceMark(tracer?.traceId()) };
  const record = { feed, batch, ...mark, state, error: error.Error, message, parkedAt };
  await putRecord(records, toKey({ kind: 'parked', feed, batch }), record, parkedRecord);
  return true;
};

/** A landed object never changes. A source over HTTP may be mended and is asked again. */
const isHopeless = (plan: PlanRecord, error: string): boolean => {
  const fate = fateOf(error);
  switch (fate) {
    case 'batch':
      return true;
    case 'document':
      return plan.object !== undefined;
    case 'retry':
    case 'wait':
    case 'person':
    case undefined:
      return false;
  }
};

/** The range that failed; before it had a batch, too, as where its partitions could not be listed. */
const askingOf = ({ thread, trigger }: RecordFailureInput, feed: string): Asking | undefined => {
  const { data } = extractTrigger.safeParse(trigger);
  const asked =
    data !== undefined && 'detail' in data && 'backfill' in data.detail ? data.detail.backfill : undefined;
  const backfill = thread?.backfill ?? asked;
  return backfill && toAsking(feed, backfill);
};

/** A comparison that failed before it had a plan has the name that it would have had: what goes on with it is a comparison. */
const comparisonOf = (trigger: unknown): string | undefined => {
  const { data } = extractTrigger.safeParse(trigger);
  if (data === undefined) return undefined;
  const asked = 'scheduledTime' in data ? data : data.detail;
  if (!('compares' in asked) || asked.compares !== true || asked.scheduledTime === undefined)
    return undefined;
  return comparisonBatch(Date.parse(asked.scheduledTime));
};

const triggerFeed = (trigger: unknown): string | undefined => {
  const parsed = extractTrigger.safeParse(trigger);
  if (!parsed.success) return undefined;
  if ('scheduledTime' in parsed.data) return parsed.data.feed;
  return 'feed' in parsed.data.detail
    ? parsed.data.detail.feed
    : findLandedFeed(parsed.data.detail.object.key);
};
