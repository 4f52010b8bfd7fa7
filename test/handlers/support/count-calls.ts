import { landedBatch, toDateFolder, toKey } from '../../../shared/state/keys.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { type Calls, countedStores } from '../../fakes/counted-stores.ts';
import { memoryInventory } from '../../fakes/memory-inventory.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';
import { pagedSource } from '../../fakes/paged-source.ts';
import { execute, executeToEnd, itemsFeed, schedule, worldOf } from '../extract/world.ts';
import { FEED, sealed, toWorld } from '../load/support/world.ts';
import { definition, HOUR, toSweeping } from '../sweep/support/sweeping.ts';

/** Requests to S3 of each state, by how many batches there are. */

const numbers = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => String(n).padStart(6, '0'));

/** Of PlanBatch, where so many backfills were sealed over so many days, and one window before them or none. */
export const countPlanBatch = async (batches: number, days: number, hasWindow: boolean): Promise<Calls> => {
  const counted = countedStores();
  const world = worldOf(itemsFeed(), pagedSource({ pages: 1, rowsPerPage: 1 }));
  if (hasWindow) await executeToEnd(world, schedule());
  for (const [n, number] of numbers(batches).entries()) {
    const date = toDateFolder(Date.parse('2026-11-24') + (n % days) * 24 * HOUR);
    const key = toKey({ kind: 'batch', feed: world.feed.feed, date, batch: `b-${number}` });
    world.records.entries.set(key, toRecordText({}));
  }
  const as = (state: string) => (state === 'PlanBatch' ? { records: counted.records(world.records) } : {});
  await execute({ ...world, as }, schedule('2026-11-23T13:00:00.000Z'));
  return counted.calls;
};

/** Of the states of one load, where so many batches are pending. */
export const countLoad = async (
  batches: number,
): Promise<Readonly<Record<'PlanLoad' | 'SubmitLoad' | 'MarkLoaded', Calls>>> => {
  const memory = memoryRecordStore();
  const counted = { PlanLoad: countedStores(), SubmitLoad: countedStores(), MarkLoaded: countedStores() };
  const world = toWorld(memory, (state) =>
    Object.hasOwn(counted, state) ? counted[state as keyof typeof counted].records(memory) : memory,
  );
  for (const number of numbers(batches)) await world.put(sealed(1, { batch: `f-${number}`, seal: number }));
  const thread = await world.planned();
  await world.submit(thread);
  await world.mark(thread);
  return {
    PlanLoad: counted.PlanLoad.calls,
    SubmitLoad: counted.SubmitLoad.calls,
    MarkLoaded: counted.MarkLoaded.calls,
  };
};

/** Of Sweep, with so many landed objects that are sealed, of so many feeds together; over a year, as they land. */
export const countSweep = async (objects: number, feeds: number): Promise<Calls> => {
  const counted = countedStores();
  const names = numbers(feeds).map((number) => (feeds === 1 ? FEED : `feed_${number}`));
  const sweeping = toSweeping(Object.fromEntries(names.map((feed) => [feed, { ...definition, feed }])));
  const { world } = sweeping;
  for (const [n, number] of numbers(objects).entries()) {
    const feed = names[n % feeds] ?? FEED;
    const key = `landing/${feed}/${number}.xml`;
    const ageMs = HOUR + n * ((365 * 24 * HOUR) / objects);
    sweeping.land(key, ageMs);
    const date = toDateFolder(world.clock.now() - ageMs);
    const batch = landedBatch(key, 'v1');
    const seal = toKey({ kind: 'batch', feed, date, batch });
    world.entries.set(seal, toRecordText({}));
    sweeping.land(seal, ageMs);
  }
  await sweeping.run(0, {
    records: counted.records(world.records),
    inventory: counted.inventory(memoryInventory(sweeping.objects)),
  });
  return counted.calls;
};
