import { parseKeyIfOurs } from '../../shared/state/keys.ts';
import { newestDays } from '../newest-keys.ts';
import type { InventoryItem } from '../ports/object-inventory.ts';
import type { LookDeps } from './operate-deps.ts';

/** Records under date folders (`<prefix><yyyy>/<mm>/<dd>/…`), with the times that they were put. */

/** The items of each day, the newest day first. */
export async function* itemsByDay(
  { records, inventory }: LookDeps,
  prefix: string,
): AsyncGenerator<readonly InventoryItem[]> {
  for await (const day of newestDays(records, prefix)) {
    const items: InventoryItem[] = [];
    for await (const item of inventory.list(day)) items.push(item);
    yield items;
  }
}

/**
 * Items that were put since a time, the newest day first, and of a day its last name first. It ends behind the first day of which none is so
 * new: names have the day of a batch's window or object, and what was read late lies in an older one.
 */
export async function* itemsSince(
  deps: LookDeps,
  prefix: string,
  sinceMs: number,
): AsyncGenerator<InventoryItem> {
  for await (const items of itemsByDay(deps, prefix)) {
    const newer = items.filter(({ lastModifiedMs }) => lastModifiedMs >= sinceMs);
    if (newer.length === 0) return;
    yield* newer.toReversed();
  }
}

/** When the newest record of a prefix's newest day was put, and its key; undefined where there is none. */
export const newestItem = async (deps: LookDeps, prefix: string): Promise<InventoryItem | undefined> => {
  for await (const items of itemsByDay(deps, prefix)) {
    let newest: InventoryItem | undefined;
    for (const item of items)
      if (newest === undefined || item.lastModifiedMs >= newest.lastModifiedMs) newest = item;
    return newest;
  }
  return undefined;
};

/** The batch that a key of ours is of. */
export const batchOf = (text: string): string | undefined => {
  const key = parseKeyIfOurs(text);
  return key !== undefined && 'batch' in key ? key.batch : undefined;
};

/** ISO 8601 of epoch milliseconds. */
export const toIso = (ms: number): string => new Date(ms).toISOString();
