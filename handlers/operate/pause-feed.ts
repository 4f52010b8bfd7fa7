import { toKey } from '../../shared/state/keys.ts';
import { type PausedRecord, pausedRecord } from '../../shared/state/operate-records.ts';
import { putRecord } from '../records.ts';
import type { ChangeDeps } from './operate-deps.ts';

/**
 * Holds a feed: from now on nothing of it is begun. What runs ends its execution, and a load that the warehouse has is settled. Answers
 * the record that stands: an earlier one stays.
 */
export const pauseFeed = (
  feed: string,
  { records, clock, invocation }: Pick<ChangeDeps, 'records' | 'clock' | 'invocation'>,
): Promise<PausedRecord> => {
  const record = { feed, invocation, pausedAt: new Date(clock.now()).toISOString() };
  return putRecord(records, toKey({ kind: 'paused', feed }), record, pausedRecord);
};
