import { toDateFolder, toKey, toStamp } from '../shared/state/keys.ts';
import { type FailureRecord, failureRecord } from '../shared/state/operate-records.ts';
import type { Clock } from './ports/clock.ts';
import type { RecordStore } from './ports/record-store.ts';
import { putRecord } from './records.ts';

export interface NoteDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly invocation: string;
}

/**
 * Notes a failure after which the same is tried again by itself: no other record has it, and executions cannot be listed. Of two in one
 * millisecond the first is kept.
 */
export const noteFailure = async (
  failure: Omit<FailureRecord, 'invocation' | 'failedAt'>,
  { records, clock, invocation }: NoteDeps,
): Promise<void> => {
  const now = clock.now();
  const key = toKey({ kind: 'failure', feed: failure.feed, date: toDateFolder(now), stamp: toStamp(now) });
  const record = { ...failure, invocation, failedAt: new Date(now).toISOString() };
  await putRecord(records, key, record, failureRecord);
};
