import { describe, expect, it } from 'vitest';
import { listRuns } from '../../../handlers/operate/list-runs.ts';
import { pauseFeed } from '../../../handlers/operate/pause-feed.ts';
import { redrive } from '../../../handlers/operate/redrive.ts';
import { resumeFeed } from '../../../handlers/operate/resume-feed.ts';
import { findFeedsOf, tellBatch } from '../../../handlers/operate/tell-batch.ts';
import { triggerFeed } from '../../../handlers/operate/trigger-feed.ts';
import type { RecordStore } from '../../../handlers/ports/record-store.ts';
import { SourceRefused, StepMovedNothing } from '../../../shared/errors.ts';
import type { Feed } from '../../../shared/model/feed.ts';
import { comparisonBatch, scheduleBatch, toKey } from '../../../shared/state/keys.ts';
import { extractTrigger } from '../../../shared/state/messages.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { memoryEvents } from '../../fakes/memory-events.ts';
import { pagedSource, pageXml } from '../../fakes/paged-source.ts';
import { timedRecords } from '../../fakes/timed-records.ts';
import {
  dropsFeed,
  execute,
  executeToEnd,
  itemsFeed,
  keysUnder,
  landed,
  schedule,
  worldOf,
} from '../extract/world.ts';
import { FEED, sealed, toWorld } from '../load/support/world.ts';
import { definition } from '../sweep/support/sweeping.ts';

const HOUR = 3_600_000;

/** The extract world on records that have times. */
const operated = (feed: Feed, pages = 1) => {
  const plain = worldOf(feed, pagedSource({ pages, rowsPerPage: 2 }));
  const timed = timedRecords(plain.clock);
  const world = { ...plain, ...timed };
  const events = memoryEvents();
  const deps = { ...timed, clock: plain.clock, events, invocation: 'command', feeds: { [feed.feed]: feed } };
  /** What the bus would start: the events that were put, as executions of Extract. */
  const deliver = async () => {
    const taken = events.taken.splice(0).filter(({ type }) => type === 'Continue');
    const outcomes = [];
    for (const { type, detail } of taken) {
      const event = { source: 'millrace', 'detail-type': type, detail };
      outcomes.push((await executeToEnd(world, extractTrigger.parse(event))).at(-1)?.outcome);
    }
    return outcomes;
  };
  return { world, deps, events, deliver };
};

const park = async (
  records: RecordStore,
  feed: string,
  batch: string,
  error = 'LoadRefused',
): Promise<void> => {
  const record = {
    ...{ feed, batch, invocation: 'i', state: 'Load', error, message: 'why' },
    parkedAt: '2026-11-23T12:00:00.000Z',
  };
  await records.putIfAbsent(toKey({ kind: 'parked', feed, batch }), toRecordText(record));
};

