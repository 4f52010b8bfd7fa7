import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AskedRange, backfillFeed } from '../../../handlers/operate/backfill-feed.ts';
import { cancelBackfill } from '../../../handlers/operate/cancel-backfill.ts';
import { redrive } from '../../../handlers/operate/redrive.ts';
import { replayRejects } from '../../../handlers/operate/replay-rejects.ts';
import { continueBackfills } from '../../../handlers/sweep/continue-backfills.ts';
import { removeLanded } from '../../../handlers/sweep/remove-landed.ts';
import { InvalidInput } from '../../../shared/errors.ts';
import type { Feed } from '../../../shared/model/feed.ts';
import { landedBatch, toKey } from '../../../shared/state/keys.ts';
import type { ExtractTrigger } from '../../../shared/state/messages.ts';
import { readRecordText, toRecordText } from '../../../shared/state/record-text.ts';
import { type BatchRecord, batchRecord } from '../../../shared/state/records.ts';
import { TURNS } from '../../../shared/state/sweep-turn.ts';
import { memoryEvents } from '../../fakes/memory-events.ts';
import { memoryInventory } from '../../fakes/memory-inventory.ts';
import { pagedSource, pageXml } from '../../fakes/paged-source.ts';
import { timedRecords } from '../../fakes/timed-records.ts';
import { toSwept } from '../extract/swept-world.ts';
import {
  dropsFeed,
  executeToEnd,
  feedOf,
  itemsFeed,
  keysUnder,
  landed,
  schedule,
  worldOf,
} from '../extract/world.ts';

const DAY = 86_400_000;
const FROM = Date.parse('2026-11-02T00:00:00Z');
const TO = Date.parse('2026-11-05T00:00:00Z');

/** A world whose source tells which ranges it was asked for, as `from to`. */
const askedWorld = (feed: Feed = itemsFeed(), xml?: string) => {
  const source = pagedSource({ pages: 1, rowsPerPage: 1, onOpen: () => xml });
  const asked: string[] = [];
  const world = worldOf(feed, {
    ...source,
    open: (request, limits) => {
      const { searchParams } = new URL(request.url);
      asked.push(`${searchParams.get('from')} ${searchParams.get('to')}${searchParams.get('p') ?? ''}`);
      return source.open(request, limits);
    },
  });
  const events = memoryEvents();
  const signal = new AbortController().signal;
  let invocations = 0;
  const deps = () => ({
    ...world,
    events,
    signal,
    bucket: 'bucket',
    inventory: timedRecords(world.clock).inventory,
    invocation: `command-${invocations++}`,
  });
  const ask = (range: Partial<AskedRange> = {}) =>
    backfillFeed(world.feed, { fromMs: FROM, toMs: TO, ...range }, deps());
  const run = async (as: Feed = feed) => {
    const outcomes: string[] = [];
    for (const { type, detail } of events.taken.splice(0)) {
      const trigger = { source: 'millrace', 'detail-type': type, detail } as ExtractTrigger;
      outcomes.push(...(await executeToEnd({ ...world, feed: as }, trigger)).map(({ outcome }) => outcome));
    }
    return outcomes;
  };
  const batches = () => keysUnder(world, 'batches/').map((key) => key.split('/').at(-1));
  return { ...world, world, events, asked, ask, run, batches, deps };
};

const stepped = (step: string) =>
  itemsFeed().window === undefined
    ? expect.unreachable('it has a window')
    : feedOf(
        'items',
        `source:
  http:
    url: http://127.0.0.1:8080/workitem
    params: { from: "\${window.from}", to: "\${window.to}", p: "\${partition}" }
partitions: [{ name: a }, { name: b }]
window: { cursor: modified, start: 2026-11-01T00:00:00Z, step: ${step} }
tables:
  ewm.items:
    rows: /workitem/workItem
    disposition: merge
    key: [id]
    columns: { id: bigint, modified: timestamptz }
`,
      );

