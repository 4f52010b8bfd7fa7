import type { Asking } from '../../shared/attention/asking.ts';
import { isOfRange, toBackfill } from '../../shared/state/backfill.ts';
import { toKey } from '../../shared/state/keys.ts';
import { type BackfillRecord, backfillRecord } from '../../shared/state/operate-records.ts';
import { readBackfillProgress } from '../extract/backfill-progress.ts';
import { putRecord, readRecord } from '../records.ts';
import { readSealed } from '../sweep/staged-batches.ts';
import { toAsking } from './backfill-request.ts';
import { batchOf, toIso } from './dated-records.ts';
import type { ChangeDeps } from './operate-deps.ts';

/** A range that is under way is given up. */

type CancelDeps = Pick<ChangeDeps, 'records' | 'clock' | 'invocation'>;

export interface Cancelled {
  /** What asks for it after all: of windows, it goes on where it stopped. */
  readonly asking: Asking;
  /** Of windows: all before it is sealed, and stays. */
  readonly sealedTo: string;
  /** What was parked before it was sealed, and is no more: it waits for nobody. */
  readonly unparked: readonly string[];
}

/**
 * Cancels a range: nobody goes on with it, and what of it is sealed stays. An execution that reads it now ends at its next plan. Undefined where no
 * such range is under way. Whenever this dies, the same command finishes it.
 */
export const cancelBackfill = async (
  feed: string,
  request: string,
  deps: CancelDeps,
): Promise<Cancelled | undefined> => {
  const { records, clock, invocation } = deps;
  const name = { feed, request };
  const open = await readRecord(records, toKey({ kind: 'backfill', ...name }), backfillRecord);
  if (open === undefined) return undefined;
  const record = { ...open, invocation, cancelledAt: toIso(clock.now()) };
  await putRecord(records, toKey({ kind: 'backfilled', ...name }), record, backfillRecord);
  const unparked = await unpark(open, deps);
  await records.remove(toKey({ kind: 'backfill', ...name }));
  const { nextMs } = await readBackfillProgress(feed, toBackfill(open), records);
  return { asking: toAsking(feed, open), sealedTo: toIso(nextMs), unparked };
};

/** What is sealed and parked is a load's, and stays a person's. */
const unpark = async (open: BackfillRecord, { records }: CancelDeps): Promise<readonly string[]> => {
  const { feed } = open;
  const parked = (await records.list(`parked/${feed}/`)).keys.flatMap((key) => batchOf(key) ?? []);
  const unparked: string[] = [];
  for (const batch of parked.filter((one) => isOfRange(one, open))) {
    if ((await readSealed(feed, batch, records)) !== undefined) continue;
    for (const kind of ['parked', 'skipped'] as const) await records.remove(toKey({ kind, feed, batch }));
    unparked.push(batch);
  }
  return unparked;
};
