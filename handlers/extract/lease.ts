import { LeaseHeld } from '../../shared/errors.ts';
import { toKey } from '../../shared/state/keys.ts';
import { type LeaseRecord, leaseRecord } from '../../shared/state/lease-record.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { putRecord, readRecord } from '../records.ts';

/** How long an execution is sure to be alive after its start: its steps end by 230 s, its machine by 300 s. */
const LEASE_MS = 240_000;

/** An execution that waits asks again within 25 s. */
const WAITS_MS = 30_000;

/**
 * Takes the feed's lease for an execution, or finds that it has it. Advisory: two executions that hold one at the same
 * moment cost a second fetch and nothing else. Throws LeaseHeld.
 */
export const takeLease = async (
  records: RecordStore,
  feed: string,
  holder: {
    readonly execution: string;
    readonly startMs: number;
    readonly nowMs: number;
    readonly givesWay?: boolean;
  },
): Promise<void> => {
  const key = toKey({ kind: 'lease', feed });
  if (holder.givesWay === true) await giveWay(records, feed, holder.nowMs);
  const lease: LeaseRecord = {
    execution: holder.execution,
    until: new Date(holder.startMs + LEASE_MS).toISOString(),
    ...(holder.givesWay === true ? { givesWay: true } : {}),
  };
  let standing = await putRecord(records, key, lease, leaseRecord);
  if (standing.execution !== holder.execution && Date.parse(standing.until) <= holder.nowMs) {
    await records.remove(key);
    standing = await putRecord(records, key, lease, leaseRecord);
  }
  if (standing.execution === holder.execution) return;
  if (standing.givesWay === true && holder.givesWay !== true) await noteWaiting(records, feed, holder);
  throw new LeaseHeld(
    `feed ${feed} is being read by another execution, until ${standing.until} at the latest: run it again then (${key} is held by ${standing.execution})`,
  );
};

/** A backfill is a chain of executions that follow each other at once: without this, who waits between them would come too late each time. */
const giveWay = async (records: RecordStore, feed: string, nowMs: number): Promise<void> => {
  const key = toKey({ kind: 'waiting', feed });
  const waiting = await readRecord(records, key, leaseRecord);
  if (waiting === undefined) return;
  if (Date.parse(waiting.until) <= nowMs) {
    await records.remove(key);
    return;
  }
  throw new LeaseHeld(
    `feed ${feed} has a schedule that waits for the source and goes first; its backfill waits until ${waiting.until}`,
  );
};

const noteWaiting = async (
  records: RecordStore,
  feed: string,
  { execution, nowMs }: { readonly execution: string; readonly nowMs: number },
): Promise<void> => {
  const key = toKey({ kind: 'waiting', feed });
  await records.remove(key);
  const until = new Date(nowMs + WAITS_MS).toISOString();
  await putRecord(records, key, { execution, until }, leaseRecord);
};

/** Gives the lease back, if it is this execution's. */
export const releaseLease = async (records: RecordStore, feed: string, execution: string): Promise<void> => {
  const key = toKey({ kind: 'lease', feed });
  const standing = await readRecord(records, key, leaseRecord);
  if (standing?.execution === execution) await records.remove(key);
};
