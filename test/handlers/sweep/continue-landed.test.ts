import { describe, expect, it } from 'vitest';
import { ServiceUnavailable } from '../../../shared/errors.ts';
import { landedBatch, toDateFolder, toKey } from '../../../shared/state/keys.ts';
import { TURNS } from '../../../shared/state/sweep-turn.ts';
import { memoryInventory } from '../../fakes/memory-inventory.ts';
import { FEED } from '../load/support/world.ts';
import { DAY, definition, HOUR, NOTHING, toSweeping } from './support/sweeping.ts';

const keyOf = (name: string): string => `landing/${FEED}/${name}.xml`;
const KEY = keyOf('a');
const batch = landedBatch(KEY, 'v1');

const toLanding = () => {
  const sweeping = toSweeping();
  const { world, objects, events } = sweeping;
  const seal = (key: string) => {
    const { lastModifiedMs, versionId } = objects.get(key) ?? expect.unreachable(`${key} is not there`);
    const date = toDateFolder(lastModifiedMs);
    const name = { feed: FEED, date, batch: landedBatch(key, versionId) };
    world.entries.set(toKey({ kind: 'batch', ...name }), '{}');
  };
  /** Names and versions of what was started, as `a v1`. */
  const continued = () =>
    events.taken.map(({ detail }) => {
      const { key, versionId } = detail.object as { key: string; versionId: string };
      return `${key.slice(keyOf('').length - '.xml'.length, -'.xml'.length)} ${versionId}`;
    });
  return { ...sweeping, seal, continued };
};

/** With an inventory that counts the versions that it gave. */
const toLooking = () => {
  const landing = toLanding();
  const memory = memoryInventory(landing.objects);
  const inventory = {
    looked: 0,
    port: {
      ...memory,
      async *listVersions(...of: Parameters<typeof memory.listVersions>) {
        for await (const version of memory.listVersions(...of)) {
          inventory.looked += 1;
          yield version;
        }
      },
    },
  };
  return { ...landing, inventory };
};

