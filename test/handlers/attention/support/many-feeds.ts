import { expect } from 'vitest';
import { putDayMark } from '../../../../handlers/attention/marks.ts';
import { readOverview } from '../../../../handlers/attention/read-overview.ts';
import { tellFeed } from '../../../../handlers/attention/tell-feed.ts';
import { noteFailure } from '../../../../handlers/note-failure.ts';
import { backfillFeed } from '../../../../handlers/operate/backfill-feed.ts';
import { pauseFeed } from '../../../../handlers/operate/pause-feed.ts';
import { redrive } from '../../../../handlers/operate/redrive.ts';
import { resumeFeed } from '../../../../handlers/operate/resume-feed.ts';
import { skipBatch } from '../../../../handlers/operate/skip-batch.ts';
import type { Feed } from '../../../../shared/model/feed.ts';
import { backfillBatch } from '../../../../shared/state/backfill.ts';
import { toDateFolder, toKey, windowBatch } from '../../../../shared/state/keys.ts';
import { toRecordText } from '../../../../shared/state/record-text.ts';
import { manualClock } from '../../../fakes/manual-clock.ts';
import { memoryEvents } from '../../../fakes/memory-events.ts';
import { memoryMetrics } from '../../../fakes/memory-metrics.ts';
import { noPlace } from '../../../fakes/no-place.ts';
import { timedRecords } from '../../../fakes/timed-records.ts';
import { itemsFeed } from '../../extract/world.ts';
import { sealed } from '../../load/support/world.ts';
import { HOUR, MINUTE, STALE_AFTER_MS, trueFeed } from './true-feed.ts';

const DAY = 24 * HOUR;
const WINDOWS_FROM = Date.parse('2026-11-20T00:00:00Z');
/** Three stretches of a day each. */
export const BACKFILL = {
  fromMs: Date.parse('2026-10-02T00:00:00Z'),
  toMs: Date.parse('2026-10-05T00:00:00Z'),
};

/** Feeds of one deployment: what happens to them is written as Millrace writes it, by its own verbs where there are such. */
export const toFeeds = (names: readonly string[]) => {
  const clock = manualClock(Date.parse('2026-11-23T20:00:00Z'));
  const { records, inventory } = timedRecords(clock);
  const events = memoryEvents();
  let invocations = 0;
  const deps = () => {
    invocations += 1;
    const { signal } = new AbortController();
    return {
      ...{ records, inventory, events, clock, signal, bucket: 'bucket', invocation: `i-${invocations}` },
      ...{ metrics: memoryMetrics(), where: noPlace },
    };
  };
  const feeds = names.map((feed) =>
    toOne({ ...itemsFeed(), feed, alerts: { staleAfterMs: STALE_AFTER_MS } }, deps),
  );
  const judge = async (): Promise<void> => {
    const overview = await readOverview(records);
    for (const { feed, truth } of feeds) {
      await tellFeed(feed, overview, deps());
      truth.tell(clock.now());
    }
  };
  return { clock, events, deps, feeds, judge };
};

