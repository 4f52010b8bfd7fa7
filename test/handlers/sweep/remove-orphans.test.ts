import { describe, expect, it } from 'vitest';
import { readPosition } from '../../../handlers/extract/slice-position.ts';
import { toKey } from '../../../shared/state/keys.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import type { StepRecord } from '../../../shared/state/records.ts';
import { TURNS } from '../../../shared/state/sweep-turn.ts';
import { workItems } from '../../shared/sql/support/contracts.ts';
import { batchName, FEED, sealed } from '../load/support/world.ts';
import { DAY, HOUR, planOf, removedInADay, stagedKey, toSweeping } from './support/sweeping.ts';

const BATCH = batchName(1);
const PLAN = { feed: FEED, batch: BATCH, definition: workItems.hash };
const staged = (invocation: string): string => stagedKey(BATCH, invocation);

/** A batch that is planned. */
const toStaging = () => {
  const sweeping = toSweeping();
  const { world, land, objects } = sweeping;
  const plan = async (batch = BATCH) => {
    const [key, record] = planOf(batch);
    await world.records.putIfAbsent(key, toRecordText(record));
  };
  /** A record as both see it: the record store its text, and the inventory its age. */
  const record = async (key: string, ageMs: number, text: string) => {
    await world.records.putIfAbsent(key, text);
    land(key, ageMs);
  };
  const step = async (invocation: string, ageMs: number, step = 0) => {
    const named: StepRecord = {
      invocation,
      at: new Date(world.clock.now() - ageMs).toISOString(),
      tables: { 'ewm.work_items': { rows: 1, parts: [{ key: staged(invocation), bytes: 1, rows: 1 }] } },
      records: 1,
      outside: 0,
      rejects: { rows: 0, parts: [] },
      bytes: 1,
      pages: 1,
      firstRejects: [],
      matched: [],
      warnings: [],
      continuation: { url: 'https://example.com/next', page: 1 },
    };
    land(staged(invocation), ageMs);
    const key = toKey({ kind: 'step', ...PLAN, slice: 0, restart: 0, step });
    await record(key, ageMs, toRecordText(named));
  };
  const left = () => [...objects.keys()].filter((key) => key.startsWith('staged/')).sort();
  return { ...sweeping, plan, record, step, left };
};

describe('the sweep of staged files', () => {
  it('removes invocations that no seal names, when they are a day old', async () => {
    const staging = toStaging();
    const { world, plan, land, left } = staging;
    await plan();
    await world.put(sealed(1));
    await world.loadOnce();
    land(staged('a'), 2 * DAY);
    land(staged('dead'), 2 * DAY);
    land(staged('new'), 2 * HOUR);
    expect(await removedInADay(staging)).toBe(1);
    expect(left()).toEqual([staged('a'), staged('new')]);
  });

  it('finds them behind any number of batches whose files are kept', async () => {
    const staging = toStaging();
    const { world, plan, land } = staging;
    for (let n = 0; n < 500; n += 1) {
      const batch = `w-20261122T${String(n).padStart(9, '0')}Z`;
      const parts = [{ key: stagedKey(batch, 'a'), bytes: 1, rows: 1 }];
      await plan(batch);
      await world.put(sealed(1, { batch, tables: { 'ewm.work_items': { rows: 1, parts } } }));
      land(stagedKey(batch, 'a'), 2 * DAY);
    }
    await plan();
    land(staged('dead'), 2 * DAY);
    expect(await removedInADay(staging)).toBe(1);
  });

  it('keeps what a step of an unsealed batch names, as long as one was added in the last 30 days', async () => {
    const staging = toStaging();
    const { plan, step, land, left } = staging;
    await plan();
    await step('a', 40 * DAY);
    await step('b', 29 * DAY, 1);
    land(staged('dead'), 40 * DAY);
    expect(await removedInADay(staging)).toBe(1);
    expect(left()).toEqual([staged('a'), staged('b')]);
    expect(await readPosition(staging.world.records, PLAN, 0, staging.world.clock.now())).toMatchObject({
      restart: 1,
      step: 0,
    });
  });

  it('refuses steps that nobody added to for 30 days, so that a late execution reads anew', async () => {
    const staging = toStaging();
    const { world, plan, step, left } = staging;
    await plan();
    await step('a', 31 * DAY);
    expect(await removedInADay(staging)).toBe(0);
    expect(left()).toEqual([staged('a')]);
    expect(await readPosition(world.records, PLAN, 0, world.clock.now())).toMatchObject({
      restart: 1,
      step: 0,
      continuation: null,
    });
  });

  it('removes the files of refused steps a day later, since a seal may have been under way', async () => {
    for (const [ageMs, removed] of [
      [HOUR, 0],
      [2 * DAY, 1],
    ] as const) {
      const staging = toStaging();
      await staging.plan();
      await staging.step('a', 31 * DAY);
      const refusal = toKey({ kind: 'refusal', ...PLAN, restart: 0 });
      await staging.record(refusal, ageMs, toRecordText({ invocation: 'b', error: 'GivenUp' }));
      expect(await removedInADay(staging)).toBe(removed);
    }
  });

  it('looks at each batch once a day', async () => {
    const { world, plan, land, run } = toStaging();
    await plan();
    land(staged('new'), 2 * DAY);
    let looks = 0;
    const list = (prefix: string, delimiter?: '/') => {
      if (prefix.startsWith('plans/')) looks += 1;
      return world.records.list(prefix, delimiter);
    };
    for (let n = 0; n < TURNS; n += 1) await run(n, { records: { ...world.records, list } });
    expect(looks).toBe(2); // for the seal, and for the steps
  });
});
