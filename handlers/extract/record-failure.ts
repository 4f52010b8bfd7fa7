import { isTerminal } from '../../shared/errors.ts';
import { toKey } from '../../shared/keys.ts';
import {
  extractTrigger,
  messageOf,
  type RecordFailureInput,
  type RecordFailureOutput,
} from '../../shared/messages.ts';
import { type PlanRecord, parkedRecord, planRecord, stallRecord } from '../../shared/records.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { putRecord, readKnownRecord } from '../records.ts';
import { releaseLease } from './lease.ts';

export interface RecordFailureDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly attempt: string;
}

/** The last word of a failed Extract: gives the lease back, and parks a batch that no later execution can mend. */
export const recordFailure = async (
  input: RecordFailureInput,
  deps: RecordFailureDeps,
): Promise<RecordFailureOutput> => {
  const cause = messageOf(input.error);
  const feed = input.thread?.feed ?? triggerFeed(input.trigger);
  if (feed !== undefined) await releaseLease(deps.records, feed, input.execution);
  const isParked =
    input.thread !== undefined && (await parkIfHopeless(input, input.thread.planKey, cause, deps));
  const { batch } = input.thread ?? {};
  const told = { errorType: input.error.Error, errorMessage: cause, feed, batch, state: input.state };
  return { error: input.error.Error, cause: JSON.stringify(told), isParked };
};

const parkIfHopeless = async (
  { execution, state, error }: RecordFailureInput,
  planKey: string,
  message: string,
  { records, clock, attempt }: RecordFailureDeps,
): Promise<boolean> => {
  const plan = await readKnownRecord(records, planKey, planRecord);
  const { feed, batch, date } = plan;
  if ((await records.read(toKey({ kind: 'batch', feed, date, batch }))) !== undefined) return false;
  if (!(await isHopeless(plan, error.Error, execution, records, attempt))) return false;
  const parkedAt = new Date(clock.now()).toISOString();
  const record = { feed, batch, attempt, state, error: error.Error, message, parkedAt };
  await putRecord(records, toKey({ kind: 'parked', feed, batch }), record, parkedRecord);
  return true;
};

/** A landed object never changes; an http source may be mended, so it is asked again by its schedule. */
const isHopeless = async (
  plan: PlanRecord,
  error: string,
  execution: string,
  records: RecordStore,
  attempt: string,
): Promise<boolean> => {
  if (error !== 'StepMovedNothing') return plan.object !== undefined && isTerminal(error);
  const { feed, batch, definition } = plan;
  const key = toKey({ kind: 'stall', feed, batch, contract: definition.contract.hash });
  const first = await putRecord(records, key, { attempt, execution }, stallRecord);
  return first.execution !== execution;
};

const triggerFeed = (trigger: unknown): string | undefined => {
  const parsed = extractTrigger.safeParse(trigger);
  if (!parsed.success) return undefined;
  if ('scheduledTime' in parsed.data) return parsed.data.feed;
  return 'feed' in parsed.data.detail ? parsed.data.detail.feed : undefined;
};
