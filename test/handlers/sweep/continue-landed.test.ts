import { describe, expect, it } from 'vitest';
import { landedBatch, toKey } from '../../../shared/keys.ts';
import { FEED } from '../load/support/world.ts';
import { DAY, HOUR, NOTHING, toSweeping } from './support/sweeping.ts';

describe('the sweep of landed objects', () => {
  const KEY = `landing/${FEED}/a.xml`;
  const batch = landedBatch(KEY, 'v1');

  it('starts Extract again for one that nobody sealed, once its execution must be dead', async () => {
    const { events, run, land } = toSweeping();
    land(KEY, HOUR);
    land(`landing/${FEED}/young.xml`, 60_000);
    land(`landing/${FEED}/old.xml`, 4 * DAY);
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

  it('leaves one alone that is sealed or parked', async () => {
    for (const key of [
      toKey({ kind: 'batch', feed: FEED, date: '2026/11/23', batch }),
      toKey({ kind: 'parked', feed: FEED, batch }),
    ]) {
      const { world, run, land } = toSweeping();
      land(KEY, HOUR);
      await world.records.putIfAbsent(key, '{}');
      expect(await run()).toEqual(NOTHING);
    }
  });
});
