import { describe, expect, it } from 'vitest';
import { loadRecord, settledRecord } from '../../../shared/state/records.ts';
import { FEED, sealed, toWorld } from './support/world.ts';

/** A load fails by what one of its batches holds, and nobody says by which. */

const BATCHES = 40;
const nameOf = (n: number): string => `w-20261123T00${String(n).padStart(2, '0')}00000Z`;
const all = Array.from({ length: BATCHES }, (_, n) => n);

/** Loads until nothing is pending, of a warehouse that fails each load with a bad batch in it. */
const loadAll = async (bad: readonly number[], message: string) => {
  const world = toWorld();
  for (const n of all) {
    const minute = String(n).padStart(2, '0');
    await world.put(sealed(1, { batch: nameOf(n), observed: `2026-11-23T00:${minute}:00.000Z` }));
  }
  const loads: string[][] = [];
  let statements = 0;
  while ((await world.pending()).length > 0 && loads.length < 300) {
    const thread = await world.planned();
    const batches = await world.batchesOf(thread);
    loads.push([...batches]);
    const isBad = batches.some((batch) => bad.some((n) => nameOf(n) === batch));
    let next = thread;
    for (;;) {
      const { statementId } = await world.submit(next);
      statements += 1;
      if (!isBad) {
        world.warehouse.end(statementId, 'finished');
        await world.mark(next);
        break;
      }
      world.warehouse.end(statementId, 'failed', message);
      const answer = await world.describeLast();
      if (answer.outcome === 'retry') {
        next = answer.thread;
        continue;
      }
      if (answer.outcome !== 'failed') throw new Error(answer.outcome);
      await world.park(next, answer.culprits, answer.isDataError, answer.error);
      break;
    }
  }
  const parked = (await world.records.list(`parked/${FEED}/`)).keys;
  return {
    world,
    loads,
    statements,
    parked: parked.map((key) => key.split('/').at(-1)?.replace('.json', '')),
  };
};

describe('a load that one of forty batches makes fail', () => {
  it.each(all)('finds the one in 12 loads at most and loads all others: number %i', async (n) => {
    const { loads, parked } = await loadAll([n], 'Overflow (Long valid range -1 to 1)');
    expect(parked).toEqual([nameOf(n)]);
    expect(loads.length).toBeLessThanOrEqual(12);
    expect(new Set(loads.flat())).toEqual(new Set(all.map(nameOf)));
  });

  it('is tried three times where nobody knows its error, before it is taken apart', async () => {
    const { loads, statements, parked } = await loadAll([7], 'ERROR: Assert; Compilation of segment failed');
    expect(parked).toEqual([nameOf(7)]);
    expect(loads.length).toBeLessThanOrEqual(12);
    const failed = loads.filter((load) => load.includes(nameOf(7))).length;
    expect(statements).toBe(loads.length + 2 * failed);
  });

  it.each([[[0, 39]], [[3, 4, 5]], [[...all.filter((n) => n % 7 === 0)]]])(
    'finds each of several: %j',
    async (bad) => {
      const { parked } = await loadAll(bad, 'Numeric data overflow (result precision)');
      expect(parked).toEqual(bad.map(nameOf));
    },
  );

  it.each(['ERROR: Assert', 'ERROR: Compilation of segment failed'])(
    'parks none of forty at once where all fail by what nobody knows: %s',
    async (message) => {
      const { world, loads, statements, parked } = await loadAll(all, message);
      expect(parked).toEqual(all.map(nameOf));
      expect(statements).toBe(3 * loads.length);
      const settled = (await world.records.list(`loads/${FEED}/`)).keys.filter((key) =>
        key.endsWith('settled.json'),
      );
      for (const key of settled) {
        const { parked } = settledRecord.parse(JSON.parse((await world.records.read(key)) ?? ''));
        expect(parked.length).toBeLessThanOrEqual(1);
      }
    },
  );

  it('says in the record of each load among which batches the fault lies', async () => {
    const { world } = await loadAll([0], 'Overflow (Long valid range -1 to 1)');
    const second = await world.records.read(`loads/${FEED}/2026/11/23/00002.json`);
    const { batches, suspects } = loadRecord.parse(JSON.parse(second ?? ''));
    expect(batches).toHaveLength(BATCHES / 2);
    expect(suspects).toEqual(all.map(nameOf));
  });
});

describe('a warehouse that is paused for 25 hours', () => {
  it('parks nothing, and loads everything after it', async () => {
    const world = toWorld();
    for (const n of all) await world.put(sealed(1, { batch: nameOf(n), seal: `seal-${n}` }));
    const names = all.map(nameOf);
    let thread = await world.planned();
    const paused = 'ERROR: the cluster is paused';
    let statement = (await world.submit(thread)).statementId;
    for (let quarters = 0; quarters <= 25 * 4; quarters += 1) {
      // Its own event goes through the fast tries, then fails the execution; each sweep makes one try more.
      for (let source: string | undefined = 'millrace'; ; source = undefined) {
        world.warehouse.end(statement, 'failed', paused);
        const answer = await world.describeLast(source);
        if (answer.outcome === 'retry') {
          thread = answer.thread;
          statement = (await world.submit(thread)).statementId;
          continue;
        }
        if (answer.outcome !== 'failed') throw new Error(answer.outcome);
        expect(await world.park(thread, answer.culprits, answer.isDataError, answer.error)).toMatchObject({
          outcome: 'waiting',
          parked: [],
        });
        break;
      }
      world.clock.advance(15 * 60_000);
    }
    expect((await world.records.list(`parked/${FEED}/`)).keys).toEqual([]);
    expect(await world.pending()).toEqual(names);
    expect((await world.plan()).outcome).toBe('idle');

    const swept = await world.describeLast('millrace');
    if (swept.outcome !== 'retry') throw new Error(swept.outcome);
    world.warehouse.end((await world.submit(swept.thread)).statementId, 'finished');
    expect((await world.describeLast()).outcome).toBe('finished');
    await world.mark(swept.thread);
    expect(await world.batchesOf(swept.thread)).toEqual(names);
    expect(await world.pending()).toEqual([]);
  });
});