describe('the sweep of landed objects', () => {
  it('starts Extract again for one that nobody sealed, once its execution must be dead', async () => {
    const { events, run, land } = toLanding();
    land(KEY, HOUR);
    land(keyOf('young'), 60_000);
    land(`landing/${FEED}/notes.txt`, HOUR);
    expect(await run()).toEqual({ ...NOTHING, continued: 1 });
    expect(events.taken).toEqual([
      {
        type: 'Continue',
        detail: {
          feed: FEED,
          object: { bucket: 'bucket', key: KEY, versionId: 'v1' },
          generation: 0,
          correlation: `sweep/${FEED}/${batch}`,
        },
      },
    ]);
  });

  it('looks below the prefix of a bucket of others, and passes over what has no version', async () => {
    const source = { ...definition.source, bucket: 'of-others', prefix: 'drops/' };
    const { events, run, land } = toSweeping({ [FEED]: { ...definition, source } });
    land('of-others:drops/a.xml', HOUR);
    land('of-others:drops/old.xml', HOUR, 'null');
    land('of-others:elsewhere/a.xml', HOUR);
    land(KEY, HOUR);
    expect(await run()).toEqual({ ...NOTHING, continued: 1 });
    expect(events.taken.map(({ detail }) => detail.object)).toEqual([
      { bucket: 'of-others', key: 'drops/a.xml', versionId: 'v1' },
    ]);
  });

  it('leaves one alone that is sealed or parked', async () => {
    for (const key of [
      toKey({ kind: 'batch', feed: FEED, date: '2026/11/23', batch }),
      toKey({ kind: 'parked', feed: FEED, batch }),
    ]) {
      const { world, run, land } = toLanding();
      land(KEY, HOUR);
      await world.records.putIfAbsent(key, '{}');
      expect(await run()).toEqual(NOTHING);
    }
  });

  it('finds one behind any number of sealed ones, and reads none of them', async () => {
    const { world, continued, run, land, seal } = toLanding();
    for (let n = 0; n < 3_000; n += 1) {
      land(keyOf(`sealed-${n}`), HOUR + n * 60_000);
      seal(keyOf(`sealed-${n}`));
    }
    land(keyOf('the last'), HOUR);
    const reads: string[] = [];
    const read = async (key: string) => {
      reads.push(key);
      return world.records.read(key);
    };
    expect(await run(0, { records: { ...world.records, read } })).toEqual({ ...NOTHING, continued: 1 });
    // What is deployed, since when the feed is there, whether it is paused or made anew, and nothing of what is sealed.
    expect([continued(), reads]).toEqual([
      ['the last v1'],
      [
        ...['deployed/deployment.json', 'paused/work_items.json', 'rebuilds/work_items.json'],
        'marks/work_items/seen.json',
      ],
    ]);
  });

  it('gives up none, however old: each has one turn a day', async () => {
    const { continued, run, land } = toLanding();
    const names = ['four', 'five', 'six', 'many'];
    for (const [n, days] of [4, 5, 6, 400].entries()) land(keyOf(names[n] ?? ''), days * DAY);
    for (let sweepNumber = 0; sweepNumber < TURNS; sweepNumber += 1) await run(sweepNumber);
    expect(continued().sort()).toEqual(['five v1', 'four v1', 'many v1', 'six v1']);
  });

  it('starts a version that another one overwrote', async () => {
    const { objects, continued, run, land, seal } = toLanding();
    land(KEY, HOUR, 'v2');
    seal(KEY);
    const current = objects.get(KEY) ?? expect.unreachable('it was just put');
    const older = [{ lastModifiedMs: current.lastModifiedMs - HOUR, versionId: 'v1' }];
    objects.set(KEY, { ...current, older });
    expect(await run()).toEqual({ ...NOTHING, continued: 1 });
    expect(continued()).toEqual(['a v1']);
  });

  it('starts 1,000 at most, and the others next time, so that some that fail for ever hide no other', async () => {
    const { world, events, continued, run, land } = toLanding();
    for (let n = 0; n < 2_500; n += 1) land(keyOf(`${n}`), 2 * HOUR);
    for (const pass of [0, 3]) {
      events.taken.length = 0;
      for (const [sweepNumber, started] of [1_000, 1_000, 500].entries())
        expect(await run(pass + sweepNumber)).toEqual({ ...NOTHING, continued: started });
      expect(new Set(continued()).size).toBe(2_500);
    }
    const marks = [...world.entries.keys()].filter((key) => key.includes('/landed-'));
    expect(marks).toHaveLength(1);
  });

  it('goes on from where it stood when a sweep dies, and loses none of those that it had not begun', async () => {
    const { world, continued, run, land } = toLanding();
    for (let n = 0; n < 1_200; n += 1) land(keyOf(`${n}`), 2 * HOUR);
    const putIfAbsent = async (key: string, text: string) => {
      if (key.includes('/landed-')) throw new ServiceUnavailable('no answer');
      return world.records.putIfAbsent(key, text);
    };
    await expect(run(0, { records: { ...world.records, putIfAbsent } })).rejects.toThrow('no answer');
    for (const sweepNumber of [1, 2]) await run(sweepNumber);
    expect(new Set(continued()).size).toBe(1_200);
  });

  it('looks at all versions of a key together, and at 100,000 in one sweep', async () => {
    const { world, objects, inventory, run, land, seal, continued } = toLooking();
    const versions = Array.from({ length: 60_000 }, (_, n) => ({
      lastModifiedMs: world.clock.now() - 60_000,
      versionId: `young-${n}`,
    }));
    const [current, ...older] = versions;
    for (const name of ['a', 'b', 'c'])
      objects.set(keyOf(name), { ...(current ?? expect.unreachable()), older });
    land(keyOf('d'), HOUR);
    seal(keyOf('d'));
    land(keyOf('e'), HOUR);
    for (const [sweepNumber, looked] of [120_001, 60_002, 120_001].entries()) {
      inventory.looked = 0;
      await run(sweepNumber, { inventory: inventory.port });
      expect([sweepNumber, inventory.looked]).toEqual([sweepNumber, looked]);
    }
    expect(continued()).toEqual(['e v1']);
  });

  it('asks for old ones once in all turns also where each pass takes several sweeps', async () => {
    const { events, continued, run, land } = toLanding();
    const old = Array.from({ length: 40 }, (_, n) => `old ${n}`);
    for (const [n, name] of old.entries()) land(keyOf(name), (4 + n) * DAY);
    for (let n = 0; n < 1_500; n += 1) land(keyOf(`p ${n}`), HOUR);
    for (let sweepNumber = 0; sweepNumber < TURNS + 4; sweepNumber += 1) await run(sweepNumber);
    const asked = continued().filter((name) => name.startsWith('old'));
    expect(new Set(asked).size).toBe(old.length);
    expect(asked.length).toBeLessThan(1.2 * old.length);
    expect(events.taken.length).toBeGreaterThan(TURNS * 700);
  });
});