describe('a range of a feed', () => {
  it('goes on with one that was asked for again and is not read, and begins another one behind it', async () => {
    const { ask, run } = askedWorld();
    await ask();
    await run();
    const again = (text: string) => ask({ again: text, isNew: true });
    const first = await again('one');
    expect(await again('two')).toEqual({ ...first, outcome: 'running' });
    await run();
    const next = await again('three');
    expect([next.outcome, next.backfill.request === first.backfill.request]).toEqual(['asked', false]);
  });

  it('is read by batches of its own, and the live feed goes on where it was', async () => {
    const { world, ask, run, asked, batches } = askedWorld();
    await executeToEnd(world, schedule());
    const live = batches();
    asked.length = 0;
    const { outcome, backfill } = await ask();
    expect(outcome).toBe('asked');
    expect(await run()).toEqual(['Done']);
    expect(asked).toEqual(['2026-11-02T00:00:00Z 2026-11-05T00:00:00Z']);
    const own = `b-${backfill.request}-20261102T000000000Z-20261105T000000000Z.json`;
    expect(batches().filter((batch) => !live.includes(batch))).toEqual([own]);
    expect(keysUnder(world, 'backfills/')).toEqual([]);
    expect((await executeToEnd(world, schedule())).map((result) => result.outcome)).toEqual([
      'Idle: caught up with 2026-11-23T12:00:00.000Z',
    ]);
  });

  it('is one request however often it is asked for, and another one when it is asked for again', async () => {
    const { ask, run, asked } = askedWorld();
    await ask();
    expect((await ask()).outcome).toBe('running');
    await run();
    expect(asked).toHaveLength(1);
    expect((await ask()).outcome).toBe('done');
    expect(await run()).toEqual([]);
    await ask({ again: 'x' });
    expect(await run()).toEqual(['Done']);
    expect(asked).toHaveLength(2);
  });

  it('is cut into stretches that tile it, whatever its step, and each slice asks for its own', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('1h', '6h', '7d'),
        fc.integer({ min: 1, max: 6 }),
        async (step, days) => {
          const { ask, run, asked, world } = askedWorld(stepped(step));
          await ask({ toMs: FROM + days * DAY });
          expect((await run()).at(-1)).toBe('Done');
          const ofA = asked
            .filter((range) => range.endsWith('a'))
            .map((range) => range.slice(0, -1).split(' '));
          const sorted = ofA.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
          expect(sorted[0]?.[0]).toBe('2026-11-02T00:00:00Z');
          for (const [n, [from]] of sorted.entries()) if (n > 0) expect(from).toBe(sorted[n - 1]?.[1]);
          expect(Date.parse(sorted.at(-1)?.[1] ?? '')).toBe(FROM + days * DAY);
          expect(asked).toHaveLength(2 * ofA.length);
          expect(keysUnder(world, 'backfills/')).toEqual([]);
        },
      ),
      { numRuns: 6 },
    );
  });

  it('reads one partition where only that is asked for', async () => {
    const { ask, run, asked } = askedWorld(stepped('7d'));
    await ask({ partition: 'b' });
    expect(await run()).toEqual(['Done']);
    expect(asked).toEqual(['2026-11-02T00:00:00Z 2026-11-05T00:00:00Zb']);
  });

  it('ends where it is cancelled, whoever goes on with it, and goes on there where it is asked for again', async () => {
    const { world, ask, run, asked, events, deps, clock, batches } = askedWorld(stepped('30m'));
    const range = { toMs: FROM + 4 * DAY };
    const { backfill } = await ask(range);
    const [first] = events.taken.splice(0);
    const trigger = { source: 'millrace', 'detail-type': first?.type, detail: first?.detail };
    const last = (await executeToEnd(world, trigger as ExtractTrigger, 1)).at(-1);
    const sealed = batches();
    const cancelled = await cancelBackfill('items', backfill.request, deps());
    expect(cancelled).toMatchObject({ asking: { from: backfill.from, to: backfill.to, isAgain: false } });
    expect(Date.parse(cancelled?.sealedTo ?? '')).toBeGreaterThan(FROM);
    // The chain that was under way, an event that comes late, and the sweep.
    const late = last?.next ?? expect.unreachable('the chain was over');
    for (const one of [late, trigger as ExtractTrigger])
      expect((await executeToEnd(world, one)).map(({ outcome }) => outcome)).toEqual([
        expect.stringMatching(/^Idle: backfill [0-9a-f]{12} is cancelled since /),
      ]);
    clock.advance(20 * 60_000);
    expect(await continueBackfills(world.feed, { ...toSwept(world, 0).deps, events })).toBe(0);
    expect([batches(), keysUnder(world, 'backfills/')]).toEqual([sealed, []]);
    expect((await ask(range)).backfill).toEqual(backfill);
    expect((await run()).at(-1)).toBe('Done');
    expect(new Set(asked).size).toBe(asked.length);
    expect((await ask(range)).outcome).toBe('done');
  });

  it('that is cancelled leaves no parked stretch to a person but a sealed one', async () => {
    const { ask, records, deps, clock } = askedWorld();
    const { backfill } = await ask();
    const batch = `b-${backfill.request}-20261102T000000000Z-20261105T000000000Z`;
    const parkedAt = new Date(clock.now()).toISOString();
    const record = { feed: 'items', batch, invocation: 'i', state: 'ExtractSlice', error: 'SliceStuck' };
    const key = toKey({ kind: 'parked', feed: 'items', batch });
    await records.putIfAbsent(key, toRecordText({ ...record, message: 'm', parkedAt }));
    const other = toKey({ kind: 'parked', feed: 'items', batch: 'w-20261101T000000000Z' });
    await records.putIfAbsent(other, toRecordText({ ...record, message: 'm', parkedAt }));
    expect((await cancelBackfill('items', backfill.request, deps()))?.unparked).toEqual([batch]);
    expect((await records.list('parked/')).keys).toEqual([other]);
  });

  it('goes on by the sweep where an event was lost, and not beside an execution that lives', async () => {
    const { world, ask, run, asked, events, records, clock } = askedWorld(stepped('30m'));
    await ask({ toMs: FROM + 4 * DAY });
    const [first] = events.taken.splice(0);
    const trigger = {
      source: 'millrace',
      'detail-type': first?.type,
      detail: first?.detail,
    } as ExtractTrigger;
    await executeToEnd(world, trigger, 1);
    const before = asked.length;
    const sweep = () => continueBackfills(world.feed, { ...toSwept(world, 0).deps, events });
    expect(await sweep()).toBe(0);
    clock.advance(20 * 60_000);
    const lease = { execution: 'x', until: new Date(clock.now() + 60_000).toISOString() };
    await records.putIfAbsent(toKey({ kind: 'lease', feed: 'items' }), toRecordText(lease));
    expect(await sweep()).toBe(0);
    clock.advance(120_000);
    expect(await sweep()).toBe(1);
    expect((await run()).at(-1)).toBe('Done');
    expect(asked.length).toBeGreaterThan(before);
    expect(new Set(asked).size).toBe(asked.length);
    expect(await sweep()).toBe(0);
  });

  it.each<[string, Feed, Partial<AskedRange>, string]>([
    ['of no length', itemsFeed(), { toMs: FROM }, 'is empty, allowed a from before the to'],
    [
      'of a partition that is not there',
      stepped('1d'),
      { partition: 'c' },
      'has no partition "c", allowed "a" "b"',
    ],
    ['of landed files by partition', dropsFeed(), { partition: 'a' }, 'which have no partitions'],
    [
      'of a feed without a window',
      feedOf(
        'all',
        'source: { http: { url: http://127.0.0.1/a } }\ntables: { t.a: { rows: /r/i, disposition: merge, key: [id], columns: { id: bigint } } }\n',
      ),
      {},
      ': npx millrace trigger all',
    ],
    [
      'of snapshots whose versions are kept',
      feedOf(
        'drops',
        'source: { s3: {} }\ntables: { t.a: { rows: /r/i, disposition: history, key: [id], columns: { id: bigint } } }\n',
      ),
      {},
      'keeps versions of snapshots in the order that they landed',
    ],
    [
      'of files that would bring deleted rows back',
      feedOf(
        'drops',
        'source: { s3: {} }\ntables: { t.a: { rows: /r/i, disposition: merge, key: [id], columns: { id: bigint } } }\ndeletes: { t.a: { rows: /r/d, match: { id: id } } }\n',
      ),
      { fromMs: FROM - 60 * DAY },
      'files that landed before 2026-10-24T12:00:00.000Z would bring rows back',
    ],
    ['that is not over', itemsFeed(), { toMs: Date.parse('2026-11-23T12:00:00.001Z') }, 'allowed up to now'],
  ])('%s is refused', async (_, feed, range, message) => {
    const { ask, events } = askedWorld(feed);
    await expect(ask(range)).rejects.toThrow(message);
    expect(events.taken).toEqual([]);
  });

  it('of rows that are appended without a key is refused, but before the window’s start', async () => {
    const { ask } = askedWorld(
      feedOf(
        'items',
        `source: { http: { url: "http://127.0.0.1:8080/workitem", params: { from: "\${window.from}", to: "\${window.to}" } } }
window: { cursor: modified, start: 2026-11-03T00:00:00Z }
tables: { ewm.items: { rows: /workitem/workItem, disposition: append, columns: { id: bigint, modified: timestamptz } } }
`,
      ),
    );
    await expect(ask()).rejects.toThrow('has no key: what it has of the range would be there twice');
    expect((await ask({ toMs: FROM + DAY })).outcome).toBe('asked');
  });

  it('whose stretch was parked waits for a person, and goes on once it is redriven', async () => {
    const { world, events, records, ask, run, deps, feed, clock } = askedWorld(stepped('7d'));
    const { backfill } = await ask();
    const [first] = events.taken.splice(0);
    const trigger = {
      source: 'millrace',
      'detail-type': first?.type,
      detail: first?.detail,
    } as ExtractTrigger;
    const refusing = {
      ...world,
      source: { ...world.source, open: async () => Promise.reject(new InvalidInput('x')) },
    };
    await executeToEnd(refusing, trigger);
    const batch = `b-${backfill.request}-20261102T000000000Z-20261105T000000000Z`;
    const parked = { feed: 'items', batch, invocation: 'i', state: 'ExtractSlice', error: 'X', message: 'm' };
    const key = toKey({ kind: 'parked', feed: 'items', batch });
    await records.putIfAbsent(key, toRecordText({ ...parked, parkedAt: '2026-11-23T12:00:00.000Z' }));
    clock.advance(DAY);
    expect(await continueBackfills(feed, { ...toSwept(world, 0).deps, events })).toBe(0);
    expect((await executeToEnd(world, trigger)).map(({ outcome }) => outcome)).toEqual(['BatchParked']);
    const [redriven] = await redrive('items', [batch], { ...deps(), feeds: { items: feed } });
    expect(redriven?.outcome).toBe('extract');
    expect(await run()).toEqual(['Done']);
    expect(keysUnder(world, 'backfills/')).toEqual([]);
  });
});

