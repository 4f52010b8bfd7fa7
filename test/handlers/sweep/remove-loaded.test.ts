import { describe, expect, it } from 'vitest';
import { toKey } from '../../../shared/state/keys.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { TURNS } from '../../../shared/state/sweep-turn.ts';
import { batchName, FEED, sealed } from '../load/support/world.ts';
import { DAY, planOf, stagedKey, toSweeping } from './support/sweeping.ts';

/** Three sealed batches that wait for nothing, with files of 31 days, and what a day of sweeps asks and removes. */
const toKept = async (ageMs = 31 * DAY) => {
  const { world, objects, run, land } = toSweeping();
  for (const n of [1, 2, 3]) {
    const [key, plan] = planOf(batchName(n));
    await world.records.putIfAbsent(key, toRecordText(plan));
    await world.put(sealed(n));
    await world.records.remove(toKey({ kind: 'pending', feed: FEED, batch: batchName(n) }));
    land(stagedKey(batchName(n), 'a'), ageMs);
  }
  const sweepFor = async (loaded: readonly (readonly [batch: string, seal: string])[] = []) => {
    const asked: string[] = [];
    const execute = async (sql: string) => {
      asked.push(sql);
      return loaded;
    };
    for (let n = 0; n < TURNS; n += 1) await run(n, { warehouse: { ...world.warehouse, execute } });
    return { asked, left: [...objects.keys()].map((key) => key.split('/')[2]) };
  };
  return { world, sweepFor };
};

describe('the sweep of loaded files', () => {
  it('removes those of each batch that the ledger has by its seal', async () => {
    const { sweepFor } = await toKept();
    const { left } = await sweepFor([
      [batchName(1), 'seal-1'],
      [batchName(2), 'another seal'],
    ]);
    expect(left).toEqual([batchName(2), batchName(3)]);
  });

  it('asks the warehouse once a day for all batches of a feed, and for those loaded 30 days ago', async () => {
    const { sweepFor } = await toKept();
    const { asked } = await sweepFor();
    expect(asked).toEqual([
      `SELECT DISTINCT batch, seal FROM "millrace"."ledger" WHERE feed = 'work_items' AND batch IN ('${batchName(1)}', '${batchName(2)}', '${batchName(3)}') AND loaded_at < CAST('2026-10-24 12:00:00.000+00' AS TIMESTAMPTZ)`,
    ]);
  });

  it('lets the warehouse sleep while all that is old is parked or pending, or nothing is old', async () => {
    const { world, sweepFor } = await toKept();
    for (const n of [1, 2]) {
      await world.records.putIfAbsent(toKey({ kind: 'parked', feed: FEED, batch: batchName(n) }), '{}');
    }
    await world.records.putIfAbsent(toKey({ kind: 'pending', feed: FEED, batch: batchName(3) }), '{}');
    expect((await sweepFor()).asked).toEqual([]);
    expect((await (await toKept(29 * DAY)).sweepFor()).asked).toEqual([]);
  });
});
