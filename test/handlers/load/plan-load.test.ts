import { describe, expect, it } from 'vitest';
import { planLoad } from '../../../handlers/load/plan-load.ts';
import type { RecordStore } from '../../../handlers/ports/record-store.ts';
import { InvalidInput } from '../../../shared/errors.ts';
import { planLoadInput } from '../../../shared/state/messages.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';
import { contractOf, table } from '../../shared/sql/support/contracts.ts';
import { batchName, emptyTables, FEED, sealed, toWorld } from './support/world.ts';

describe('PlanLoad', () => {
  it('takes the pending batches of a feed, oldest first', async () => {
    const world = toWorld();
    for (const n of [3, 1, 2]) await world.put(sealed(n));
    const thread = await world.planned();
    expect(thread).toEqual({
      feed: FEED,
      loadKey: 'loads/work_items/2026/11/23/00001.json',
      try: 1,
      correlation: 'loads/work_items/2026/11/23/00001',
    });
    expect(await world.batchesOf(thread)).toEqual([1, 2, 3].map(batchName));
  });

  it('takes one contract at a time', async () => {
    const world = toWorld();
    const other = contractOf(sealed(2).contract.tables, 'ffffffffffffffff');
    await world.put(sealed(1));
    await world.put(sealed(2, { contract: other }));
    await world.put(sealed(3));
    expect(await world.loadOnce()).toEqual([1, 3].map(batchName));
    expect(await world.loadOnce()).toEqual([batchName(2)]);
  });

  it('takes no more bytes than one load holds, but at least one batch', async () => {
    const world = toWorld();
    const part = { key: 'staged/work_items/w-1/a/t/00000-00000.csv.zst', bytes: 900 * 1024 ** 2, rows: 1 };
    const large = { tables: { 'ewm.work_items': { rows: 1, parts: [part] } } };
    await world.put(sealed(1, large));
    await world.put(sealed(2, large));
    expect(await world.loadOnce()).toEqual([batchName(1)]);
    expect(await world.loadOnce()).toEqual([batchName(2)]);
  });

  it('leaves a batch alone that is pending and not sealed', async () => {
    const world = toWorld();
    const key = 'batches/work_items/2026/11/23/w-20261123T010000000Z.json';
    await world.records.putIfAbsent(
      `pending/${FEED}/${batchName(1)}`,
      toRecordText({ invocation: 'a', key }),
    );
    expect(await world.plan()).toEqual({ outcome: 'idle', feed: FEED, reason: 'nothing is pending' });
    expect(await world.pending()).toEqual([batchName(1)]);
  });

  it('marks an empty batch without a load', async () => {
    const world = toWorld();
    await world.put(sealed(1, { tables: emptyTables }));
    expect((await world.plan()).outcome).toBe('idle');
    expect(await world.pending()).toEqual([]);
  });

  it('loads an empty batch that has rejects, or is the snapshot of a replaced table', async () => {
    const snapshots = contractOf([table('ewm.work_items', { disposition: 'replace', columns: [] })]);
    for (const more of [{ rejects: { rows: 1, parts: [] } }, { contract: snapshots }]) {
      const world = toWorld();
      await world.put(sealed(1, { tables: emptyTables, ...more }));
      expect((await world.plan()).outcome).toBe('planned');
    }
  });

  it('says that a load is in flight by one read, and goes on when that is settled', async () => {
    const world = toWorld();
    await world.put(sealed(1));
    const thread = await world.planned();
    await world.plan();
    await world.put(sealed(2));
    const asked: string[] = [];
    const watched: RecordStore = {
      ...world.records,
      read: (key) => {
        asked.push(`read ${key}`);
        return world.records.read(key);
      },
      list: (prefix, delimiter) => {
        asked.push(`list ${prefix}`);
        return world.records.list(prefix, delimiter);
      },
    };
    const trigger = { source: 'millrace', 'detail-type': 'LoadNext', detail: { feed: FEED } } as const;
    const input = { trigger, execution: { id: 'another', startTime: '2026-11-23T12:00:00Z' } };
    expect(await planLoad(input, { ...world.deps(), records: watched })).toMatchObject({ outcome: 'idle' });
    expect(asked).toEqual([expect.stringMatching(/^read loads\/.*settled\.json$/)]);
    const { statementId } = await world.submit(thread);
    world.warehouse.end(statementId, 'finished');
    await world.mark(thread);
    expect(await world.loadOnce()).toEqual([batchName(2)]);
  });

  it('has one load of a feed in flight', async () => {
    const world = toWorld();
    await world.put(sealed(1));
    const thread = await world.planned();
    await world.put(sealed(2));
    expect(await world.plan()).toEqual({ outcome: 'idle', feed: FEED, reason: 'load 1 is in flight' });
    await world.mark(thread);
    expect(await world.loadOnce()).toEqual([batchName(2)]);
  });

  it('lets one of two plans at once go on', async () => {
    const world = toWorld();
    await world.put(sealed(1));
    const outcomes = (await Promise.all([world.plan(), world.plan()])).map(({ outcome }) => outcome);
    expect(outcomes.toSorted()).toEqual(['idle', 'planned']);
  });

  it('counts loads by day, and never names one before the newest', async () => {
    const world = toWorld();
    await world.put(sealed(1));
    await world.loadOnce();
    world.clock.advance(24 * 3_600_000);
    await world.put(sealed(2));
    await world.loadOnce();
    world.clock.advance(-24 * 3_600_000);
    await world.put(sealed(3));
    expect((await world.planned()).loadKey).toBe('loads/work_items/2026/11/24/00002.json');
  });

  it('takes half of a load that has to be taken apart', async () => {
    const world = toWorld();
    for (const n of [1, 2]) await world.put(sealed(n));
    const thread = await world.planned();
    await world.park(thread, [], true, { Error: 'LoadDataRefused', Cause: 'no file named' });
    expect(await world.loadOnce()).toEqual([batchName(1)]);
  });

  it('takes off the pending what is parked, and what the last load had loaded when it died', async () => {
    const world = toWorld();
    for (const n of [1, 2]) await world.put(sealed(n));
    await world.records.putIfAbsent(`parked/${FEED}/${batchName(1)}.json`, '{}');
    const thread = await world.planned();
    expect(await world.batchesOf(thread)).toEqual([batchName(2)]);
    await world.mark(thread);
    await world.put(sealed(2));
    expect((await world.plan()).outcome).toBe('idle');
    expect(await world.pending()).toEqual([]);
  });

  it('takes up a load whose execution died before it submitted, once that must be dead', async () => {
    const world = toWorld();
    await world.put(sealed(1));
    const thread = await world.planned();
    expect((await world.plan()).outcome).toBe('idle');
    world.clock.advance(7 * 60_000);
    expect(await world.plan()).toEqual({ outcome: 'planned', thread });
    await world.submit(thread);
    expect((await world.plan()).outcome).toBe('idle');
  });

  it('goes on with its own load when its execution begins again', async () => {
    const world = toWorld();
    await world.put(sealed(1));
    const first = await world.plan('execution-a');
    expect(first.outcome).toBe('planned');
    expect(await world.plan('execution-a')).toEqual(first);
    expect((await world.plan('execution-b')).outcome).toBe('idle');
  });

  it('ends in the same load when it dies at any of its puts and removals, before or after it', async () => {
    for (const side of ['before', 'after'] as const) {
      for (let fatal = 1; fatal <= 3; fatal += 1) {
        const memory = memoryRecordStore();
        let writes = 0;
        const dieAt = async <T>(write: () => Promise<T>): Promise<T> => {
          writes += 1;
          if (writes === fatal && side === 'before') throw new Error('died');
          const answer = await write();
          if (writes === fatal) throw new Error('died');
          return answer;
        };
        const dying: RecordStore = {
          ...memory,
          putIfAbsent: (key, text) => dieAt(() => memory.putIfAbsent(key, text)),
          remove: (key) => dieAt(() => memory.remove(key)),
        };
        const world = toWorld(memory);
        await world.put(sealed(1, { tables: emptyTables }));
        await world.put(sealed(2));
        const input = planLoadInput.parse({
          trigger: { source: 'millrace', 'detail-type': 'LoadNext', detail: { feed: FEED } },
          execution: { id: 'e', startTime: '2026-11-23T12:00:00Z' },
        });
        await planLoad(input, { ...world.deps(), records: dying }).catch(() => undefined);
        world.clock.advance(7 * 60_000);
        const thread = await world.planned();
        expect(thread.loadKey).toBe('loads/work_items/2026/11/23/00001.json');
        expect(await world.batchesOf(thread)).toEqual([batchName(2)]);
      }
    }
  });

  it('refuses an object that is no batch', async () => {
    const world = toWorld();
    const input = planLoadInput.parse({
      trigger: {
        source: 'aws.s3',
        'detail-type': 'Object Created',
        detail: { bucket: { name: 'bucket' }, object: { key: 'pending/work_items/w-1', 'version-id': 'v' } },
      },
      execution: { id: 'e', startTime: '2026-11-23T12:00:00Z' },
    });
    await expect(planLoad(input, world.deps())).rejects.toThrow(InvalidInput);
  });
});
