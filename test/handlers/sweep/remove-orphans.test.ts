import { describe, expect, it } from 'vitest';
import { sweep } from '../../../handlers/sweep/sweep.ts';
import { toKey } from '../../../shared/keys.ts';
import type { PlanRecord, StepRecord } from '../../../shared/records.ts';
import { memoryEvents } from '../../fakes/memory-events.ts';
import { memoryInventory } from '../../fakes/memory-inventory.ts';
import { workItems } from '../../shared/sql/support/contracts.ts';
import { batchName, FEED, sealed } from '../load/support/world.ts';
import { DAY, definition, HOUR, NOTHING, toSweeping } from './support/sweeping.ts';

describe('the sweep of staged files', () => {
  const staged = (attempt: string) =>
    `staged/${FEED}/${batchName(1)}/${attempt}/ewm.work_items/00000-00000.csv.zst`;
  const plan: PlanRecord = {
    feed: FEED,
    batch: batchName(1),
    attempt: 'a',
    date: '2026/11/23',
    observed: '2026-11-23T01:00:00.000Z',
    definition,
    slices: [],
  };
  const planKey = toKey({ kind: 'plan', feed: FEED, batch: batchName(1), contract: workItems.hash });

  it('removes attempts that no seal names, when they are a day old', async () => {
    const { world, objects, run, land } = toSweeping();
    await world.records.putIfAbsent(planKey, JSON.stringify(plan));
    await world.put(sealed(1));
    await world.loadOnce();
    land(staged('a'), 2 * DAY);
    land(staged('dead'), 2 * DAY);
    land(staged('new'), 2 * HOUR);
    expect(await run()).toEqual({ ...NOTHING, orphansRemoved: 1 });
    expect([...objects.keys()]).toEqual([staged('a'), staged('new')]);
  });

  it('keeps what a step of an unsealed batch names', async () => {
    const { world, objects, run, land } = toSweeping();
    await world.records.putIfAbsent(planKey, JSON.stringify(plan));
    const step: StepRecord = {
      attempt: 'a',
      tables: { 'ewm.work_items': { rows: 1, parts: [{ key: staged('a'), bytes: 1, rows: 1 }] } },
      records: 1,
      outside: 0,
      rejects: { rows: 0, parts: [] },
      bytes: 1,
      pages: 1,
      firstRejects: [],
      matched: [],
      continuation: null,
    };
    const stepKey = toKey({
      kind: 'step',
      feed: FEED,
      batch: batchName(1),
      contract: workItems.hash,
      slice: 0,
      restart: 0,
      step: 0,
    });
    await world.records.putIfAbsent(stepKey, JSON.stringify(step));
    land(staged('a'), 40 * DAY);
    land(staged('dead'), 40 * DAY);
    expect(await run()).toEqual({ ...NOTHING, orphansRemoved: 1 });
    expect([...objects.keys()]).toEqual([staged('a')]);
  });

  it('removes a sealed batch’s files 30 days after, if the ledger has it', async () => {
    for (const [seal, left] of [
      ['seal-1', 0],
      ['another seal', 1],
    ] as const) {
      const { world, objects, run, land } = toSweeping();
      await world.records.putIfAbsent(planKey, JSON.stringify(plan));
      await world.put(sealed(1));
      await world.loadOnce();
      land(staged('a'), 31 * DAY);
      const answering = { ...world.warehouse, execute: async () => [[batchName(1), seal]] };
      const ports = {
        ...world.ports(),
        warehouse: answering,
        events: memoryEvents(),
        inventory: memoryInventory(objects),
      };
      await sweep({ scheduledTime: '2026-11-23T12:00:00Z' }, {}, ports);
      expect(objects.size).toBe(left);
      expect(await run()).toMatchObject({ orphansRemoved: 0 });
    }
  });
});
