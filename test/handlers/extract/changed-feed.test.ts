import { describe, expect, it } from 'vitest';
import { SourceRefused } from '../../../shared/errors.ts';
import type { Feed } from '../../../shared/model/feed.ts';
import { pagedSource } from '../../fakes/paged-source.ts';
import { execute, executeToEnd, itemsFeed, keysUnder, schedule, sealedBatches, worldOf } from './world.ts';

const NEXT_DAY = '2026-11-24T12:00:00.000Z';

describe('a feed that is mended after its window was planned', () => {
  it('is read from its new place', async () => {
    const hosts: string[] = [];
    const source = pagedSource({
      pages: 1,
      rowsPerPage: 2,
      onOpen: (_, { url }) => {
        hosts.push(new URL(url).host);
        if (url.includes(':8081')) throw new SourceRefused('404');
        return undefined;
      },
    });
    const world = worldOf(itemsFeed('', 'http://127.0.0.1:8081'), source);
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'SourceRefused' });
    const mended = { ...world, feed: itemsFeed('', 'http://127.0.0.1:8080') };
    const results = await executeToEnd(mended, schedule(NEXT_DAY));
    expect(results.at(-1)).toMatchObject({ outcome: 'Done' });
    expect(new Set(hosts.slice(1))).toEqual(new Set(['127.0.0.1:8080']));
    expect(sealedBatches(world)[0]?.window?.from).toBe('2026-11-01T00:00:00.000Z');
  });

  it('is judged by its new limits of rejects', async () => {
    const bad = '<workItem><id>x</id><modified>2026-11-02T00:00:00Z</modified></workItem>'.repeat(20);
    const good = '<workItem><id>1</id><modified>2026-11-02T00:00:00Z</modified></workItem>';
    const source = pagedSource({
      pages: 1,
      rowsPerPage: 2,
      onOpen: () => `<workitem>${bad}${good}</workitem>`,
    });
    const world = worldOf(itemsFeed(), source);
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'TooManyRejects' });
    const mended = { ...world, feed: itemsFeed('rejects: { atMost: [1000, 100%] }\n') };
    expect((await executeToEnd(mended, schedule(NEXT_DAY))).at(-1)).toMatchObject({ outcome: 'Done' });
  });

  it('keeps its plan where only its description or its schedule changed', async () => {
    const world = worldOf(itemsFeed(), pagedSource({ pages: 1, rowsPerPage: 2, onOpen: () => '<wor' }));
    await execute(world, schedule());
    const described = {
      ...world,
      feed: { ...world.feed, description: 'Items', schedule: undefined } as Feed,
    };
    await execute(described, schedule());
    expect(keysUnder(world, 'plans/')).toHaveLength(1);
  });
});

describe('a feed that gains a window', () => {
  it('is read from the start of its window, whatever was read without one', async () => {
    const windowed = itemsFeed();
    const { window: _, source, ...rest } = windowed;
    if (source.kind !== 'http') expect.unreachable();
    const whole: Feed = { ...rest, source: { ...source, params: [] } };
    const world = worldOf(whole, pagedSource({ pages: 1, rowsPerPage: 2 }));
    expect(await execute(world, schedule('2026-11-01T00:00:00.000Z'))).toMatchObject({ outcome: 'Done' });
    const results = await executeToEnd({ ...world, feed: windowed }, schedule());
    expect(results.map(({ outcome }) => outcome)).toEqual(['Done']);
    expect(keysUnder(world, 'batches/')).toEqual([
      'batches/items/2026/11/01/s-20261101T000000000Z.json',
      'batches/items/2026/11/01/w-20261101T000000000Z.json',
    ]);
    const later = await executeToEnd({ ...world, feed: windowed }, schedule(NEXT_DAY));
    expect(later.map(({ outcome }) => outcome)).toEqual(['Done']);
    expect(sealedBatches(world).at(-1)?.window?.to).toBe(NEXT_DAY);
  });
});

describe('a source whose clock is behind', () => {
  it('holds the window back, and one schedule asks it once', async () => {
    const world = worldOf(itemsFeed(), pagedSource({ pages: 1, rowsPerPage: 2 }));
    const readClock = async () => world.clock.now() - 300_000;
    const open: typeof world.source.open = (request, limits) => {
      world.clock.advance(2000);
      return world.source.open(request, limits);
    };
    const slow = { ...world, source: { ...world.source, readClock, open } };
    expect((await executeToEnd(slow, schedule())).map(({ outcome }) => outcome)).toEqual(['Done']);
    expect(sealedBatches(world).map(({ window }) => window?.to)).toEqual(['2026-11-23T11:55:00.000Z']);
  });

  it('is waited for no longer than the plan has', async () => {
    const world = worldOf(itemsFeed(), pagedSource({ pages: 1, rowsPerPage: 2 }));
    const patience: number[] = [];
    const readClock: typeof world.source.readClock = async (_, { idleTimeoutMs }) => {
      patience.push(idleTimeoutMs);
      return undefined;
    };
    await execute({ ...world, source: { ...world.source, readClock } }, schedule());
    expect(patience).toEqual([15_000]);
  });
});

describe('an empty window that must not be empty', () => {
  it('fails at each schedule, and each looks as far as its own time', async () => {
    let isEmpty = true;
    const source = pagedSource({
      pages: 1,
      rowsPerPage: 2,
      onOpen: () => (isEmpty ? '<workitem/>' : undefined),
    });
    const world = worldOf(itemsFeed('onEmpty: fail\n'), source);
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'EmptyBatch' });
    isEmpty = false;
    expect(await execute(world, schedule(NEXT_DAY))).toMatchObject({ outcome: 'Done' });
    expect(sealedBatches(world).map(({ window }) => window)).toEqual([
      { from: '2026-11-01T00:00:00.000Z', to: NEXT_DAY },
    ]);
  });
});

describe('a slice that broke off', () => {
  const broken = () => {
    const state = { isBroken: true };
    const source = pagedSource({
      pages: 3,
      rowsPerPage: 2,
      onOpen: (page) => (page === 3 && state.isBroken ? '<workitem>a & b' : undefined),
    });
    return { state, world: worldOf(itemsFeed(), source) };
  };

  it('is read on from its last page within minutes', async () => {
    const { state, world } = broken();
    await execute(world, schedule());
    state.isBroken = false;
    world.clock.advance(60_000);
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'Done' });
    expect(world.source.opened).toEqual([1, 2, 3, 3]);
  });

  it('is read from its first page again later, since the source has moved on', async () => {
    const { state, world } = broken();
    await execute(world, schedule());
    state.isBroken = false;
    world.clock.advance(15 * 60_000);
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'Done' });
    expect(world.source.opened).toEqual([1, 2, 3, 1, 2, 3]);
    expect(sealedBatches(world)[0]?.records).toBe(6);
  });
});