const KEY = 'landing/drops/a.xml';
const LANDED_MS = Date.parse('2026-11-03T00:00:00Z');

/** One landed file, that was read once. */
const landedWorld = async (feed = dropsFeed(), xml = pageXml(1, 2)) => {
  const asked = askedWorld(feed);
  const { world, streams, deps } = asked;
  streams.land({ bucket: 'bucket', key: KEY, versionId: 'v1' }, Buffer.from(xml), LANDED_MS);
  await executeToEnd(world, landed(KEY));
  const inventory = memoryInventory(new Map([[KEY, { lastModifiedMs: LANDED_MS, versionId: 'v1' }]]));
  return { ...asked, deps: () => ({ ...deps(), inventory }) };
};

describe('landed files of a range', () => {
  it('are read again under a name that sorts behind their first', async () => {
    const { world, feed, deps, run, batches } = await landedWorld();
    const range = { fromMs: FROM, toMs: TO };
    const asked = await backfillFeed(feed, range, deps());
    expect(asked).toMatchObject({ outcome: 'asked', objects: 1 });
    expect(await run()).toEqual(['Done']);
    const first = landedBatch(KEY, 'v1');
    const again = `${first}-20261123T120000000Z`;
    expect(batches()).toEqual([`${again}.json`, `${first}.json`]);
    expect([again, first].sort()).toEqual([first, again]);
    expect(keysUnder(world, 'backfills/')).toHaveLength(1);
    world.clock.advance(DAY);
    const swept = { ...toSwept(world, 0).deps, inventory: deps().inventory };
    expect(await continueBackfills(feed, swept)).toBe(0);
    expect(keysUnder(world, 'backfills/')).toEqual([]);
    expect((await backfillFeed(feed, range, deps())).outcome).toBe('done');
  });

  it('are sorted by when they were asked for, whatever was asked', async () => {
    const { world, feed, deps, run, batches } = await landedWorld();
    const asked = [{}, { again: 'x' }, { fromMs: FROM + 1 }, { again: 'y' }, { toMs: TO + 1 }];
    const names: (string | undefined)[] = [];
    for (const range of asked) {
      world.clock.advance(1);
      const before = new Set(batches());
      await backfillFeed(feed, { fromMs: FROM, toMs: TO, ...range }, deps());
      expect(await run()).toEqual(['Done']);
      names.push(...batches().filter((batch) => !before.has(batch)));
    }
    expect(names).toHaveLength(asked.length);
    expect(names.toSorted()).toEqual(names);
  });

  it('that landed before or after it are left', async () => {
    const { feed, deps } = await landedWorld();
    expect(await backfillFeed(feed, { fromMs: LANDED_MS + 1, toMs: TO }, deps())).toMatchObject({
      objects: 0,
    });
    expect(await backfillFeed(feed, { fromMs: FROM, toMs: LANDED_MS }, deps())).toMatchObject({ objects: 0 });
  });

  it('are not removed as loaded while they are read again', async () => {
    const { world, feed, deps } = await landedWorld();
    await backfillFeed(feed, { fromMs: FROM, toMs: TO }, deps());
    const kept = { ...feed, source: { ...feed.source, keepMs: DAY } } as Feed;
    for (const { key } of [...world.records.entries.keys()]
      .filter((one) => one.startsWith('pending/'))
      .map((key) => ({ key })))
      await world.records.remove(key);
    const swept = { ...toSwept(world, 0).deps, inventory: deps().inventory };
    for (let turn = 0; turn < TURNS; turn += 1) expect(await removeLanded(kept, turn, swept)).toBe(0);
  });
});

