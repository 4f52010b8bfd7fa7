import type { InventoryItem } from '../ports/object-inventory.ts';
import { itemsSince } from './dated-records.ts';
import type { LookDeps } from './operate-deps.ts';
import { isOfNewer, readSeals } from './seals.ts';

/** How many rows a feed rejected lately. */

const DAY_MS = 24 * 3_600_000;

/** Batches whose rejects are added up; a busy feed of files seals more in a day. */
const MOST_ADDED_UP = 500;

export interface RejectsOfDay {
  readonly rows: number;
  /** There are more batches than were looked at. */
  readonly isAtLeast: boolean;
}

/** Of batches that were sealed in the last 24 hours, but those of which a newer version is loaded. `unloaded` wait for a load, or are parked. */
export const readRejectsOfDay = async (
  feed: string,
  unloaded: ReadonlySet<string>,
  deps: LookDeps,
): Promise<RejectsOfDay> => {
  const items: InventoryItem[] = [];
  for await (const item of itemsSince(deps, `batches/${feed}/`, deps.clock.now() - DAY_MS))
    if (items.push(item) > MOST_ADDED_UP) break;
  const seals = await readSeals(items.slice(0, MOST_ADDED_UP), deps.records);
  const loaded = seals.filter(({ record }) => !unloaded.has(record.batch));
  const counted = seals.filter(
    (one) => one.record.rejects.rows > 0 && !loaded.some((other) => isOfNewer(other, one)),
  );
  return {
    rows: counted.reduce((sum, { record }) => sum + record.rejects.rows, 0),
    isAtLeast: items.length > MOST_ADDED_UP,
  };
};
