import { TargetChanged, WarehouseRefused } from '../../shared/errors.ts';
import { type Contract, targetTables } from '../../shared/model/contract.ts';
import { swappedContract } from '../../shared/model/rebuilt.ts';
import { rulesOf, targetOf } from '../../shared/model/target-rules.ts';
import { toKey } from '../../shared/state/keys.ts';
import { failureRecord, rebuildRecord } from '../../shared/state/operate-records.ts';
import { type LoadRecord, parkedRecord, pendingRecord, targetRecord } from '../../shared/state/records.ts';
import { stagedBytes } from '../../shared/state/staged-bytes.ts';
import { newestKeys } from '../newest-keys.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readEach } from '../read-each.ts';
import { putRecord, readRecord } from '../records.ts';
import { readWaiting, type SealedAt } from './sealed.ts';
import { readRebuild } from './standing.ts';

/**
 * What follows a swap that is committed, before its load is settled: whoever dies here is followed by one who does it again. The rules of
 * the bucket are those of the new tables, what the tables hold already waits no more, what the old ones refused is loaded, and last the
 * rebuild is over.
 */
export const finishRebuild = async (
  { feed, contract: ending, batches }: Pick<LoadRecord, 'feed' | 'contract' | 'batches'>,
  invocation: string,
  records: RecordStore,
): Promise<void> => {
  const contract = swappedContract(ending);
  for (const table of targetTables(contract))
    await setRules({ target: targetOf(table), rules: rulesOf(table), feed, invocation }, records);
  for (const { batch } of batches) {
    await records.remove(toKey({ kind: 'parked', feed, batch }));
    await records.remove(toKey({ kind: 'skipped', feed, batch }));
  }
  const held = new Set(batches.map(({ batch }) => batch));
  const waiting = await readWaiting(feed, records);
  await readEach(
    waiting.filter(({ record: { batch } }) => !held.has(batch)),
    (one) => release(one, contract, invocation, records),
  );
  await forgetRefusals(feed, records);
  const rebuild = await readRebuild(feed, records);
  if (rebuild === undefined || rebuild.request !== ending.swaps?.request) return;
  await putRecord(
    records,
    toKey({ kind: 'rebuilt', feed, request: rebuild.request }),
    rebuild,
    rebuildRecord,
  );
  await records.remove(toKey({ kind: 'rebuild', feed }));
};

/** A seal of another contract that ends now may put its own between the two: then once more. */
const setRules = async (
  record: ReturnType<typeof targetRecord.parse>,
  records: RecordStore,
): Promise<void> => {
  const key = toKey({ kind: 'target', table: record.target });
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const standing = await putRecord(records, key, record, targetRecord);
    if (standing.rules === record.rules) return;
    await records.remove(key);
  }
};

const MAX_ROUNDS = 10;

/** What a load refused for the sake of the tables as they were. */
const OF_TABLES: ReadonlySet<string> = new Set([new TargetChanged('').name, new WarehouseRefused('').name]);

/** Failures that are looked at, the newest. */
const MOST_FAILURES = 200;

/** Nobody is told any more of what the old tables refused. */
const forgetRefusals = async (feed: string, records: RecordStore): Promise<void> => {
  const keys: string[] = [];
  for await (const key of newestKeys(records, `failures/${feed}/`)) {
    keys.push(key);
    if (keys.length === MOST_FAILURES) break;
  }
  await readEach(keys, async (key) => {
    const failure = await readRecord(records, key, failureRecord);
    if (failure !== undefined && OF_TABLES.has(failure.error)) await records.remove(key);
  });
};

/** Parked batches of the contract that the tables have now are pending again. */
const release = async (
  { key, record }: SealedAt,
  contract: Contract,
  invocation: string,
  records: RecordStore,
): Promise<void> => {
  const { feed, batch } = record;
  if (record.contract.hash !== contract.hash) return;
  const parkedKey = toKey({ kind: 'parked', feed, batch });
  const parked = await readRecord(records, parkedKey, parkedRecord);
  if (parked === undefined || !OF_TABLES.has(parked.error)) return;
  const pending = { invocation, key, bytes: stagedBytes(record) };
  // As redrive does it: the batch is parked, or pending, or both, and never neither. No load is planned meanwhile.
  await putRecord(records, toKey({ kind: 'pending', feed, batch }), pending, pendingRecord);
  await records.remove(parkedKey);
};
