import type { Mark } from '../../shared/attention/facts.ts';
import { isComparison } from '../../shared/state/keys.ts';
import type { BatchRecord } from '../../shared/state/records.ts';
import { readPartition } from '../operate/asked-range.ts';
import { itemsSince } from '../operate/dated-records.ts';
import { isOfNewer, readSeals, type Seal } from '../operate/seals.ts';
import type { InventoryItem } from '../ports/object-inventory.ts';
import type { FactsDeps } from './facts-deps.ts';
import { readDayMarks } from './marks.ts';
import { isUnreadable } from './read-parked.ts';

/**
 * Rejects of a feed that nothing has taken the place of. A day's mark says of the first batch alone that it rejected rows; it stands
 * as long as that batch, or one behind it, is not read again, or superseded, by a batch that is loaded.
 */

/** Seals that are looked at, where there is a mark; a feed that seals more has its mark for its day. */
const MOST_LOOKED_AT = 100;

/** Of one batch: what the day's mark and the messages of a feed say. */
export const tellRejects = ({ rejects, records }: Pick<BatchRecord, 'rejects' | 'records'>): string =>
  `${rejects.rows} rejected rows in ${records} records`;

/** The mark that is still so; `unloaded` are the batches that wait for a load, or are parked. */
export const readRejects = async (
  feed: string,
  marks: readonly string[],
  unloaded: ReadonlySet<string>,
  deps: FactsDeps,
): Promise<Mark | undefined> => {
  const standing = await readDayMarks(feed, 'rejects', marks, deps);
  const [oldest, newest] = [standing[0], standing.at(-1)];
  const seals = oldest && (await readSealsSince(feed, oldest.atMs, deps));
  if (seals === undefined) return newest;
  const rejected = seals.filter(({ record }) => record.rejects.rows > 0);
  // A mark stands before its seal, and may be of a batch that was read late: of that nothing is known.
  const isSeen = ({ batch }: Mark): boolean => rejected.some(({ record }) => record.batch === batch);
  if (!standing.every(isSeen)) return newest;
  const loaded = seals.filter(({ record }) => !unloaded.has(record.batch));
  const open: Seal[] = [];
  for (const one of rejected) if (!(await isOver(one, loaded, deps))) open.push(one);
  if (open.some(({ record }) => record.batch === newest?.batch)) return newest;
  const [first] = open.toSorted((a, b) => a.atMs - b.atMs);
  return first && { atMs: first.atMs, batch: first.record.batch, message: tellRejects(first.record) };
};

/** The seals since a time; undefined where there are too many, or one cannot be read: then nothing is known of them. */
const readSealsSince = async (
  feed: string,
  sinceMs: number,
  deps: FactsDeps,
): Promise<readonly Seal[] | undefined> => {
  const items: InventoryItem[] = [];
  // S3 tells whole seconds.
  for await (const item of itemsSince(deps, `batches/${feed}/`, sinceMs - 1000)) {
    if (items.length === MOST_LOOKED_AT) return undefined;
    items.push(item);
  }
  try {
    return await readSeals(items, deps.records);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return undefined;
  }
};

/** Whether another batch has what this one rejected rows of, or takes its place. */
const isOver = async (one: Seal, loaded: readonly Seal[], deps: FactsDeps): Promise<boolean> => {
  const { batch, object, window } = one.record;
  const later = loaded.filter(({ atMs, record }) => atMs > one.atMs && record.batch !== batch);
  if (object !== undefined) return loaded.some((other) => isOfNewer(other, one));
  if (window !== undefined) return covers(window, later, one.record, deps);
  // Each run reads all that the source has, and each comparison lists all keys.
  return later.some(
    ({ record }) => isComparison(record.batch) === isComparison(batch) && record.object === undefined,
  );
};

/** Whether ranges of all partitions, or of the batch's own, have all of a window between them. */
const covers = async (
  { from, to }: NonNullable<BatchRecord['window']>,
  later: readonly Seal[],
  { feed, batch }: BatchRecord,
  { records }: FactsDeps,
): Promise<boolean> => {
  const own = await readPartition(feed, batch, records);
  let reached = from;
  const ranges = later.toSorted((a, b) =>
    (a.record.window?.from ?? '') < (b.record.window?.from ?? '') ? -1 : 1,
  );
  for (const { record } of ranges) {
    if (record.window === undefined || isComparison(record.batch) || record.window.from > reached) continue;
    const partition = await readPartition(feed, record.batch, records);
    if ((partition === undefined || partition === own) && record.window.to > reached)
      reached = record.window.to;
  }
  return reached >= to;
};
