import { readOverview } from '../../../../handlers/attention/read-overview.ts';
import { tellFeed } from '../../../../handlers/attention/tell-feed.ts';
import { noteFailure } from '../../../../handlers/note-failure.ts';
import type { Events } from '../../../../handlers/ports/events.ts';
import type { RecordStore } from '../../../../handlers/ports/record-store.ts';
import type { Feed } from '../../../../shared/model/feed.ts';
import { toDateFolder, toKey, windowBatch } from '../../../../shared/state/keys.ts';
import { toRecordText } from '../../../../shared/state/record-text.ts';
import { manualClock } from '../../../fakes/manual-clock.ts';
import { memoryEvents } from '../../../fakes/memory-events.ts';
import { memoryMetrics } from '../../../fakes/memory-metrics.ts';
import { noPlace } from '../../../fakes/no-place.ts';
import { timedRecords } from '../../../fakes/timed-records.ts';
import { itemsFeed } from '../../extract/world.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A feed whose schedule fires each quarter of an hour; told stale after three of them. */
export const FEED: Feed = { ...itemsFeed(), alerts: { staleAfterMs: 45 * MINUTE } };
const NAME = FEED.feed;

/** One feed through its days, as records tell them, and the judgement that the sweep makes of it. */
export const toLife = (feed = FEED) => {
  const clock = manualClock(Date.parse('2026-11-23T12:00:00Z'));
  const { records, inventory } = timedRecords(clock);
  const events = memoryEvents();
  const metrics = memoryMetrics();
  let invocations = 0;
  let windows = 0;
  const invocation = (): string => {
    invocations += 1;
    return `invocation-${invocations}`;
  };
  const deps = (more: { readonly records?: RecordStore; readonly events?: Events } = {}) => ({
    ...{ records, inventory, events, metrics, clock, where: noPlace, invocation: invocation() },
    ...more,
  });
  const put = (key: string, record: object) => records.putIfAbsent(key, toRecordText(record));
  const batchOf = (): string => windowBatch(Date.parse('2026-11-01T00:00:00Z') + windows * 15 * MINUTE);
  const parkedKey = () => toKey({ kind: 'parked', feed: NAME, batch: batchOf() });
  return {
    ...{ clock, records, inventory, events, metrics, deps, batchOf },
    /** The next window is sealed, and waits for its load. */
    seal: async (): Promise<string> => {
      const batch = batchOf();
      const key = toKey({ kind: 'batch', feed: NAME, date: toDateFolder(Date.parse('2026-11-01')), batch });
      await put(toKey({ kind: 'pending', feed: NAME, batch }), { invocation: 'a', key });
      await put(key, {});
      windows += 1;
      return batch;
    },
    load: async (): Promise<void> => {
      for (const key of (await records.list(`pending/${NAME}/`)).keys) await records.remove(key);
    },
    fail: (error: string, state = 'ExtractSlice', batch = batchOf()) =>
      noteFailure({ feed: NAME, batch, state, error, message: 'so it is' }, deps()),
    park: () =>
      put(parkedKey(), {
        ...{ feed: NAME, batch: batchOf(), invocation: 'a', state: 'ExtractSlice', error: 'SliceStuck' },
        ...{ message: 'it ends never', parkedAt: new Date(clock.now()).toISOString() },
      }),
    skip: () =>
      put(toKey({ kind: 'skipped', feed: NAME, batch: batchOf() }), {
        ...{ feed: NAME, batch: batchOf(), invocation: 'a' },
        skippedAt: new Date(clock.now()).toISOString(),
      }),
    redrive: async (): Promise<void> => {
      for (const folder of ['skipped', 'parked'])
        for (const key of (await records.list(`${folder}/${NAME}/`)).keys) await records.remove(key);
    },
    pause: () =>
      put(toKey({ kind: 'paused', feed: NAME }), {
        feed: NAME,
        pausedAt: new Date(clock.now()).toISOString(),
      }),
    resume: () => records.remove(toKey({ kind: 'paused', feed: NAME })),
    /** What the sweep does of it. */
    judge: async (more?: Parameters<typeof deps>[0]): Promise<void> => {
      const using = deps(more);
      await tellFeed(feed, await readOverview(using.records), using);
    },
    /** Words of what was told: `+parked` on entering, `-parked` on leaving. */
    told: () =>
      events.taken.map(
        ({ type, detail }) => `${type === 'FeedNeedsAttention' ? '+' : '-'}${String(detail.need)}`,
      ),
  };
};

export type Life = ReturnType<typeof toLife>;
