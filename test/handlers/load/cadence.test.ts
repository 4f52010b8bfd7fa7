import { describe, expect, it } from 'vitest';
import { planLoad } from '../../../handlers/load/plan-load.ts';
import type { RecordStore } from '../../../handlers/ports/record-store.ts';
import type { Feed } from '../../../shared/model/feed.ts';
import { toKey } from '../../../shared/state/keys.ts';
import type { LoadTrigger, PlanLoadOutput } from '../../../shared/state/messages.ts';
import { definition } from '../sweep/support/sweeping.ts';
import { batchName, FEED, sealed, toWorld } from './support/world.ts';

const MINUTE = 60_000;
const MIB = 1024 ** 2;

const byEvent = (type: 'LoadNext' | 'LoadDue', detail: object): LoadTrigger =>
  ({ source: 'millrace', 'detail-type': type, detail: { feed: FEED, ...detail } }) as LoadTrigger;
const NEXT = byEvent('LoadNext', {});
const DUE = byEvent('LoadDue', { scheduledTime: '2026-11-23T12:05:00Z' });
const sealOf = (n: number): LoadTrigger => ({
  source: 'aws.s3',
  'detail-type': 'Object Created',
  detail: { bucket: { name: 'bucket' }, object: { key: keyOf(n) } },
});
const keyOf = (n: number): string =>
  toKey({ kind: 'batch', feed: FEED, date: '2026/11/23', batch: batchName(n) });

/** Batches of so many MiB that are sealed by the world's clock, of a feed that loads every five minutes. It is 12:00. */
const toPaced = (load: Feed['load'] = { everyMs: 5 * MINUTE }) => {
  const feeds = { [FEED]: { ...definition, ...(load === undefined ? {} : { load }) } };
  const world = toWorld(undefined, undefined, feeds);
  let executions = 0;
  const ask = (trigger: LoadTrigger, records: RecordStore = world.records): Promise<PlanLoadOutput> => {
    executions += 1;
    const execution = { id: `asked-${executions}`, startTime: '2026-11-23T12:00:00Z' };
    return planLoad({ trigger, execution }, { ...world.deps(), records });
  };
  const seal = async (n: number, mib = 1): Promise<void> => {
    const part = { key: `staged/${FEED}/${batchName(n)}/a/t/00000-00000.csv.zst`, bytes: mib * MIB, rows: 1 };
    const batch = sealed(n, { tables: { 'ewm.work_items': { rows: 1, parts: [part] } } });
    await world.put(batch, new Date(world.clock.now()).toISOString());
  };
  /** What a load takes that begins by this, done to its end; the reason where none does. */
  const loads = async (trigger: LoadTrigger): Promise<readonly string[] | string> => {
    const planned = await ask(trigger);
    if (planned.outcome === 'idle') return planned.reason;
    await world.mark(planned.thread);
    return world.batchesOf(planned.thread);
  };
  return { world, ask, seal, loads };
};

describe('PlanLoad of a feed with a cadence', () => {
  it('lets a sealed batch wait for the next time, and says so', async () => {
    const { world, seal, loads } = toPaced();
    world.clock.advance(MINUTE);
    for (const n of [1, 2, 3]) await seal(n, 10);
    const reason = 'waits for 2026-11-23T12:05Z: 3 batches of 30.0 MiB pending, maxBytes 1024.0 MiB';
    expect([await loads(sealOf(3)), await loads(NEXT)]).toEqual([reason, reason]);
    world.clock.advance(4 * MINUTE);
    expect(await loads(DUE)).toEqual([1, 2, 3].map(batchName));
    expect(await loads(DUE)).toBe('nothing is pending');
  });

  it('costs a seal one LIST and the GET of what is new, where nothing is due', async () => {
    const { world, ask, seal } = toPaced();
    world.clock.advance(MINUTE);
    const asked: string[] = [];
    const note =
      <Argument extends unknown[], Answer>(name: string, call: (...args: Argument) => Answer) =>
      (...args: Argument): Answer => {
        asked.push(`${name} ${args[0]}`);
        return call(...args);
      };
    const { records } = world;
    const watched = { ...records, read: note('read', records.read), list: note('list', records.list) };
    for (const n of [1, 2]) await seal(n);
    await ask(sealOf(2));
    await seal(3);
    await ask(sealOf(3), watched);
    expect(asked).toEqual([`list pending/${FEED}/`, `read pending/${FEED}/${batchName(3)}`]);
  });

  it('loads at once as soon as maxBytes wait, and takes no more of them in one load', async () => {
    const { world, seal, loads } = toPaced({ everyMs: 5 * MINUTE, maxBytes: 25 * MIB });
    world.clock.advance(MINUTE);
    for (const n of [1, 2]) await seal(n, 10);
    expect(await loads(sealOf(2))).toMatch(
      /^waits for .*: 2 batches of 20.0 MiB pending, maxBytes 25.0 MiB$/,
    );
    await seal(3, 10);
    expect(await loads(sealOf(3))).toEqual([1, 2].map(batchName));
    expect(await loads(NEXT)).toEqual([batchName(3)]);
  });

  it('goes on with what was due to the load before, and with nothing that was sealed meanwhile', async () => {
    const { world, seal, ask, loads } = toPaced({ everyMs: 5 * MINUTE, maxBytes: 15 * MIB });
    for (const n of [1, 2]) await seal(n, 10);
    const first = await ask(sealOf(2));
    world.clock.advance(1);
    await seal(3);
    if (first.outcome !== 'planned') throw new Error(first.reason);
    await world.mark(first.thread);
    expect(await world.batchesOf(first.thread)).toEqual([batchName(1)]);
    expect(await loads(NEXT)).toEqual([batchName(2)]);
    expect(await loads(NEXT)).toMatch(/^waits for .*: 1 batch of 1.0 MiB/);
  });

  it('makes a schedule good that was lost, by whatever comes next: a seal, or the sweep', async () => {
    for (const trigger of [sealOf(2), NEXT]) {
      const { world, seal, loads } = toPaced();
      world.clock.advance(MINUTE);
      await seal(1);
      world.clock.advance(5 * MINUTE);
      await seal(2);
      expect(await loads(trigger)).toEqual([batchName(1)]);
    }
  });

  it('takes a load apart that failed, at once', async () => {
    const { world, seal, ask, loads } = toPaced();
    for (const n of [1, 2]) await seal(n);
    world.clock.advance(1000);
    await seal(3);
    const failed = await ask(DUE);
    if (failed.outcome !== 'planned') throw new Error(failed.reason);
    await world.park(failed.thread, [], true, { Error: 'LoadDataRefused', Cause: 'no file named' });
    const again = await loads(NEXT);
    expect(again).toHaveLength(2);
    expect(await loads(NEXT)).toHaveLength(1);
  });

  it('loads at once what an earlier release sealed, or somebody gave back', async () => {
    const { world, loads } = toPaced();
    await world.put(sealed(1));
    expect(await loads(sealOf(1))).toEqual([batchName(1)]);
  });

  it('holds maxBytes without a cadence too, and any batch alone', async () => {
    const { seal, loads } = toPaced({ maxBytes: 5 * MIB });
    for (const n of [1, 2]) await seal(n, 10);
    expect(await loads(sealOf(2))).toEqual([batchName(1)]);
    expect(await loads(NEXT)).toEqual([batchName(2)]);
  });
});
