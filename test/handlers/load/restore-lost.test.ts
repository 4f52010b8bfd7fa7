import { describe, expect, it } from 'vitest';
import { MOST_BATCHES, restoreLost } from '../../../handlers/load/restore-lost.ts';
import type { Warehouse } from '../../../handlers/ports/warehouse.ts';
import { toDateFolder, toKey } from '../../../shared/state/keys.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { batchName, emptyTables, FEED, sealed, toWorld } from './support/world.ts';

/** A warehouse is emptied, replaced or restored under loads that S3 says are done. */

const partKey = (n: number): string => `staged/${FEED}/${batchName(n)}/a/ewm.work_items/00000-00000.csv.zst`;

/** Batches 1 to 6, a load each; what the ledger of the warehouse has is what a test says. */
const loadedWorld = async (count = 6) => {
  const world = toWorld();
  const ledger = new Set<string>();
  const asked: string[] = [];
  const execute: Warehouse['execute'] = async (sql) => {
    asked.push(sql);
    const names = [...sql.matchAll(/'(w-\w+)'/g)].map(([, name = '']) => name);
    return [...ledger].map((row) => row.split(' ')).filter(([batch = '']) => names.includes(batch));
  };
  const load = async (n: number) => {
    await world.loadOnce();
    ledger.add(`${batchName(n)} seal-${n}`);
  };
  for (let n = 1; n <= count; n += 1) {
    await world.put(sealed(n));
    world.entries.set(partKey(n), '');
    await load(n);
  }
  const restore = async (deps: Partial<Parameters<typeof restoreLost>[1]> = {}) =>
    (await restoreLost(FEED, { ...world.deps(), warehouse: { execute }, ...deps })).warnings;
  return { world, ledger, asked, execute, load, restore };
};

const names = (...ns: readonly number[]): readonly string[] => ns.map(batchName);