const toOne = (
  definition: Feed,
  deps: () => Parameters<typeof tellFeed>[2] & Parameters<typeof backfillFeed>[2],
) => {
  const { feed } = definition;
  const { clock, records } = deps();
  const truth = trueFeed(clock.now());
  let windows = 0;
  const put = (key: Parameters<typeof toKey>[0], record: object) =>
    records.putIfAbsent(toKey(key), toRecordText(record));
  const startMs = (): number => WINDOWS_FROM + windows * 15 * MINUTE;
  const next = (): string => windowBatch(startMs());
  const plan = (batch: string, date: string) =>
    put(
      { kind: 'plan', feed, batch, definition: 'ab' },
      {
        ...{ feed, batch, invocation: 'p', date, observed: new Date(clock.now()).toISOString() },
        ...{ definition, slices: [] },
      },
    );
  const seal = (batch: string, date: string) =>
    put(
      { kind: 'batch', feed, date, batch },
      sealed(1, { feed, batch, observed: new Date(clock.now()).toISOString() }),
    );
  const park = async (batch: string, wasSealed: boolean, state: string, error: string): Promise<void> => {
    const parkedAt = new Date(clock.now()).toISOString();
    await put(
      { kind: 'parked', feed, batch },
      { feed, batch, invocation: 'a', state, error, message: 'so it is', parkedAt },
    );
    truth.parked.set(batch, wasSealed);
  };
  const isHeld = (): boolean => truth.isPaused || truth.parked.has(next());
  const fail = async (error: string, passes: boolean): Promise<void> => {
    if (isHeld()) return;
    await noteFailure({ feed, batch: next(), state: 'ExtractSlice', error, message: 'so it is' }, deps());
    truth.failures = [...truth.failures, { atMs: clock.now(), batch: next(), passes }];
  };
  const stretch = () => {
    const { backfill } = truth;
    if (backfill === undefined || backfill.nextMs >= backfill.toMs) return undefined;
    const fromMs = backfill.nextMs;
    const batch = backfillBatch(backfill.request, { fromMs, toMs: fromMs + DAY });
    return truth.parked.has(batch) ? undefined : { backfill, batch, date: toDateFolder(fromMs) };
  };
  const happen = {
    runs: async () => {
      await happen.seals();
      await happen.loads();
    },
    seals: async () => {
      if (isHeld()) return;
      const [batch, date] = [next(), toDateFolder(startMs())];
      await plan(batch, date);
      const key = toKey({ kind: 'batch', feed, date, batch });
      await put({ kind: 'pending', feed, batch }, { invocation: 'a', key, bytes: 1 });
      await seal(batch, date);
      truth.seal(batch, clock.now());
      windows += 1;
    },
    loads: async () => {
      if (truth.isPaused) return;
      for (const batch of truth.pending.keys()) await records.remove(toKey({ kind: 'pending', feed, batch }));
      truth.pending.clear();
    },
    failsByWhatPasses: () => fail('SourceUnavailable', true),
    failsByAPerson: () => fail('SourceRefused', false),
    failsToLoad: async () => {
      const [batch] = [...truth.pending.keys()].sort();
      if (batch === undefined || truth.isPaused) return;
      await noteFailure({ feed, batch, state: 'Load', error: 'WarehouseUnready', message: 'paused' }, deps());
      truth.loadFailures = [...truth.loadFailures, { atMs: clock.now(), batch, passes: true }];
    },
    isParkedAsItIsRead: async () => {
      if (isHeld()) return;
      await plan(next(), toDateFolder(startMs()));
      truth.hasPlan = true;
      await park(next(), false, 'ExtractSlice', 'SliceStuck');
    },
    isParkedByItsLoad: async () => {
      const [batch] = [...truth.pending.keys()].sort();
      if (batch === undefined || truth.isPaused) return;
      await park(batch, true, 'Load', 'LoadDataRefused');
      await records.remove(toKey({ kind: 'pending', feed, batch }));
      truth.pending.delete(batch);
    },
    isSkipped: async () => {
      const [batch] = truth.openParked();
      if (batch === undefined) return;
      const isRefused = !truth.parked.get(batch) && batch.startsWith('w-');
      expect((await skipBatch(feed, batch, deps())) !== undefined).toBe(isRefused);
      if (!isRefused) truth.skipped.add(batch);
    },
    isRedriven: async () => {
      const batches = truth.openParked();
      const done = await redrive(feed, batches, { ...deps(), feeds: { [feed]: definition } });
      for (const { batch, outcome } of done) {
        const wasSealed = truth.parked.get(batch) ?? false;
        expect([batch, outcome]).toEqual([batch, wasSealed ? 'load' : 'extract']);
        if (wasSealed) truth.pending.set(batch, Math.floor(clock.now() / 1000) * 1000);
        truth.parked.delete(batch);
      }
    },
    isPaused: async () => {
      await pauseFeed(feed, deps());
      truth.isPaused = true;
    },
    isResumed: async () => {
      await resumeFeed(feed, definition, deps());
      truth.isPaused = false;
    },
    rejects: async () => {
      await putDayMark(feed, 'rejects', { batch: next(), message: '3 rows' }, deps());
      truth.rejectsMs = clock.now();
    },
    isBackfilled: async () => {
      const { backfill, outcome } = await backfillFeed(definition, BACKFILL, deps());
      if (truth.backfill === undefined)
        truth.backfill = { ...BACKFILL, request: backfill.request, nextMs: BACKFILL.fromMs };
      const isDone = truth.backfill.nextMs >= truth.backfill.toMs;
      expect(outcome === 'done').toBe(isDone);
    },
    sealsAStretch: async () => {
      const one = stretch();
      if (one === undefined || truth.isPaused) return;
      await plan(one.batch, one.date);
      await seal(one.batch, one.date);
      one.backfill.nextMs += DAY;
      truth.hasPlan = true;
    },
    parksAStretch: async () => {
      const one = stretch();
      if (one === undefined || truth.isPaused) return;
      await plan(one.batch, one.date);
      truth.hasPlan = true;
      await park(one.batch, false, 'ExtractSlice', 'SliceStuck');
    },
  };
  return { feed: definition, truth, happen };
};
