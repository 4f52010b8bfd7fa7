import { describe, expect, it } from 'vitest';
import { landedBatch, toDateFolder, toKey } from '../../../shared/state/keys.ts';
import { TURNS } from '../../../shared/state/sweep-turn.ts';
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
    // What is deployed, whether the feed is paused, and nothing of what is sealed.
    expect([continued(), reads]).toEqual([
      ['the last v1'],
      ['deployed/deployment.json', 'paused/work_items.json'],
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

  it('starts 1,000 at most, and others next time, so that some that fail for ever hide no other', async () => {
    const { events, continued, run, land } = toLanding();
    for (let n = 0; n < 2_500; n += 1) land(keyOf(`${n}`), 2 * HOUR);
    const found = new Set<string>();
    for (let sweepNumber = 0; sweepNumber < 24; sweepNumber += 1) {
      events.taken.length = 0;
      expect(await run(sweepNumber)).toEqual({ ...NOTHING, continued: 1_000 });
      for (const name of continued()) found.add(name);
    }
    expect(found.size).toBe(2_500);
  });
});