describe('a warehouse that lost what was loaded', () => {
  it('costs one question a load where nothing is lost, and none where nothing was loaded', async () => {
    const { world, asked, restore } = await loadedWorld();
    expect(await restore()).toEqual([]);
    expect(asked).toHaveLength(1);
    expect(await world.pending()).toEqual([]);

    const fresh = await loadedWorld(0);
    expect(await fresh.restore()).toEqual([]);
    expect(fresh.asked).toEqual([]);
  });

  it('loads all again when it was emptied, by the loads that follow', async () => {
    const { world, ledger, restore, load } = await loadedWorld();
    ledger.clear();
    await world.put(sealed(7));
    await world.planned(); // in flight: its PrepareWarehouse looks
    expect(await restore()).toEqual([
      `the warehouse lacks 6 batches of ${FEED} that were loaded: it was restored, replaced or emptied; 6 are pending again`,
    ]);
    expect(await world.pending()).toEqual(names(1, 2, 3, 4, 5, 6, 7));

    const key = (await world.records.list(`loads/${FEED}/`)).keys.at(-1) ?? '';
    const thread = { feed: FEED, loadKey: key, try: 1, correlation: key };
    await world.submit(thread);
    await world.mark(thread);
    expect(await world.pending()).toEqual(names(1, 2, 3, 4, 5, 6));
    await load(1);
    expect(await world.pending()).toEqual([]);
  });

  it('loads again what an older snapshot lacks, and nothing else', async () => {
    const { world, ledger, restore } = await loadedWorld();
    for (const n of [4, 5, 6]) ledger.delete(`${batchName(n)} seal-${n}`);
    expect((await restore())[0]).toContain(`lacks 3 batches of ${FEED}`);
    expect(await world.pending()).toEqual(names(4, 5, 6));
  });

  it('is noticed also when a load that was in flight is in the ledger of the restored one', async () => {
    const { world, ledger, restore } = await loadedWorld();
    for (const n of [4, 5]) ledger.delete(`${batchName(n)} seal-${n}`);
    expect((await restore())[0]).toContain(`lacks 2 batches of ${FEED}`);
    expect(await world.pending()).toEqual(names(4, 5));
  });

  it('tells a batch by its seal: one of the same name from a bucket that was emptied is another', async () => {
    const { world, ledger, restore } = await loadedWorld();
    ledger.delete(`${batchName(6)} seal-6`);
    ledger.add(`${batchName(6)} another-seal`);
    await restore();
    expect(await world.pending()).toEqual(names(6));
  });

  it('names what has no part files any more, and makes the others pending', async () => {
    const { world, ledger, restore } = await loadedWorld();
    ledger.clear();
    for (const n of [1, 2]) world.entries.delete(partKey(n));
    expect(await restore()).toEqual([
      `the warehouse lacks 6 batches of ${FEED} that were loaded: it was restored, replaced or emptied; 4 are pending again`,
      `the warehouse lacks 2 batches of ${FEED} whose part files are gone, since they are removed 30 days after their load: ${batchName(2)} ${batchName(1)}; read the range of each again`,
    ]);
    expect(await world.pending()).toEqual(names(3, 4, 5, 6));
    // What the sweep tells a person by.
    const [mark = ''] = [...world.entries.keys()].filter((key) => key.startsWith(`marks/${FEED}/lost-`));
    expect(JSON.parse(world.entries.get(mark) ?? '{}')).toMatchObject({
      batch: batchName(2),
      message: expect.stringMatching(/^the warehouse lacks 2 batches/),
    });
  });

  it('changes nothing the second time, nor beside itself', async () => {
    const { world, ledger, restore } = await loadedWorld();
    ledger.clear();
    await Promise.all([restore(), restore()]);
    const before = await world.pending();
    expect(before).toEqual(names(1, 2, 3, 4, 5, 6));
    expect(await restore()).toEqual([]);
    expect(await world.pending()).toEqual(before);
  });

  it('leaves alone what is parked, pending or empty, and a batch that a load in flight has', async () => {
    const { world, ledger, restore } = await loadedWorld();
    ledger.clear();
    const parked = toKey({ kind: 'parked', feed: FEED, batch: batchName(2) });
    world.entries.set(parked, '{}');
    await world.put(sealed(7, { tables: emptyTables }));
    await world.records.remove(toKey({ kind: 'pending', feed: FEED, batch: batchName(7) }));
    await world.put(sealed(8));
    await world.planned();
    await restore();
    expect(await world.pending()).toEqual(names(1, 3, 4, 5, 6, 8));
    expect(await world.records.read(parked)).toBe('{}');
  });

  it('is found again by whoever comes after one that died at any put', async () => {
    for (let alive = 0; alive <= 6; alive += 1) {
      const { world, ledger, restore } = await loadedWorld();
      ledger.clear();
      let puts = 0;
      const records = {
        ...world.records,
        putIfAbsent: async (key: string, text: string) => {
          puts += 1;
          if (puts > alive) throw new Error('died');
          return world.records.putIfAbsent(key, text);
        },
      };
      const died = await restore({ records }).then(
        () => false,
        () => true,
      );
      expect(died).toBe(alive < 6);
      await restore();
      expect(await world.pending(), `${alive} puts`).toEqual(names(1, 2, 3, 4, 5, 6));
    }
  });

  it('says where it stopped looking', async () => {
    const { world, ledger, restore } = await loadedWorld(1);
    ledger.clear();
    const date = toDateFolder(Date.parse('2026-11-22T00:00:00Z'));
    for (let n = 0; n < MOST_BATCHES; n += 1) {
      const batch = `w-20261122T${String(n).padStart(9, '0')}Z`;
      const key = toKey({ kind: 'batch', feed: FEED, date, batch });
      world.entries.set(key, toRecordText(sealed(1, { batch, seal: 's' })));
      ledger.add(`${batch} s`);
    }
    expect(await restore()).toEqual([
      `the warehouse lacks 1 batches of ${FEED} that were loaded: it was restored, replaced or emptied; 1 are pending again`,
      `only the newest ${MOST_BATCHES} batches of ${FEED} were looked at`,
    ]);
  });
});
