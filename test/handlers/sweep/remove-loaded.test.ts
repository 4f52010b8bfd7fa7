import { describe, expect, it } from 'vitest';
import { toKey } from '../../../shared/state/keys.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { TURNS } from '../../../shared/state/sweep-turn.ts';
import { batchName, FEED, sealed } from '../load/support/world.ts';
import { DAY, definition, planOf, stagedKey, toSweeping } from './support/sweeping.ts';

const OTHER = 'others';
const BATCHES = [
  [FEED, 1],
  [FEED, 2],
  [OTHER, 3],
] as const;

/** Three sealed batches of two feeds that wait for nothing, with files of 31 days, and what a day of sweeps asks and removes. */
const toKept = async (ageMs = 31 * DAY) => {
  const { world, objects, run, land } = toSweeping({
    [FEED]: definition,
    [OTHER]: { ...definition, feed: OTHER },
  });
  for (const [feed, n] of BATCHES) {
    const [, plan] = planOf(batchName(n));
    const key = toKey({ kind: 'plan', feed, batch: batchName(n), definition: definition.contract.hash });
    await world.records.putIfAbsent(key, toRecordText({ ...plan, feed }));
    const staged = stagedKey(batchName(n), 'a').replace(FEED, feed);
    const parts = [{ key: staged, bytes: 100, rows: 1 }];
    await world.put(sealed(n, { feed, tables: { 'ewm.work_items': { rows: 1, parts } } }));
    await world.records.remove(toKey({ kind: 'pending', feed, batch: batchName(n) }));
    land(staged, ageMs);
  }
  const sweepFor = async (loaded: readonly (readonly [feed: string, batch: string, seal: string])[] = []) => {
    const asked: string[] = [];
    const called: string[] = [];
    const execute = async (sql: string) => {
      asked.push(sql);
      return loaded;
    };
    const describe = async (id: string) => {
      called.push(`describe ${id}`);
      return undefined;
    };
    for (let n = 0; n < TURNS; n += 1) await run(n, { warehouse: { ...world.warehouse, execute, describe } });
    return { asked, called, left: [...objects.keys()].map((key) => key.split('/')[2]) };
  };
  return { world, sweepFor };
};

describe('the sweep of loaded files', () => {
  it('removes those of each batch that the ledger has by its seal', async () => {
    const { sweepFor } = await toKept();
    const { left } = await sweepFor([
      [FEED, batchName(1), 'seal-1'],
      [FEED, batchName(2), 'another seal'],
      [FEED, batchName(3), 'seal-3'],
    ]);
    expect(left).toEqual([batchName(2), batchName(3)]);
  });

  it('asks the warehouse once a day for all batches of all feeds, those loaded 30 days ago, and nothing else', async () => {
    const { sweepFor } = await toKept();
    const { asked, called } = await sweepFor();
    expect(asked).toHaveLength(1);
    const [select, ...feeds] = asked[0]?.split(/ AND \(| OR |\)$/).filter((part) => part !== '') ?? [];
    expect(select).toBe(
      `SELECT DISTINCT feed, batch, seal FROM "millrace"."ledger" WHERE loaded_at < CAST('2026-10-24 12:00:00.000+00' AS TIMESTAMPTZ)`,
    );
    expect(feeds.sort()).toEqual([
      `feed = 'others' AND batch IN ('${batchName(3)}')`,
      `feed = 'work_items' AND batch IN ('${batchName(1)}', '${batchName(2)}')`,
    ]);
    expect(called).toEqual([]);
  });

  it('lets the warehouse sleep while all that is old is parked or pending, or nothing is old', async () => {
    const { world, sweepFor } = await toKept();
    for (const n of [1, 2]) {
      await world.records.putIfAbsent(toKey({ kind: 'parked', feed: FEED, batch: batchName(n) }), '{}');
    }
    await world.records.putIfAbsent(toKey({ kind: 'pending', feed: OTHER, batch: batchName(3) }), '{}');
    expect((await sweepFor()).asked).toEqual([]);
    expect((await (await toKept(29 * DAY)).sweepFor()).asked).toEqual([]);
  });

  it('removes those of a sealed batch that was skipped 30 days ago, and asks no warehouse for it', async () => {
    const { world, sweepFor } = await toKept();
    const now = world.clock.now();
    const put = (key: string, record: object) => world.records.putIfAbsent(key, toRecordText(record));
    for (const [feed, n] of BATCHES) {
      const batch = batchName(n);
      await put(toKey({ kind: 'parked', feed, batch }), {});
      const skippedAt = new Date(now - (n === 2 ? 29 : 31) * DAY).toISOString();
      await put(toKey({ kind: 'skipped', feed, batch }), { feed, batch, invocation: 'a', skippedAt });
    }
    // Given back: its load is to come.
    await world.records.remove(toKey({ kind: 'parked', feed: OTHER, batch: batchName(3) }));
    await put(toKey({ kind: 'pending', feed: OTHER, batch: batchName(3) }), {});
    expect(await sweepFor()).toEqual({ asked: [], called: [], left: [batchName(2), batchName(3)] });
  });
});
