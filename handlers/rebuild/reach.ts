import type { Feed } from '../../shared/model/feed.ts';
import { isOfRange } from '../../shared/state/backfill.ts';
import { parseKeyIfOurs, parseStamp } from '../../shared/state/keys.ts';
import type { RebuildRecord } from '../../shared/state/operate-records.ts';
import { batchRecord } from '../../shared/state/records.ts';
import { readBackfillProgress } from '../extract/backfill-progress.ts';
import { newestKeys } from '../newest-keys.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readKnownRecord } from '../records.ts';
import { readSkipped } from '../skipped.ts';
import { readWaiting, type SealedAt } from './sealed.ts';
import { isSwap, toRange } from './standing.ts';

/**
 * How far a rebuild has to read, and how far it is: all that the feed's own batches brought, but for those that wait and are of the contract
 * that is deployed, which are loaded behind it.
 */
export interface Reach {
  /** The end of what is read: of windows, of the one whole reading, or, of landed objects, when it was asked for. */
  readonly toMs: number;
  /** Up to where it is sealed; of landed objects `toMs` once all are. */
  readonly sealedToMs: number;
  /** Keys of the seals of landed objects that are to be read again, the oldest first. */
  readonly missing: readonly string[];
  /** Of landed objects, how many there are. */
  readonly objects: number | undefined;
  /** Sealed batches that wait, all of whose rows the tables beside have: no load may take them any more. */
  readonly covered: readonly SealedAt[];
}

export const readReach = (
  { source, window }: Feed,
  rebuild: RebuildRecord,
  records: RecordStore,
): Promise<Reach> => {
  if (source.kind === 's3') return reachOfObjects(rebuild, records);
  return window === undefined ? reachOfWhole(rebuild, records) : reachOfWindows(rebuild, records);
};

/** Whether all of it is sealed. */
export const isRead = ({ toMs, sealedToMs }: Reach): boolean => sealedToMs >= toMs;

/** Of the feed itself, as opposed to what a rebuild reads or ends with. */
const readLive = async (rebuild: RebuildRecord, records: RecordStore): Promise<readonly SealedAt[]> =>
  (await readWaiting(rebuild.feed, records)).filter(
    ({ record: { batch } }) => !isSwap(batch) && !isOfRange(batch, rebuild),
  );

const isToLoad =
  ({ contract }: RebuildRecord) =>
  ({ record }: SealedAt): boolean =>
    record.contract.hash === contract;

/** A comparison lists its keys anew at its next time. */
const isComparison = ({ record }: SealedAt): boolean => record.contract.compares !== undefined;

const reachOfWindows = async (rebuild: RebuildRecord, records: RecordStore): Promise<Reach> => {
  const waiting = await readLive(rebuild, records);
  const toMs = await findEnd(rebuild, waiting, records);
  const range = toRange(rebuild, toMs);
  const { nextMs } = await readBackfillProgress(rebuild.feed, range, records);
  const isCovered = (one: SealedAt): boolean =>
    isComparison(one) || (one.record.window !== undefined && Date.parse(one.record.window.to) <= toMs);
  return {
    ...{ toMs, sealedToMs: nextMs, missing: [], objects: undefined },
    covered: waiting.filter(isCovered),
  };
};

/** The end of the newest window that is no load's to come. Windows of now that wait follow it. */
const findEnd = async (
  rebuild: RebuildRecord,
  waiting: readonly SealedAt[],
  records: RecordStore,
): Promise<number> => {
  const later = new Set(waiting.filter(isToLoad(rebuild)).map(({ key }) => key));
  for await (const key of newestKeys(records, `batches/${rebuild.feed}/`)) {
    const name = parseKeyIfOurs(key);
    if (name?.kind !== 'batch' || !name.batch.startsWith('w-') || later.has(key)) continue;
    const { window } = await readKnownRecord(records, key, batchRecord);
    if (window !== undefined) return Date.parse(window.to);
  }
  return Date.parse(rebuild.from);
};

/** Without a window one batch has all that the source has. */
const reachOfWhole = async (rebuild: RebuildRecord, records: RecordStore): Promise<Reach> => {
  const waiting = await readLive(rebuild, records);
  const toMs = Date.parse(rebuild.asked) + 1;
  const { nextMs } = await readBackfillProgress(rebuild.feed, toRange(rebuild, toMs), records);
  const isLater = isToLoad(rebuild);
  return {
    ...{ toMs, sealedToMs: nextMs, missing: [], objects: undefined },
    covered: waiting.filter((one) => !isLater(one)),
  };
};

/** What names of landed objects' batches begin with, those that are read again included. */
const objectOf = (batch: string): string | undefined => /^f-[0-9a-f]{32}/.exec(batch)?.[0];

/** Their seals name the objects, so that none is looked for in the bucket. */
const reachOfObjects = async (rebuild: RebuildRecord, records: RecordStore): Promise<Reach> => {
  // Listed before what waits: a batch that is sealed meanwhile is none of the rebuild.
  const { keys } = await records.list(`batches/${rebuild.feed}/`);
  const waiting = await readLive(rebuild, records);
  const later = new Set(waiting.filter(isToLoad(rebuild)).map(({ key }) => key));
  const [first, again] = [new Map<string, string>(), new Set<string>()];
  for (const key of keys) {
    const name = parseKeyIfOurs(key);
    const object = name?.kind === 'batch' ? objectOf(name.batch) : undefined;
    if (name?.kind !== 'batch' || object === undefined) continue;
    if (isOfRange(name.batch, rebuild)) again.add(object);
    else if (!later.has(key)) first.set(object, key);
  }
  // What a person leaves for good is not read.
  for (const batch of await readSkipped(rebuild.feed, records))
    if (isOfRange(batch, rebuild)) again.add(objectOf(batch) ?? '');
  const missing = [...first].filter(([object]) => !again.has(object)).map(([, key]) => key);
  const toMs = Date.parse(rebuild.asked);
  const isCovered = (one: SealedAt): boolean =>
    isComparison(one) || again.has(objectOf(one.record.batch) ?? '');
  return {
    ...{ toMs, missing, objects: first.size },
    sealedToMs: missing.length === 0 ? toMs : 0,
    covered: waiting.filter(isCovered),
  };
};

/** Where the first stretch of a rebuild begins: at the feed's first window, or before it, where a range was read that lies there. */
export const findStart = async (
  { feed, window }: Feed,
  askedMs: number,
  records: RecordStore,
): Promise<number> => {
  if (window === undefined) return askedMs;
  let startMs = window.startMs;
  for (const key of (await records.list(`batches/${feed}/`)).keys) {
    const name = parseKeyIfOurs(key);
    const stamp = name?.kind === 'batch' && /^(?:w-|b-[0-9a-f]{12}-)(\d{8}T\d{9}Z)/.exec(name.batch)?.[1];
    if (stamp) startMs = Math.min(startMs, parseStamp(stamp));
  }
  return startMs;
};
