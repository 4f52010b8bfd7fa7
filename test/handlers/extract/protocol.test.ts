import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordStore } from '../../../handlers/ports/record-store.ts';
import type { Source, SourceClock } from '../../../handlers/ports/source.ts';
import { ServiceUnavailable } from '../../../shared/errors.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { type PagedSourceOptions, pagedSource } from '../../fakes/paged-source.ts';
import { rounds } from '../../rounds.ts';
import {
  execute,
  executeToEnd,
  itemsFeed,
  keysUnder,
  NOW,
  numbers,
  schedule,
  sealedBatches,
  sealedIds,
  worldOf,
} from './world.ts';

const PAGES = 3;
const paged = (options: Partial<PagedSourceOptions> = {}) =>
  pagedSource({ pages: PAGES, rowsPerPage: 2, ...options });

/** What must hold however an extract went: one seal of each window, every row once, nothing open, no lease. */
const expectWhole = (world: ReturnType<typeof worldOf<Source & SourceClock>>, pages = PAGES) => {
  const batches = sealedBatches(world);
  expect(batches).toHaveLength(1);
  expect(sealedIds(world)).toEqual(numbers(pages * 2));
  expect(sealedIds(world, 'ewm.comments')).toEqual(numbers(pages * 2));
  expect(batches[0]?.records).toBe(pages * 2);
  expect(world.streams.uploading.size).toBe(0);
  expect(keysUnder(world, 'leases/')).toEqual([]);
};

/** Nothing writes to a feed: all schedules share it. */
const FEED = itemsFeed();

describe('two executions of one window', () => {
  it('seal it once and double no row, however their reads and writes interleave', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, isOneExecution) => {
        // Small deadlines make several steps, so that the two can overtake each other within a slice.
        const world = worldOf(FEED, paged());
        const turn = <A extends unknown[], R>(name: string, call: (...args: A) => Promise<R>) =>
          scheduler.scheduleFunction(
            Object.defineProperty((...args: A) => call(...args), 'name', { value: name }),
          );
        const records: RecordStore = {
          read: turn('read', world.records.read),
          putIfAbsent: turn('putIfAbsent', world.records.putIfAbsent),
          remove: turn('remove', world.records.remove),
          list: turn('list', world.records.list),
        };
        const source = { ...world.source, open: turn('open', world.source.open) };
        const shared = { ...world, records, source };
        // The same execution twice, as Express promises at least once, or two that the lease would keep apart.
        const ids = isOneExecution ? ['e', 'e'] : ['e1', 'e2'];
        const runs = ids.map((id) => execute(shared, schedule(), { id }));
        await scheduler.waitFor(Promise.all(runs));
        const outcomes = (await Promise.all(runs)).map(({ outcome }) => outcome);
        for (const outcome of outcomes) expect(outcome).toMatch(/^(Done|LeaseHeld|Idle: caught up .*)$/);
        expect(outcomes).toContain('Done');
        expectWhole(world);
      }),
      { numRuns: rounds(150) },
    );
  });

  it('seal it once when the lease has failed them and each publishes a step at every page', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const world = worldOf(FEED, paged());
        const open: typeof world.source.open = (request, limits) =>
          world.source.open(request, limits).then((response) => {
            world.clock.advance(120_000); // a page takes half an execution: one page a step
            return response;
          });
        const records: RecordStore = {
          ...world.records,
          putIfAbsent: scheduler.scheduleFunction(async (key, text) =>
            key.startsWith('leases/') ? undefined : world.records.putIfAbsent(key, text),
          ),
          list: scheduler.scheduleFunction(world.records.list),
        };
        const shared = { ...world, records, source: { ...world.source, open } };
        const runs = [executeToEnd(shared, schedule()), executeToEnd(shared, schedule())];
        await scheduler.waitFor(Promise.all(runs));
        expectWhole(world);
      }),
      { numRuns: rounds(100) },
    );
  });
});

describe('the first plan', () => {
  it('counts for later executions too: its window is sealed before the next one begins', async () => {
    const feed = itemsFeed();
    const stepped = { ...feed, window: { ...(feed.window ?? expect.unreachable()), stepMs: 86_400_000 } };
    const world = worldOf(stepped, paged());
    const open: typeof world.source.open = () => Promise.reject(new ServiceUnavailable('not now'));
    await execute({ ...world, source: { ...world.source, open } }, schedule('2026-11-02T12:00:00.000Z'));
    const results = await executeToEnd(world, schedule('2026-11-05T12:00:00.000Z'));
    expect(results.map(({ outcome }) => outcome)).toEqual(['Continue', 'Done']);
    expect(sealedBatches(world).map(({ window }) => window)).toEqual([
      { from: '2026-11-01T00:00:00.000Z', to: '2026-11-02T12:00:00.000Z' },
      { from: '2026-11-02T12:00:00.000Z', to: '2026-11-05T12:00:00.000Z' },
    ]);
  });
});