describe('redrive', () => {
  it('extracts a window again that was stuck, though it stalled before, and goes on behind it', async () => {
    const { world, deps, events, deliver } = operated(itemsFeed());
    const open = async (): Promise<never> => {
      throw new StepMovedNothing('no step');
    };
    const broken = { ...world, source: { ...world.source, open } };
    for (const outcome of ['StepMovedNothing', 'SliceStuck'])
      expect((await execute(broken, schedule())).outcome).toBe(outcome);
    const batch = 'w-20261101T000000000Z';
    expect(keysUnder(world, 'parked/')).toEqual([`parked/items/${batch}.json`]);
    expect(await redrive('items', [batch], deps)).toMatchObject([
      { batch, outcome: 'extract', why: expect.stringMatching(/^SliceStuck: /) },
    ]);
    expect([keysUnder(world, 'parked/'), keysUnder(world, 'slices/')]).toEqual([[], []]);
    expect(events.taken).toHaveLength(1);
    expect(await deliver()).toEqual(['Done']);
    expect(keysUnder(world, 'batches/')).toHaveLength(1);
  });

  it('extracts a landed object again by the feed as it is then', async () => {
    const { world, deps, deliver } = operated(dropsFeed());
    const object = { bucket: 'bucket', key: 'landing/drops/a.xml', versionId: 'v1' };
    world.streams.land(object, pageXml(1, 3).replace('</workitem>', ''), world.clock.now());
    expect((await execute(world, landed(object.key))).outcome).toBe('XmlMalformed');
    const [key = ''] = keysUnder(world, 'parked/');
    const batch = key.slice('parked/drops/'.length, -'.json'.length);
    expect((await execute(world, landed(object.key))).outcome).toMatch(/^Idle: .* is parked/);
    expect(await redrive('drops', [batch], deps)).toMatchObject([{ batch, outcome: 'extract' }]);
    expect(await deliver()).toEqual(['XmlMalformed']);
    expect(keysUnder(world, 'parked/')).toEqual([key]);
  });

  it('loads a sealed batch again, whatever it was parked for and however often it is asked', async () => {
    const world = toWorld();
    const timed = timedRecords(world.clock);
    const events = memoryEvents();
    const deps = { ...timed, records: world.records, clock: world.clock, events, invocation: 'i', feeds: {} };
    await planned(world.records);
    await world.put(sealed(1));
    const thread = await world.planned();
    const { batch } = sealed(1);
    await park(world.records, FEED, batch);
    expect(await redrive(FEED, [batch], deps)).toMatchObject([
      { outcome: 'left', why: expect.stringMatching(/is not settled yet: try again in a minute$/) },
    ]);
    await world.park(thread, [batch], true, { Error: 'LoadDataRefused', Cause: 'no' });
    expect(await world.pending()).toEqual([]);
    expect(await redrive(FEED, [batch], deps)).toMatchObject([{ outcome: 'load' }]);
    expect(await redrive(FEED, [batch], deps)).toMatchObject([{ outcome: 'gone' }]);
    expect(events.taken).toEqual([{ type: 'LoadNext', detail: { feed: FEED } }]);
    expect(await world.loadOnce()).toEqual([batch]);
  });

  it('leaves a batch parked or pending, whenever it dies', async () => {
    for (const dies of [1, 2, 3, 4]) {
      const world = toWorld();
      await planned(world.records);
      await world.put(sealed(1));
      await world.park(await world.planned(), [sealed(1).batch], true, { Error: 'LoadDataRefused' });
      let writes = 0;
      const write =
        <A extends readonly unknown[], R>(work: (...of: A) => Promise<R>) =>
        (...of: A): Promise<R> => {
          writes += 1;
          return writes === dies ? Promise.reject(new Error('killed')) : work(...of);
        };
      const { records } = world;
      const mortal = { ...records, putIfAbsent: write(records.putIfAbsent), remove: write(records.remove) };
      const timed = timedRecords(world.clock);
      const events = memoryEvents();
      const deps = { ...timed, records: mortal, clock: world.clock, events, invocation: 'i', feeds: {} };
      await redrive(FEED, [sealed(1).batch], deps).catch(() => undefined);
      await world.plan();
      const left = [...world.entries.keys()].filter((key) => /^(?:parked|pending)\//.test(key));
      expect(left, `killed at write ${dies}`).not.toEqual([]);
    }
  });

  it('leaves a comparison, which lists the keys anew, and a batch of a feed that is gone', async () => {
    const { world, deps } = operated(itemsFeed());
    const batch = comparisonBatch(world.clock.now());
    await planned(world.records, batch);
    const key = toKey({ kind: 'batch', feed: FEED, date: '2026/11/23', batch });
    await world.records.putIfAbsent(key, toRecordText({ ...sealed(1), batch }));
    await park(world.records, FEED, batch, 'TooManyDeleted');
    expect(await redrive(FEED, [batch], deps)).toMatchObject([
      { outcome: 'left', next: 'npx millrace trigger work_items --compare' },
    ]);
    const other = scheduleBatch(world.clock.now());
    await planned(world.records, other);
    await park(world.records, FEED, other, 'SliceStuck');
    expect(await redrive(FEED, [other], deps)).toMatchObject([
      { outcome: 'left', why: 'its feed is not deployed any more, and it was not sealed' },
    ]);
    expect(keysUnder(world, 'parked/')).toHaveLength(2);
  });
});

/** A plan of the load world's feed. */
const planned = async (records: RecordStore, batch = sealed(1).batch): Promise<void> => {
  const plan = {
    ...{ feed: FEED, batch, invocation: 'p', date: '2026/11/23', observed: sealed(1).observed },
    ...{ definition, slices: [] },
  };
  await records.putIfAbsent(toKey({ kind: 'plan', feed: FEED, batch, definition: 'ab' }), toRecordText(plan));
};

describe('pause and resume', () => {
  it('extract a file that landed meanwhile, and nothing twice', async () => {
    const { world, deps, deliver } = operated(dropsFeed());
    const land = async (name: string) => {
      const object = { bucket: 'bucket', key: `landing/drops/${name}.xml`, versionId: 'v1' };
      world.streams.land(object, pageXml(1, 3), Math.floor(world.clock.now() / 1000) * 1000);
      await world.records.putIfAbsent(object.key, ''); // so that the inventory lists it
      return (await execute(world, landed(object.key))).outcome;
    };
    expect(await land('before')).toBe('Done');
    const { pausedAt } = await pauseFeed('drops', deps);
    expect((await pauseFeed('drops', { ...deps, invocation: 'other' })).pausedAt).toBe(pausedAt);
    expect(await land('meanwhile')).toBe(`Idle: paused since ${pausedAt}, until npx millrace resume drops`);
    const { signal } = new AbortController();
    const resume = () => resumeFeed('drops', dropsFeed(), { ...deps, bucket: 'bucket', signal });
    expect(await resume()).toEqual({ pausedAt, started: 1, later: 0, isLoading: true });
    expect(await deliver()).toEqual(['Done']);
    expect(keysUnder(world, 'batches/')).toHaveLength(2);
    expect(await resume()).toMatchObject({ pausedAt: undefined, started: 0 });
  });
});

describe('trigger', () => {
  it('fires a schedule as of now', async () => {
    const { world, deps, deliver } = operated(itemsFeed());
    await triggerFeed('items', { compares: false }, deps);
    expect(await deliver()).toEqual(['Done']);
    expect(keysUnder(world, 'batches/')).toEqual(['batches/items/2026/11/01/w-20261101T000000000Z.json']);
  });
});

describe('the batches of a feed', () => {
  it('are told with their times, rows and state, those that are being read too', async () => {
    const { world, deps } = operated(itemsFeed(), 2);
    await executeToEnd(world, schedule());
    world.clock.advance(HOUR);
    const open = async (): Promise<never> => {
      throw new SourceRefused('no');
    };
    const broken = { ...world, source: { ...world.source, open } };
    expect((await execute(broken, schedule('2026-11-23T13:00:00Z'))).outcome).toBe('SourceRefused');
    const runs = await listRuns('items', world.clock.now() - 2 * HOUR, deps);
    expect(runs).toMatchObject([
      { batch: 'w-20261123T120000000Z', state: 'reading', rows: 0, sealedAt: undefined },
      { batch: 'w-20261101T000000000Z', state: 'pending', rows: 8, records: 4, rejects: 0 },
    ]);
    expect(await listRuns('items', world.clock.now(), deps)).toMatchObject([{ state: 'reading' }]);
  });

  it('have a story each: plan, steps, seal', async () => {
    const { world, deps } = operated(itemsFeed(), 2);
    await executeToEnd(world, schedule());
    const batch = 'w-20261101T000000000Z';
    expect(await findFeedsOf(batch, deps)).toEqual(['items']);
    expect(await findFeedsOf('w-20200101T000000000Z', deps)).toEqual([]);
    expect(await tellBatch('items', 'w-20200101T000000000Z', deps)).toBeUndefined();
    expect(await tellBatch('items', batch, deps)).toMatchObject({
      ...{ batch, state: 'pending', loads: [], parked: undefined },
      covers: '2026-11-01T00:00:00.000Z to 2026-11-23T12:00:00.000Z',
      plans: [
        { slices: 1, steps: [{ slice: 0, pages: 2, records: 4, rows: 8, isLast: true }], refusals: [] },
      ],
      seal: { at: '2026-11-23T12:00:00.000Z', rows: { 'ewm.items': 4, 'ewm.comments': 4 } },
    });
  });

  it('have in it the loads that had them, tries that failed among them', async () => {
    const world = toWorld();
    const timed = timedRecords(world.clock);
    const on = toWorld(timed.records);
    await planned(timed.records);
    await on.put(sealed(1));
    await on.park(await on.planned(), [], true, { Error: 'LoadRefused', Cause: 'why' });
    await timed.records.remove(toKey({ kind: 'parked', feed: FEED, batch: sealed(1).batch }));
    await on.put(sealed(1));
    await on.loadOnce();
    expect(await tellBatch(FEED, sealed(1).batch, { ...timed, clock: world.clock })).toMatchObject({
      state: 'loaded',
      loads: [
        { outcome: 'parked', tries: [], error: { name: 'LoadRefused' } },
        { outcome: 'loaded', tries: [{ statementId: 'statement-1' }] },
      ],
    });
  });
});
