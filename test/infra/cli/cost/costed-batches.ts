import type { ObjectInventory } from '../../../../handlers/ports/object-inventory.ts';
import type { CostedDeployment } from '../../../../infra/cli/cost/open-costed.ts';
import { parseKeyIfOurs, parseStamp, toKey } from '../../../../shared/state/keys.ts';
import { itemsFeed } from '../../../handlers/extract/world.ts';
import { tracedBatches } from '../trace/traced-batch.ts';

export const ROWS = 500;

/** How long after a batch's start its load is settled. */
const SETTLED_MS = 10_000;

/** A deployment with a feed `items` whose batches were traced, each of ROWS rows and loaded by itself. */
export const costedBatches = (names: readonly string[]) => {
  const starts = names.map((name) => parseStamp(name.slice(2)));
  const world = tracedBatches(
    names.map((name, n) => ({ name, start: new Date(starts[n] ?? 0).toISOString() })),
  );
  const { entries } = world.records;
  for (const [key, text] of entries) {
    if (!key.startsWith('batches/')) continue;
    const tables = { 'ewm.items': { rows: ROWS, parts: [] } };
    entries.set(key, JSON.stringify({ ...JSON.parse(text), tables }));
  }
  const putMs = (key: string): number => {
    const of = parseKeyIfOurs(key);
    if (of !== undefined && 'batch' in of) return parseStamp(of.batch.slice(2));
    return of?.kind === 'settled' ? (starts[of.load - 1] ?? 0) + SETTLED_MS : 0;
  };
  const inventory: ObjectInventory = {
    async *list(prefix) {
      for (const key of (await world.records.list(prefix)).keys) yield { key, lastModifiedMs: putMs(key) };
    },
    async *listVersions() {},
    remove: async () => undefined,
    removeVersions: async () => undefined,
  };
  const deployment: CostedDeployment = {
    ...{ records: world.records, inventory, isLocal: false, readTraces: world.readTraces },
    clock: { now: () => 0, sleep: async () => undefined },
    readFeeds: async () => ({ items: itemsFeed() }),
    readCapacity: async () => ({ rpu: 8 }),
    close: async () => undefined,
  };
  return { deployment, entries, traces: world.traces };
};

/** The submission of a load's first try. */
export const submissionKey = (date: string, load: number): string =>
  toKey({ kind: 'submission', feed: 'items', date, load, try: 1 });
