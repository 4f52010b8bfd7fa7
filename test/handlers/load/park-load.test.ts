import { describe, expect, it } from 'vitest';
import { ServiceUnavailable } from '../../../shared/errors.ts';
import { batchName, FEED, sealed, submitted } from './support/world.ts';

describe('MarkLoaded', () => {
  it('settles a load and takes its batches off the pending, also twice', async () => {
    const { world, thread } = await submitted(1, 2);
    const succeeded = {
      feed: FEED,
      loadKey: thread.loadKey,
      batches: { count: 2, names: [1, 2].map(batchName), unnamed: 0 },
      counts: { records: 2, staged: { 'ewm.work_items': 2, 'ewm.comments': 0 }, rejected: 0 },
    };
    for (const _ of [1, 2]) expect(await world.mark(thread)).toEqual({ feed: FEED, batches: 2, succeeded });
    expect(await world.pending()).toEqual([]);
    const settled = await world.records.read('loads/work_items/2026/11/23/00001/settled.json');
    expect(JSON.parse(settled ?? '')).toMatchObject({ outcome: 'loaded', parked: [] });
  });
});

describe('ParkLoad', () => {
  const terminal = { Error: 'WarehouseRefused', Cause: JSON.stringify({ errorMessage: 'column is text' }) };

  it('parks the batches at fault and lets the others go on', async () => {
    const { world, thread } = await submitted(1, 2);
    const answer = await world.park(thread, [batchName(1)], true, {
      Error: 'LoadDataRefused',
      Cause: 'bad digit',
    });
    expect(answer).toMatchObject({
      outcome: 'parked',
      parked: [batchName(1)],
      error: 'LoadDataRefused',
      cause: 'bad digit',
    });
    const told = { feed: FEED, loadKey: thread.loadKey, error: 'LoadDataRefused', cause: 'bad digit' };
    const parked = { count: 1, names: [batchName(1)], unnamed: 0 };
    expect(answer.told).toEqual({
      loadFailed: {
        ...told,
        batches: { count: 2, names: [1, 2].map(batchName), unnamed: 0 },
        parked,
        counts: { records: 2, staged: { 'ewm.work_items': 2, 'ewm.comments': 0 }, rejected: 0 },
      },
      batchParked: { ...told, batches: parked, state: 'Load' },
    });
    expect(await world.pending()).toEqual([batchName(2)]);
    expect(await world.loadOnce()).toEqual([batchName(2)]);
  });

  it('parks the whole load after an error that no retry mends, with the function’s message', async () => {
    const { world, thread } = await submitted(1, 2);
    const answer = await world.park(thread, [], false, terminal);
    expect(answer).toMatchObject({ parked: [1, 2].map(batchName), cause: 'column is text' });
    expect(await world.park(thread, [], false, terminal)).toEqual(answer);
    expect(await world.pending()).toEqual([]);
  });

  it('gives a load up for a batch whose record nobody can read, and counts as it was planned, or the others', async () => {
    for (const [hasCounts, records] of [
      [true, 2],
      [false, 1],
    ] as const) {
      const { world, thread } = await submitted(1, 2);
      const key = 'batches/work_items/2026/11/23/w-20261123T010000000Z.json';
      world.entries.set(key, '{ "v": 99 }');
      const { counts: _, ...older } = JSON.parse(world.entries.get(thread.loadKey) ?? '');
      if (!hasCounts) world.entries.set(thread.loadKey, JSON.stringify(older));
      const answer = await world.park(thread, [batchName(1)], true, terminal);
      expect(answer.told?.loadFailed).toMatchObject({ batches: { count: 2 }, counts: { records } });
    }
  });

  it('parks a batch that fails alone, found by halves', async () => {
    const { world, thread } = await submitted(1, 2);
    const data = { Error: 'LoadDataRefused', Cause: 'overflow' };
    expect(await world.park(thread, [], true, data)).toMatchObject({ outcome: 'isolate', parked: [] });
    const alone = await world.planned();
    expect((await world.park(alone, [], true, data)).parked).toEqual([batchName(1)]);
    expect(await world.loadOnce()).toEqual([batchName(2)]);
  });

  it('leaves a load alone that only a passing error hindered, however long', async () => {
    const { world, thread } = await submitted(1);
    for (const name of [
      new ServiceUnavailable('').name,
      'Lambda.TooManyRequestsException',
      'States.Timeout',
    ]) {
      const answer = await world.park(thread, [], false, { Error: name });
      expect(answer).toMatchObject({ outcome: 'waiting', parked: [] });
    }
    expect(await world.records.read('loads/work_items/2026/11/23/00001/settled.json')).toBeUndefined();
    world.clock.advance(25 * 3_600_000);
    const answer = await world.park(thread, [], false, { Error: 'States.Timeout' });
    expect(answer).toMatchObject({ outcome: 'waiting', parked: [] });
  });

  it('takes what is parked off the pending when its first run died before that', async () => {
    const { world, thread } = await submitted(1);
    await world.park(thread, [], false, terminal);
    await world.put(sealed(1));
    await world.park(thread, [], false, terminal);
    expect(await world.pending()).toEqual([]);
  });

  it('leaves a batch pending that a person gave back before the event came again', async () => {
    const { world, thread } = await submitted(1, 2);
    await world.park(thread, [], false, terminal);
    await world.records.remove(`parked/${FEED}/${batchName(1)}.json`);
    await world.put(sealed(1));
    await world.park(thread, [], false, terminal);
    expect(await world.pending()).toEqual([batchName(1)]);
    expect(await world.loadOnce()).toEqual([batchName(1)]);
  });

  it('parks nothing of a load that was settled meanwhile', async () => {
    const { world, thread } = await submitted(1);
    await world.mark(thread);
    expect(await world.park(thread, [], false, terminal)).toMatchObject({ outcome: 'loaded', parked: [] });
    expect(await world.records.read(`parked/${FEED}/${batchName(1)}.json`)).toBeUndefined();
  });
});
