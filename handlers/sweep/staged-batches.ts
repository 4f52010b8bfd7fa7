import { parseKeyIfOurs, toKey } from '../../shared/state/keys.ts';
import { type BatchRecord, batchRecord, planRecord } from '../../shared/state/records.ts';
import type { InventoryItem } from '../ports/object-inventory.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readKnownRecord, readRecord } from '../records.ts';
import type { SweepDeps } from './sweep-deps.ts';

export interface StagedBatch {
  readonly batch: string;
  /** Keys of its files. */
  readonly keys: readonly string[];
}

/** A feed's staged files that are older than so much, batch by batch: a listing has those of one after each other. */
export async function* oldStagedBatches(
  feed: string,
  ageMs: number,
  { inventory, clock, signal }: SweepDeps,
): AsyncGenerator<StagedBatch> {
  let current: { readonly batch: string; readonly keys: string[] } | undefined;
  for await (const item of inventory.list(`staged/${feed}/`)) {
    signal.throwIfAborted();
    const batch = batchOf(item, clock.now() - ageMs);
    if (batch === undefined) continue;
    if (batch !== current?.batch) {
      if (current !== undefined) yield current;
      current = { batch, keys: [] };
    }
    current.keys.push(item.key);
  }
  if (current !== undefined) yield current;
}

const batchOf = ({ key, lastModifiedMs }: InventoryItem, beforeMs: number): string | undefined => {
  const name = parseKeyIfOurs(key);
  const isStaged = name?.kind === 'staged' || name?.kind === 'piece';
  return isStaged && lastModifiedMs < beforeMs ? name.batch : undefined;
};

/** A batch's seal lies under its plan's date. */
export const readSealed = async (
  feed: string,
  batch: string,
  records: RecordStore,
): Promise<BatchRecord | undefined> => {
  const { keys } = await records.list(`plans/${feed}/${batch}/`);
  for (const planKey of keys) {
    const { date } = await readKnownRecord(records, planKey, planRecord);
    const sealed = await readRecord(records, toKey({ kind: 'batch', feed, date, batch }), batchRecord);
    if (sealed !== undefined) return sealed;
  }
  return undefined;
};

/** Batches that a person or a load has still to do with. */
export const waitingBatches = async (feed: string, records: RecordStore) => {
  const parked = new Set((await records.list(`parked/${feed}/`)).keys);
  const pending = new Set((await records.list(`pending/${feed}/`)).keys);
  return (batch: string): boolean =>
    parked.has(toKey({ kind: 'parked', feed, batch })) ||
    pending.has(toKey({ kind: 'pending', feed, batch }));
};