describe('a step that another invocation published first', () => {
  it('is gone on from, in the same execution', async () => {
    const world = worldOf(itemsFeed(), paged());
    const records: RecordStore = {
      ...world.records,
      putIfAbsent: (key, text) => {
        if (key.endsWith('00000-00000-00000.json')) {
          const continuation = { url: 'http://127.0.0.1:8080/workitem?pos=1', page: 2 };
          const winner = { ...JSON.parse(text), invocation: 'winner', continuation };
          world.records.entries.set(key, JSON.stringify(winner));
        }
        return world.records.putIfAbsent(key, text);
      },
    };
    expect(await execute({ ...world, records }, schedule())).toMatchObject({ outcome: 'Done' });
    expect(world.source.opened).toEqual([1, 2, 3, 2, 3]);
    expect(keysUnder(world, 'slices/')).toHaveLength(2);
  });
});

/** A store that lets the n-th put through and then loses its reply, as a cut connection does. */
const losingReply = (records: RecordStore, n: number, how: 'throw' | 'again'): RecordStore => {
  let puts = 0;
  return {
    ...records,
    putIfAbsent: async (key, text) => {
      const answer = await records.putIfAbsent(key, text);
      if (++puts !== n) return answer;
      // The SDK asks again by itself: then the answer is our own text. Or it gives up.
      if (how === 'again') return records.putIfAbsent(key, text);
      throw new ServiceUnavailable('reply lost');
    },
  };
};

describe('a put whose reply is lost', () => {
  const PUTS = 7; // lease, plan, step, the rules of each target, pending, seal

  it.each(numbers(PUTS))('and which the SDK asks again (put %i) changes nothing', async (n) => {
    const world = worldOf(itemsFeed(), paged());
    const shared = { ...world, records: losingReply(world.records, n, 'again') };
    expect(await execute(shared, schedule())).toMatchObject({ outcome: 'Done' });
    expectWhole(world);
  });

  it.each(numbers(PUTS))(
    'and is given up (put %i) fails one execution; the next ends in the same rows',
    async (n) => {
      const world = worldOf(itemsFeed(), paged());
      const shared = { ...world, records: losingReply(world.records, n, 'throw') };
      expect(await execute(shared, schedule())).toMatchObject({ outcome: 'ServiceUnavailable' });
      expect((await execute(world, schedule())).outcome).toMatch(/^(Done|Idle: caught up)/);
      expectWhole(world);
    },
  );

  it('there is none beyond', async () => {
    const world = worldOf(itemsFeed(), paged());
    const shared = { ...world, records: losingReply(world.records, PUTS + 1, 'throw') };
    expect(await execute(shared, schedule())).toMatchObject({ outcome: 'Done' });
  });
});

