import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordFailure } from '../../../handlers/extract/record-failure.ts';
import { pauseFeed } from '../../../handlers/operate/pause-feed.ts';
import { readStatus } from '../../../handlers/operate/read-status.ts';
import { redrive } from '../../../handlers/operate/redrive.ts';
import { resumeFeed } from '../../../handlers/operate/resume-feed.ts';
import { skipBatch } from '../../../handlers/operate/skip-batch.ts';
import { parseStamp, toKey } from '../../../shared/state/keys.ts';
import type { LoadThread } from '../../../shared/state/messages.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { memoryEvents } from '../../fakes/memory-events.ts';
import { memoryMetrics } from '../../fakes/memory-metrics.ts';
import { noPlace } from '../../fakes/no-place.ts';
import { timedRecords } from '../../fakes/timed-records.ts';
import { FEED, sealed, toWorld } from '../load/support/world.ts';
import { definition } from '../sweep/support/sweeping.ts';

/** What a feed's records say, kept beside them by other means. */
interface Model {
  sealed: number;
  pending: Set<string>;
  loading: Set<string>;
  parked: Set<string>;
  /** Since the last seal. */
  extractFailures: number;
  /** Each by the oldest batch of its load. */
  loadFailures: string[];
  isPaused: boolean;
}

const newModel = (): Model => ({
  ...{ sealed: 0, extractFailures: 0, loadFailures: [], isPaused: false },
  ...{ pending: new Set(), loading: new Set(), parked: new Set() },
});

/** The load world on records that have times, and what happens to it, one thing at a time. */
const toOperated = () => {
  let now = (): number => 0;
  const timed = timedRecords({ now: () => now() });
  const world = toWorld(timed.records);
  now = world.clock.now;
  const model = newModel();
  const events = memoryEvents();
  const deps = { ...timed, clock: world.clock, events, invocation: 'command', feeds: { [FEED]: definition } };
  let thread: LoadThread | undefined;
  const release = (): void => {
    thread = undefined;
    model.loading.clear();
  };
  const happen = {
    seal: async () => {
      if (model.sealed === 9) return;
      model.sealed += 1;
      const batch = sealed(model.sealed);
      const plan = {
        ...{ feed: FEED, batch: batch.batch, invocation: 'p', date: '2026/11/23', observed: batch.observed },
        ...{ definition, slices: [] },
      };
      const key = toKey({ kind: 'plan', feed: FEED, batch: batch.batch, definition: 'ab' });
      await timed.records.putIfAbsent(key, toRecordText(plan));
      await world.put(batch, new Date(world.clock.now()).toISOString());
      model.pending.add(batch.batch);
      model.extractFailures = 0;
    },
    load: async () => {
      const answer = await world.plan();
      expect(answer.outcome === 'planned').toBe(
        thread === undefined && !model.isPaused && model.pending.size > 0,
      );
      if (answer.outcome !== 'planned') return;
      thread = answer.thread;
      await world.submit(thread);
      model.loading = new Set(await world.batchesOf(thread));
    },
    finish: async () => {
      if (thread === undefined) return;
      await world.mark(thread);
      for (const batch of model.loading) model.pending.delete(batch);
      release();
    },
    break: async () => {
      const [culprit] = model.loading;
      if (thread === undefined || culprit === undefined) return;
      await world.park(thread, [culprit], true, { Error: 'LoadDataRefused', Cause: 'numeric overflow' });
      model.pending.delete(culprit);
      model.parked.add(culprit);
      release();
    },
    stall: async () => {
      const [oldest] = model.loading;
      if (thread === undefined || oldest === undefined) return;
      await world.park(thread, [], false, { Error: 'ServiceUnavailable', Cause: 'the warehouse is paused' });
      model.loadFailures.push(oldest);
    },
    fail: async () => {
      const scheduledTime = '2026-11-23T12:00:00Z';
      const error = { Error: 'SourceRefused', Cause: 'a login page' };
      const input = { trigger: { feed: FEED, scheduledTime }, execution: 'e', state: 'PlanBatch', error };
      await recordFailure(input, { ...deps, metrics: memoryMetrics(), where: noPlace });
      model.extractFailures += 1;
    },
    redrive: async () => {
      const done = await redrive(FEED, [...model.parked], deps);
      expect(done.every(({ outcome }) => outcome === 'load')).toBe(true);
      for (const batch of model.parked) model.pending.add(batch);
      model.parked.clear();
    },
    skip: async () => {
      const [batch] = model.parked;
      if (batch === undefined) return;
      expect(await skipBatch(FEED, batch, deps)).toBeUndefined();
      model.parked.delete(batch);
    },
    pause: async () => {
      await pauseFeed(FEED, deps);
      model.isPaused = true;
    },
    resume: async () => {
      const { signal } = new AbortController();
      const resumed = await resumeFeed(FEED, definition, { ...deps, bucket: 'bucket', signal });
      expect([resumed.pausedAt !== undefined, resumed.isLoading]).toEqual([
        model.isPaused,
        model.pending.size > 0,
      ]);
      model.isPaused = false;
    },
  };
  return { world, model, deps, happen };
};

