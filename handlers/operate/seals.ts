import { type BatchRecord, batchRecord } from '../../shared/state/records.ts';
import type { InventoryItem } from '../ports/object-inventory.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readEach } from '../read-each.ts';
import { readKnownRecord } from '../records.ts';

/** A seal, and when it was put, in epoch milliseconds. */
export interface Seal {
  readonly record: BatchRecord;
  readonly atMs: number;
}

/** The seals of keys under batches/, in their order. */
export const readSeals = (items: readonly InventoryItem[], records: RecordStore): Promise<readonly Seal[]> =>
  readEach(items, async ({ key, lastModifiedMs }) => {
    const record = await readKnownRecord(records, key, batchRecord);
    return { record, atMs: record.sealedAt === undefined ? lastModifiedMs : Date.parse(record.sealedAt) };
  });

/** Whether a seal is of a newer version of the same landed object, or of the same one that was read later. */
export const isOfNewer = ({ record: { object }, atMs }: Seal, one: Seal): boolean => {
  const own = one.record.object;
  if (object === undefined || own === undefined) return false;
  if (object.key !== own.key || object.bucket !== own.bucket) return false;
  return object.versionId === own.versionId ? atMs > one.atMs : object.lastModified > own.lastModified;
};