describe('the deadline', () => {
  it('cuts a slice into a step a page when pages are slow, and each execution goes on where the last one ended', async () => {
    const world = worldOf(itemsFeed(), paged());
    const open: typeof world.source.open = async (request, limits) => {
      world.clock.advance(100_000);
      return world.source.open(request, limits);
    };
    const results = await executeToEnd({ ...world, source: { ...world.source, open } }, schedule());
    expect(results.map(({ outcome }) => outcome)).toEqual(['Continue', 'Continue', 'Done']);
    expect(world.source.opened).toEqual([1, 2, 3]);
    expect(keysUnder(world, 'slices/')).toHaveLength(3);
    expectWhole(world);
  });

  it.each(numbers(6))('may come at page %i of 6 and the rows are the same', async (slowPage) => {
    const world = worldOf(itemsFeed(), paged({ pages: 6 }));
    const open: typeof world.source.open = async (request, limits) => {
      const response = await world.source.open(request, limits);
      const isSlow = world.source.opened.at(-1) === slowPage;
      const slowly = async function* () {
        if (isSlow) world.clock.advance(225_000);
        yield* response.body;
      };
      return { ...response, body: slowly() };
    };
    const results = await executeToEnd({ ...world, source: { ...world.source, open } }, schedule());
    expect(results.at(-1)?.outcome).toBe('Done');
    expect(results).toHaveLength(slowPage === 6 ? 1 : 2);
    expect(world.source.opened).toEqual(numbers(6));
    expectWhole(world, 6);
  });

  it('that has passed lets an execution read nothing and hand on', async () => {
    const world = worldOf(itemsFeed(), paged());
    const startTime = new Date(Date.parse(NOW) - 231_000).toISOString();
    const late = await execute(world, schedule(), { startTime });
    expect(late.outcome).toBe('Continue');
    expect(world.source.opened).toEqual([]);
    expect(late.next).toMatchObject({ detail: { generation: 1, correlation: 'items-20261123T120000000Z' } });
    await executeToEnd(world, schedule());
    expectWhole(world);
  });

  it('ends a chain of executions that is longer than any backlog', async () => {
    const world = worldOf(itemsFeed(), paged());
    const endless = await execute(world, {
      source: 'millrace',
      'detail-type': 'Continue',
      detail: { feed: 'items', scheduledTime: NOW, generation: 1_001, correlation: 'c' },
    });
    expect(endless).toMatchObject({ outcome: 'GenerationLimitExceeded' });
    expect(world.source.opened).toEqual([]);
  });

  it('that a page far behind fast ones outlasts once costs no more than the last minute of pages', async () => {
    const world = worldOf(itemsFeed(), paged({ pages: 150, rowsPerPage: 1 }));
    let stalls = 0;
    const open: typeof world.source.open = async (request, { signal, deadlineMs }) => {
      const response = await world.source.open(request, { signal, deadlineMs });
      world.clock.advance(world.source.opened.at(-1) === 120 ? 170_000 : 1000);
      await setImmediate();
      if (signal.aborted) stalls += 1;
      signal.throwIfAborted();
      return response;
    };
    const results = await executeToEnd({ ...world, source: { ...world.source, open } }, schedule());
    expect(results.map(({ outcome }) => outcome)).toEqual(['Continue', 'Continue', 'Done']);
    expect(stalls).toBe(1);
    expect(world.source.opened.length).toBeLessThan(150 + 61);
    expect(sealedIds(world)).toEqual(numbers(150));
  });

  it('that a single page outlasts has it copied; where that is of no use the slice is stuck, and the batch is parked', async () => {
    const world = worldOf(itemsFeed(), paged());
    const open: typeof world.source.open = (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        world.clock.advance(300_000);
      });
    const stuck = { ...world, source: { ...world.source, open } };
    for (const _ of numbers(3)) {
      expect(await execute(stuck, schedule())).toMatchObject({ outcome: 'Spooling' });
      expect(keysUnder(world, 'parked/')).toEqual([]);
      world.clock.advance(25 * 60_000);
    }
    const last = await execute(stuck, schedule());
    expect(last).toMatchObject({ outcome: 'SliceStuck' });
    expect(String(last.error)).toMatch(/step 0 of slice 0, from the first page, took 300 s/);
    expect(keysUnder(world, 'parked/')).toEqual(['parked/items/w-20261101T000000000Z.json']);
    const parked = await execute(world, schedule());
    expect(parked.outcome).toBe('BatchParked');
    expect(String(parked.error)).toMatch(
      /^BatchParked: w-20261101T000000000Z is .* by SliceStuck: .*; status says what to do about it$/,
    );
    expect(keysUnder(world, 'leases/')).toEqual([]);
  });
});

describe('the lease', () => {
  const slow = () => worldOf(itemsFeed(), paged());

  it('keeps a second execution away while the first may be alive', async () => {
    const world = slow();
    world.records.entries.set(
      'leases/items.json',
      toRecordText({ execution: 'other', until: new Date(world.clock.now() + 1).toISOString() }),
    );
    const held = await execute(world, schedule());
    expect(held).toMatchObject({ outcome: 'LeaseHeld' });
    expect(world.source.opened).toEqual([]);
    expect(keysUnder(world, 'leases/')).toEqual(['leases/items.json']);
  });

  it('of a dead execution ends by itself', async () => {
    const world = slow();
    world.records.entries.set(
      'leases/items.json',
      toRecordText({ execution: 'dead', until: new Date(world.clock.now()).toISOString() }),
    );
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'Done' });
    expectWhole(world);
  });

  it('is the same for the same execution started twice', async () => {
    const world = slow();
    await Promise.all([execute(world, schedule(), { id: 'e' }), execute(world, schedule(), { id: 'e' })]);
    expectWhole(world);
  });
});