/** Windows follow each other: the start of the first one that is not loaded, else when the last one was read. */
const toRowsAsOf = ({ sealed: count, pending, parked }: Model): string | undefined => {
  const [oldest] = [...pending, ...parked].sort();
  if (oldest !== undefined) return new Date(parseStamp(oldest.slice(2))).toISOString();
  return count === 0 ? undefined : sealed(count).observed;
};

const toExpected = (model: Model) => {
  const { pending, loading, parked, isPaused } = model;
  const loadFailures = model.loadFailures.filter((batch) => pending.has(batch)).length;
  const failures = model.extractFailures + loadFailures;
  // A login page does not pass by itself, and a paused warehouse has its hour.
  const states: readonly (readonly [state: string, isSo: boolean])[] = [
    ['parked', parked.size > 0],
    ['failing', model.extractFailures > 0],
    ['paused', isPaused],
    ['retrying', loadFailures > 0],
    ['ok', model.sealed > 0],
  ];
  return {
    state: states.find(([, isSo]) => isSo)?.[0] ?? 'never ran',
    pending: pending.size - loading.size,
    loading: loading.size,
    parked: [...parked].sort(),
    failures,
    isPaused,
    rowsAsOf: toRowsAsOf(model),
  };
};

const observe = async ({ deps }: ReturnType<typeof toOperated>) => {
  const status = await readStatus(FEED, definition, deps);
  return {
    state: status.state,
    pending: status.pending,
    loading: status.loading?.batches ?? 0,
    parked: [...status.parked.batches].sort(),
    failures: status.failing?.times ?? 0,
    isPaused: status.pausedAt !== undefined,
    rowsAsOf: status.rowsAsOf,
  };
};

describe('the status of a feed', () => {
  it('agrees with what happened, after each thing that happens', async () => {
    const things = fc.constantFrom(
      ...(Object.keys(toOperated().happen) as (keyof ReturnType<typeof toOperated>['happen'])[]),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(things, { maxLength: 25 }), async (sequence) => {
        const operated = toOperated();
        for (const thing of sequence) {
          operated.world.clock.advance(2_000);
          await operated.happen[thing]();
          expect(await observe(operated)).toEqual(toExpected(operated.model));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('tells since when a feed fails, how often and why', async () => {
    const { deps, happen, world } = toOperated();
    await happen.seal();
    world.clock.advance(60_000);
    await happen.fail();
    world.clock.advance(900_000);
    await happen.fail();
    expect((await readStatus(FEED, definition, deps)).failing).toMatchObject({
      ...{ since: '2026-11-23T12:01:00.000Z', times: 2 },
      ...{ state: 'PlanBatch', error: 'SourceRefused', message: 'a login page' },
    });
  });

  it('counts the rejects of the last day alone', async () => {
    const { deps, happen, world } = toOperated();
    await world.put(sealed(1, { rejects: { rows: 3, parts: [] } }));
    expect((await readStatus(FEED, definition, deps)).rejectsOfDay).toEqual({ rows: 3, isAtLeast: false });
    world.clock.advance(25 * 3_600_000);
    await happen.seal();
    expect((await readStatus(FEED, undefined, deps)).rejectsOfDay).toEqual({ rows: 0, isAtLeast: false });
  });

  it('costs the same few calls whatever the history', async () => {
    const callsOf = async (days: number): Promise<number> => {
      const { deps, world } = toOperated();
      for (let day = 0; day < days; day += 1) {
        const observed = new Date(Date.parse('2026-01-01T00:00:00Z') + day * 86_400_000).toISOString();
        for (const n of [1, 2, 3]) await world.put(sealed(n, { batch: `f-${day}-${n}`, observed }));
        while ((await world.pending()).length > 0) await world.loadOnce();
        world.clock.advance(86_400_000);
      }
      let calls = 0;
      const count =
        <A extends readonly unknown[], R>(work: (...of: A) => R) =>
        (...of: A): R => {
          calls += 1;
          return work(...of);
        };
      const { records, inventory } = deps;
      const counted = {
        ...deps,
        records: { ...records, read: count(records.read), list: count(records.list) },
        inventory: { ...inventory, list: count(inventory.list) },
      };
      expect(await readStatus(FEED, definition, counted)).toMatchObject({ state: 'ok', pending: 0 });
      return calls;
    };
    const few = await callsOf(2);
    expect(few).toBeLessThan(50);
    expect(await callsOf(200)).toBeLessThan(few + 20);
  });
});
