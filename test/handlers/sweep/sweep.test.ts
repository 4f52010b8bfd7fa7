import { describe, expect, it } from 'vitest';
import { sweep } from '../../../handlers/sweep/sweep.ts';
import type { Feed } from '../../../shared/feed/feed.ts';
import { landedBatch, toKey } from '../../../shared/keys.ts';
import type { PlanRecord, StepRecord } from '../../../shared/records.ts';
import { memoryEvents } from '../../fakes/memory-events.ts';
import { memoryInventory } from '../../fakes/memory-inventory.ts';
import { workItems } from '../../shared/sql/support/contracts.ts';
import { batchName, FEED, sealed, toWorld } from '../load/support/world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const definition: Feed = {
  feed: FEED,
  source: { kind: 's3', suffixes: ['.xml'] },
  partitions: [{ name: '', values: {} }],
  rejects: { count: 10, percent: 1 },
  onEmpty: 'accept',
  contract: workItems,
};

const toSweeping = () => {
  const world = toWorld();
  const events = memoryEvents();
  const objects = new Map<string, { readonly lastModifiedMs: number; readonly versionId: string }>();
  const run = () =>
    sweep(
      { scheduledTime: '2026-11-23T12:00:00Z' },
      { [FEED]: definition },
      { ...world.ports(), events, inventory: memoryInventory(objects) },
    );
  const land = (key: string, ageMs: number, versionId = 'v1') =>
    objects.set(key, { lastModifiedMs: world.clock.now() - ageMs, versionId });
  return { world, events, objects, run, land };
};

const NOTHING = { continued: 0, loadsStarted: 0, settled: 0, cancelled: 0, orphansRemoved: 0 };
const LOAD_NEXT = { type: 'LoadNext', detail: { feed: FEED } };

describe('the sweep of loads', () => {
  it('does nothing where nothing is left', async () => {
    const { events, run } = toSweeping();
    expect(await run()).toEqual(NOTHING);
    expect(events.taken).toEqual([]);
  });

  it('starts a load where work is pending and none is in flight', async () => {
    const { world, events, run } = toSweeping();
    await world.put(sealed(1));
    expect(await run()).toEqual({ ...NOTHING, loadsStarted: 1 });
    expect(events.taken).toEqual([LOAD_NEXT]);
  });

  it('takes up a load that was planned and never submitted, once its execution must be dead', async () => {
    const { world, events, run } = toSweeping();
    await world.put(sealed(1));
    await world.planned();
    expect(await run()).toEqual(NOTHING);
    world.clock.advance(7 * 60_000);
    expect(await run()).toEqual({ ...NOTHING, loadsStarted: 1 });
    expect(events.taken).toEqual([LOAD_NEXT]);
  });

  it('puts the completion event that was lost, with the newest attempt’s name', async () => {
    const { world, events, run } = toSweeping();
    await world.put(sealed(1));
    const thread = await world.planned();
    await world.submit(thread);
    const { statementId } = await world.submit({ ...thread, attempt: 2 });
    world.warehouse.end(statementId, 'finished');
    expect(await run()).toEqual(NOTHING);
    world.clock.advance(4 * 60_000);
    expect(await run()).toEqual({ ...NOTHING, settled: 1 });
    const statementName = 'millrace/work_items/2026/11/23/00001/2';
    expect(events.taken).toEqual([{ type: 'Settle', detail: { statementId, statementName } }]);
    expect((await world.describe(statementId, statementName)).outcome).toBe('finished');
  });

  it('lets a statement run, and cancels it when it is past its timeout', async () => {
    const { world, run } = toSweeping();
    await world.put(sealed(1));
    const { statementId } = await world.submit(await world.planned());
    world.clock.advance(HOUR);
    expect(await run()).toEqual(NOTHING);
    world.clock.advance(HOUR);
    expect(await run()).toEqual({ ...NOTHING, cancelled: 1 });
    expect(world.warehouse.cancelled).toEqual([statementId]);
  });

  it('leaves what is settled alone', async () => {
    const { world, events, run } = toSweeping();
    await world.put(sealed(1));
    await world.loadOnce();
    world.clock.advance(2 * HOUR);
    expect(await run()).toEqual(NOTHING);
    expect(events.taken).toEqual([]);
  });
});

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
