import type { Feed } from '../../shared/feed/feed.ts';
import { landedBatch, toDateFolder, toKey } from '../../shared/keys.ts';
import { EVENT } from '../../shared/messages.ts';
import type { InventoryItem } from '../ports/object-inventory.ts';
import type { SweepPorts } from './sweep-ports.ts';

/** An execution lives 5 minutes, and an event may take one or more: younger objects are in good hands. */
const YOUNG_MS = 10 * 60_000;

/** Older objects were started again at every sweep of three days. */
const OLD_MS = 3 * 24 * 3_600_000;

/** HEADs of one sweep and feed; the next sweep goes on where seals stand by then. */
const MAX_HEADS = 1_000;

/** Starts Extract again for landed objects that are neither sealed nor parked: their event or their execution was lost. */
export const continueLanded = async ({ feed, source }: Feed, ports: SweepPorts): Promise<number> => {
  if (source.kind !== 's3') return 0;
  const now = ports.clock.now();
  let heads = 0;
  let continued = 0;
  for await (const item of ports.inventory.list(`landing/${feed}/`)) {
    const age = now - item.lastModifiedMs;
    ports.signal.throwIfAborted();
    const isOurs = source.suffixes.some((suffix) => item.key.endsWith(suffix));
    if (!isOurs || age <= YOUNG_MS || age > OLD_MS) continue;
    if (heads === MAX_HEADS) break;
    heads += 1;
    if (await continueObject(feed, item, ports)) continued += 1;
  }
  return continued;
};

const continueObject = async (
  feed: string,
  { key, lastModifiedMs }: InventoryItem,
  { inventory, records, events, bucket }: SweepPorts,
): Promise<boolean> => {
  const versionId = await inventory.currentVersion(key);
  if (versionId === undefined) return false;
  const batch = landedBatch(key, versionId);
  const ends = [
    toKey({ kind: 'batch', feed, date: toDateFolder(lastModifiedMs), batch }),
    toKey({ kind: 'parked', feed, batch }),
  ];
  for (const end of ends) if ((await records.read(end)) !== undefined) return false;
  await events.put(EVENT.continue, {
    feed,
    object: { bucket, key, versionId },
    generation: 0,
    correlation: `sweep/${feed}/${batch}`,
  });
  return true;
};
