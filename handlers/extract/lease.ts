import { LeaseHeld } from '../../shared/errors.ts';
import { toKey } from '../../shared/state/keys.ts';
import { type LeaseRecord, leaseRecord } from '../../shared/state/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { putRecord, readRecord } from '../records.ts';

/** How long an execution is sure to be alive after its start: its steps end by 230 s, its machine by 300 s. */
const LEASE_MS = 240_000;

/**
 * Takes the feed's lease for an execution, or finds that it has it. Advisory: two executions that hold one at the same
 * moment cost a second fetch and nothing else. Throws LeaseHeld.
 */
export const takeLease = async (
  records: RecordStore,
  feed: string,
  holder: { readonly execution: string; readonly startMs: number; readonly nowMs: number },
): Promise<void> => {
  const key = toKey({ kind: 'lease', feed });
  const lease: LeaseRecord = {
    execution: holder.execution,
    until: new Date(holder.startMs + LEASE_MS).toISOString(),
  };
  let standing = await putRecord(records, key, lease, leaseRecord);
  if (standing.execution !== holder.execution && Date.parse(standing.until) <= holder.nowMs) {
    await records.remove(key);
    standing = await putRecord(records, key, lease, leaseRecord);
  }
  if (standing.execution === holder.execution) return;
  throw new LeaseHeld(
    `feed ${feed} is being read by another execution, until ${standing.until} at the latest: run it again then (${key} is held by ${standing.execution})`,
  );
};

/** Gives the lease back, if it is this execution's. */
export const releaseLease = async (records: RecordStore, feed: string, execution: string): Promise<void> => {
  const key = toKey({ kind: 'lease', feed });
  const standing = await readRecord(records, key, leaseRecord);
  if (standing?.execution === execution) await records.remove(key);
};
