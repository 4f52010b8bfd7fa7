import { parseKeyIfOurs, toKey } from '../../shared/state/keys.ts';
import { type BatchRecord, batchRecord, pendingRecord, planRecord } from '../../shared/state/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readEach } from '../read-each.ts';
import { readRecord } from '../records.ts';

/** A sealed batch, and where its record stands. */
export interface SealedAt {
  readonly key: string;
  readonly record: BatchRecord;
}

/** The batches of a feed that wait for a load or a person. */
export const listWaiting = async (feed: string, records: RecordStore): Promise<readonly string[]> => {
  const listed = await Promise.all(['pending', 'parked'].map((folder) => records.list(`${folder}/${feed}/`)));
  const batches = listed.flatMap(({ keys }) =>
    keys.flatMap((key) => {
      const name = parseKeyIfOurs(key);
      return name?.kind === 'pending' || name?.kind === 'parked' ? [name.batch] : [];
    }),
  );
  return [...new Set(batches)];
};

/** Those of them that are sealed. */
export const readWaiting = async (feed: string, records: RecordStore): Promise<readonly SealedAt[]> => {
  const read = await readEach(await listWaiting(feed, records), (batch) =>
    readSealedAt(feed, batch, records),
  );
  return read.filter((one) => one !== undefined);
};

const readSealedAt = async (
  feed: string,
  batch: string,
  records: RecordStore,
): Promise<SealedAt | undefined> => {
  for (const key of await keysOf(feed, batch, records)) {
    const record = await readRecord(records, key, batchRecord);
    if (record !== undefined) return { key, record };
  }
  return undefined;
};

/** A seal lies where what is pending says, or under its plan's date. */
const keysOf = async (feed: string, batch: string, records: RecordStore): Promise<readonly string[]> => {
  const pending = await readRecord(records, toKey({ kind: 'pending', feed, batch }), pendingRecord);
  if (pending !== undefined) return [pending.key];
  const { keys } = await records.list(`plans/${feed}/${batch}/`);
  const plans = await readEach(keys, (key) => readRecord(records, key, planRecord));
  return plans.flatMap((plan) =>
    plan === undefined ? [] : [toKey({ kind: 'batch', feed, date: plan.date, batch })],
  );
};
