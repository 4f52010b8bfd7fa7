import { describe, expect, it } from 'vitest';
import { planLoad } from '../../../handlers/load/plan-load.ts';
import type { RecordStore } from '../../../handlers/ports/record-store.ts';
import { toKey } from '../../../shared/state/keys.ts';
import type { LoadTrigger, PlanLoadOutput } from '../../../shared/state/messages.ts';
import { batchName, FEED, sealed, toWorld } from './support/world.ts';

const SECOND = 1000;
const NEXT: LoadTrigger = { source: 'millrace', 'detail-type': 'LoadNext', detail: { feed: FEED } };
const SEAL: LoadTrigger = {
  source: 'aws.s3',
  'detail-type': 'Object Created',
  detail: {
    bucket: { name: 'bucket' },
    object: { key: toKey({ kind: 'batch', feed: FEED, date: '2026/11/23', batch: batchName(9) }) },
  },
};

/** A feed without a cadence whose loads take four seconds each, and `seal` a batch of it by the world's clock. */
const toBurst = () => {
  const world = toWorld();
  let executions = 0;
  const ask = (trigger: LoadTrigger, records: RecordStore = world.records): Promise<PlanLoadOutput> => {
    executions += 1;
    const execution = { id: `asked-${executions}`, startTime: '2026-11-23T12:00:00Z' };
    return planLoad({ trigger, execution }, { ...world.deps(), records });
  };
  const seal = (n: number) => world.put(sealed(n), new Date(world.clock.now()).toISOString());
  /** A load that begins by this, and a batch that is sealed while it is under way. */
  const loadWhile = async (trigger: LoadTrigger, n: number): Promise<readonly string[]> => {
    const planned = await ask(trigger);
    if (planned.outcome !== 'planned') throw new Error(planned.reason);
    world.clock.advance(2 * SECOND);
    await seal(n);
    world.clock.advance(2 * SECOND);
    await world.mark(planned.thread);
    return world.batchesOf(planned.thread);
  };
  return { world, ask, seal, loadWhile };
};

/** Loads 1 and 2, each with a batch sealed under way, so that the third gathers: 12 s after the second was planned, at 4 s, while more is sealed. */
const toGathering = async () => {
  const burst = toBurst();
  await burst.seal(1);
  expect(await burst.loadWhile(SEAL, 2)).toEqual([batchName(1)]);
  expect(await burst.loadWhile(NEXT, 3)).toEqual([batchName(2)]);
  return burst;
};

describe('a burst of sealed batches', () => {
  it('has its first two loads at once; what asks after the second is told how long to wait', async () => {
    const { ask } = await toGathering();
    expect(await ask(NEXT)).toEqual({
      outcome: 'idle',
      feed: FEED,
      reason: expect.stringMatching(/^gathers what follows until /),
      waitSeconds: 1,
    });
  });

  it('has its seals wait for nothing, and costs no request where the process knows it', async () => {
    const { ask, world } = await toGathering();
    await ask(NEXT);
    const refuse = () => Promise.reject(new Error('a request'));
    const records = { ...world.records, read: refuse, list: refuse, putIfAbsent: refuse };
    const told = await ask(SEAL, records);
    expect(told).toMatchObject({ outcome: 'idle' });
    expect(told).not.toHaveProperty('waitSeconds');
  });

  it('is loaded by the first seal after the wait, where what waited was lost', async () => {
    const { loadWhile, world, seal } = await toGathering();
    await seal(4);
    world.clock.advance(8 * SECOND);
    expect(await loadWhile(SEAL, 5)).toEqual([3, 4].map(batchName));
  });

  it('goes on from its own beginning while more is sealed: the next wait is thrice as long as all of it', async () => {
    const { ask, loadWhile, seal, world } = await toGathering();
    world.clock.advance(8 * SECOND);
    await loadWhile(NEXT, 4); // planned 16 s after the first, and so the next one 48 s after it
    for (let at = 20; at < 64; at += 2) {
      await seal(at);
      expect(await ask(NEXT)).toMatchObject({ waitSeconds: Math.min(3, 64 - at) });
      world.clock.advance(2 * SECOND);
    }
    expect((await ask(NEXT)).outcome).toBe('planned');
  });

  it('is loaded where nothing was sealed for three seconds', async () => {
    const { ask, world } = await toGathering();
    world.clock.advance(SECOND);
    expect((await ask(NEXT)).outcome).toBe('planned');
  });

  it('is over where nothing was sealed while a load was under way', async () => {
    const { ask, loadWhile, seal, world } = await toGathering();
    world.clock.advance(8 * SECOND);
    const planned = await ask(NEXT);
    if (planned.outcome !== 'planned') throw new Error(planned.reason);
    await world.mark(planned.thread);
    world.clock.advance(SECOND);
    await seal(6);
    expect(await loadWhile(SEAL, 7)).toEqual([batchName(6)]);
    expect((await ask(NEXT)).outcome).toBe('planned');
  });

  it('holds up nothing that a load left over', async () => {
    const { ask, loadWhile, seal, world } = toBurst();
    await seal(1);
    await loadWhile(SEAL, 2);
    await world.put(sealed(8), '2026-11-23T00:00:00.000Z');
    await loadWhile(NEXT, 3);
    await world.put(sealed(9), '2026-11-23T00:00:00.000Z');
    expect((await ask(NEXT)).outcome).toBe('planned');
  });
});