describe('rejected rows', () => {
  const mapping = (type: string): Feed =>
    feedOf(
      'drops',
      `source: { s3: {} }
rejects: { atMost: [10, 100%] }
tables: { t.items: { rows: /r/i, disposition: merge, key: [id], columns: { id: bigint, n: ${type} } } }
`,
    );
  const XML = '<r><i><id>1</id><n>5</n></i><i><id>2</id><n>x</n></i></r>';

  it('are replayed from their file once the mapping is mended, and not before', async () => {
    const { world, deps, run, batches } = await landedWorld(mapping('bigint'), XML);
    const [batch = ''] = batches();
    const name = batch.replace('.json', '');
    expect(await replayRejects(world.feed, undefined, deps())).toMatchObject([
      { batch: name, rows: 1, outcome: 'left', why: expect.stringContaining('mend the feed and deploy it') },
    ]);
    const mended = mapping('varchar(8)');
    expect(await replayRejects(mended, name, deps())).toMatchObject([{ batch: name, outcome: 'asked' }]);
    expect(await run(mended)).toEqual(['Done']);
    const [first, again] = sealedOf(world);
    expect([first?.rejects.rows, again?.rejects.rows]).toEqual([1, 0]);
    expect([first?.tables['t.items']?.rows, again?.tables['t.items']?.rows]).toEqual([1, 2]);
    expect(await replayRejects(mended, name, deps())).toMatchObject([{ batch: name, outcome: 'done' }]);
  });

  it('are not replayed of a batch that a rebuild by the mended mapping reads, or has read', async () => {
    const { world, deps, batches } = await landedWorld(mapping('bigint'), XML);
    const [batch = ''] = batches();
    const name = batch.replace('.json', '');
    const mended = mapping('varchar(8)');
    const rebuild = {
      ...{ feed: 'drops', table: 't.items', request: '0123456789ab', contract: mended.contract.hash },
      ...{ asked: '2026-12-01T00:00:00.000Z', from: '2026-12-01T00:00:00.000Z', invocation: 'r' },
    };
    const replayed = () => replayRejects(mended, name, deps());
    const why = 'by the rebuild of t.items';
    await world.records.putIfAbsent(toKey({ kind: 'rebuild', feed: 'drops' }), toRecordText(rebuild));
    expect(await replayed()).toMatchObject([{ batch: name, outcome: 'running', why }]);
    await world.records.remove(toKey({ kind: 'rebuild', feed: 'drops' }));
    const over = toKey({ kind: 'rebuilt', feed: 'drops', request: rebuild.request });
    await world.records.putIfAbsent(over, toRecordText({ ...rebuild, contract: 'of another' }));
    expect(await replayed()).toMatchObject([{ outcome: 'asked' }]);
    await world.records.remove(over);
    await world.records.putIfAbsent(over, toRecordText(rebuild));
    expect(await replayed()).toMatchObject([{ batch: name, outcome: 'done', why }]);
  });

  it('of a window are replayed by reading it again, and those of a parked batch are not', async () => {
    const { world, deps, run, asked } = askedWorld(windowed('bigint'), XML);
    await executeToEnd(world, schedule());
    asked.length = 0;
    const mended = windowed('varchar(8)');
    const [replayed] = await replayRejects(mended, undefined, deps());
    expect(replayed).toMatchObject({ rows: 1, outcome: 'asked' });
    expect(await run(mended)).toEqual(['Done']);
    expect(asked).toEqual(['2026-11-01T00:00:00Z 2026-11-23T12:00:00Z']);
    const parked = { feed: 'items', batch: replayed?.batch ?? '', invocation: 'i', state: 'SealBatch' };
    const plain = { ...parked, parkedAt: '2026-11-23T12:00:00.000Z', error: 'X', message: 'm' };
    await world.records.putIfAbsent(toKey({ kind: 'parked', ...parked }), toRecordText(plain));
    expect((await replayRejects(mended, parked.batch, deps()))[0]?.outcome).toBe('done');
  });

  const windowed = (type: string): Feed =>
    feedOf(
      'items',
      `source: { http: { url: "http://127.0.0.1:8080/r", params: { from: "\${window.from}", to: "\${window.to}" } } }
window: { cursor: m, start: 2026-11-01T00:00:00Z }
rejects: { atMost: [10, 100%] }
tables: { t.items: { rows: /r/i, disposition: merge, key: [id], columns: { id: bigint, n: ${type}, m: { type: timestamptz, default: "2026-11-02T00:00:00Z" } } } }
`,
    );
});

/** The seals of all batches, the first one first. */
const sealedOf = ({ records }: ReturnType<typeof askedWorld>['world']): readonly BatchRecord[] =>
  [...records.entries]
    .filter(([key]) => key.startsWith('batches/'))
    .map(([key, text]) => readRecordText(key, text, batchRecord))
    .sort((a, b) => (a.batch < b.batch ? -1 : 1));
