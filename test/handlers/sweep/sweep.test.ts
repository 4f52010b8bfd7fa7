import { describe, expect, it } from 'vitest';
import type { ObjectInventory } from '../../../handlers/ports/object-inventory.ts';
import {
  InvalidInput,
  OutOfTime,
  ServiceRefused,
  ServiceUnavailable,
  TerminalError,
  TransientError,
} from '../../../shared/errors.ts';
import type { Feed } from '../../../shared/model/feed.ts';
import { memoryInventory } from '../../fakes/memory-inventory.ts';
import { FEED, sealed } from '../load/support/world.ts';
import { DAY, definition, HOUR, NOTHING, toSweeping } from './support/sweeping.ts';

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

  it('starts none before its time of a feed with a cadence, and loses none whose schedule was lost', async () => {
    const load = { everyMs: HOUR };
    const { world, events, run } = toSweeping({ [FEED]: { ...definition, load } });
    world.clock.advance(60_000);
    await world.put(sealed(1), new Date(world.clock.now()).toISOString());
    await run();
    expect(events.taken).toEqual([LOAD_NEXT]);
    expect(await world.plan()).toMatchObject({
      outcome: 'idle',
      reason: expect.stringMatching(/^waits for 2026-11-23T13:00Z/),
    });
    world.clock.advance(HOUR);
    await run();
    expect(events.taken).toEqual([LOAD_NEXT, LOAD_NEXT]);
    expect(await world.plan()).toMatchObject({ outcome: 'planned' });
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

  it('puts the completion event that was lost, with the newest try’s name', async () => {
    const { world, events, run } = toSweeping();
    await world.put(sealed(1));
    const thread = await world.planned();
    await world.submit(thread);
    const { statementId } = await world.submit({ ...thread, try: 2 });
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

describe('the sweep of several feeds', () => {
  const feedNamed = (feed: string): Feed => ({ ...definition, feed });
  const several = () => {
    const sweeping = toSweeping({ aaa: feedNamed('aaa'), [FEED]: definition, zzz: feedNamed('zzz') });
    for (const feed of ['aaa', FEED, 'zzz']) sweeping.land(`landing/${feed}/a.xml`, HOUR);
    const pend = (feed: string) => sweeping.world.records.putIfAbsent(`pending/${feed}/w-1`, '{}');
    return { ...sweeping, pend };
  };
  const refusing: ObjectInventory = {
    ...memoryInventory(new Map()),
    list: () => {
      throw new ServiceRefused('no right to list');
    },
  };

  it('starts the loads of all before it looks at objects, whose number nobody knows', async () => {
    const { events, run, pend } = several();
    for (const feed of ['aaa', FEED, 'zzz']) await pend(feed);
    await expect(run(0, { inventory: refusing })).rejects.toThrow(TerminalError);
    expect(events.taken.map(({ detail }) => detail.feed).sort()).toEqual(['aaa', FEED, 'zzz']);
  });

  it('goes on with the others when one cannot be read, and then names each that failed, and why', async () => {
    const { world, events, run, pend } = several();
    await world.records.putIfAbsent('loads/aaa/2026/11/23/00001.json', 'not JSON');
    await world.records.putIfAbsent('loads/zzz/2026/11/23/00001.json', '{}');
    await pend(FEED);
    const failure = await run().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TerminalError);
    expect(failure).toMatchObject({
      message: expect.stringMatching(
        /^2 parts of .* loads of aaa: InvalidInput: .*; loads of zzz: InvalidInput: /,
      ),
      cause: expect.any(InvalidInput),
    });
    expect(events.taken.filter(({ type }) => type === 'LoadNext')).toEqual([LOAD_NEXT]);
    expect(events.taken.filter(({ type }) => type === 'Continue')).toHaveLength(3);
  });

  it('is worth a retry when any part failed of what passes', async () => {
    const { world, run } = several();
    await world.records.putIfAbsent('loads/aaa/2026/11/23/00001.json', 'not JSON');
    const failing = async () => {
      throw new ServiceUnavailable('no answer');
    };
    await expect(run(0, { events: { put: failing } })).rejects.toThrow(TransientError);
  });

  it('begins with another feed each time, so that a slow one takes its time from all in turn', async () => {
    const first = async (sweepNumber: number) => {
      const { events, run } = several();
      await run(sweepNumber);
      return events.taken[0]?.detail.feed;
    };
    expect(new Set([await first(0), await first(1), await first(2)]).size).toBe(3);
  });

  it('goes on with the others while one takes all the time there is, with eight parts in work at once', async () => {
    const feeds = Array.from({ length: 20 }, (_, n) => `feed_${String(n).padStart(2, '0')}`);
    const { world, events, run } = toSweeping(
      Object.fromEntries(feeds.map((feed) => [feed, feedNamed(feed)])),
    );
    for (const feed of feeds) await world.records.putIfAbsent(`pending/${feed}/w-1`, '{}');
    const slow = Promise.withResolvers<void>();
    let [working, most] = [0, 0];
    const list = async (prefix: string, delimiter?: '/') => {
      if (prefix === 'loads/feed_07/') await slow.promise;
      if (/^loads\/feed_\d+\/$/.test(prefix)) {
        working += 1;
        most = Math.max(most, working);
        await new Promise((resolve) => setImmediate(resolve));
        working -= 1;
      }
      return world.records.list(prefix, delimiter);
    };
    const put = async (type: string, detail: Readonly<Record<string, unknown>>) => {
      await events.put(type, detail);
      const others = events.taken.filter(({ type }) => type === 'LoadNext');
      if (others.length === feeds.length - 1) slow.resolve();
    };
    await run(0, { records: { ...world.records, list }, events: { put } });
    const started = events.taken.filter(({ type }) => type === 'LoadNext').map(({ detail }) => detail.feed);
    expect([started.length, new Set(started).size, started.at(-1)]).toEqual([20, 20, 'feed_07']);
    expect(most).toBeLessThanOrEqual(8);
    expect(most).toBeGreaterThan(4);
  });

  it('stops all that is in work when its time is up, begins nothing more, and says where', async () => {
    const { events, run } = several();
    const ending = new AbortController();
    const put = async (type: string, detail: Readonly<Record<string, unknown>>) => {
      await events.put(type, detail);
      ending.abort(new OutOfTime('work not done'));
    };
    const swept = run(0, { events: { put }, signal: ending.signal });
    await expect(swept).rejects.toThrow(
      /^\d parts? of the sweep failed: (\w[\w ]+ of \w+: OutOfTime: work not done(; |$))+$/,
    );
    expect(events.taken).toHaveLength(1);
  });

  it('passes over keys under staged/ that are not of its making', async () => {
    const { objects, run, land } = toSweeping();
    land(`staged/${FEED}/read me.txt`, 40 * DAY);
    expect(await run()).toEqual(NOTHING);
    expect(objects.size).toBe(1);
  });
});
