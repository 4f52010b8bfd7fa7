import { toKey } from '../../shared/state/keys.ts';
import { skippedRecord } from '../../shared/state/operate-records.ts';
import { parkedRecord } from '../../shared/state/records.ts';
import { putRecord, readRecord } from '../records.ts';
import { readSkipped } from '../skipped.ts';
import { readSealed } from '../sweep/staged-batches.ts';
import type { ChangeDeps, LookDeps } from './operate-deps.ts';

/** Parked batches that a person leaves for good. Their parked records stay: nothing takes such a batch up. */

/** The batches of a feed that are skipped. */
export const listSkipped = (
  feed: string,
  { records }: Pick<LookDeps, 'records'>,
): Promise<ReadonlySet<string>> => readSkipped(feed, records);

/** Skips a parked batch: nobody is told of it any more. Answers why it cannot be skipped, where that is so. */
export const skipBatch = async (
  feed: string,
  batch: string,
  { records, clock, invocation }: Pick<ChangeDeps, 'records' | 'clock' | 'invocation'>,
): Promise<string | undefined> => {
  const parked = await readRecord(records, toKey({ kind: 'parked', feed, batch }), parkedRecord);
  if (parked === undefined) return 'it is not parked';
  const isSealed = (await readSealed(feed, batch, records)) !== undefined;
  if (!isSealed && batch.startsWith('w-'))
    return 'its window is not read yet, and the feed reads no later window before it: mend the source or the feed, then redrive the batch';
  const record = { feed, batch, invocation, skippedAt: new Date(clock.now()).toISOString() };
  await putRecord(records, toKey({ kind: 'skipped', feed, batch }), record, skippedRecord);
  return undefined;
};
