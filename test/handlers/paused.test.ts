import { describe, expect, it } from 'vitest';
import { toKey } from '../../shared/state/keys.ts';
import { toRecordText } from '../../shared/state/record-text.ts';
import { pagedSource } from '../fakes/paged-source.ts';
import { execute, executeToEnd, itemsFeed, schedule, sealedBatches, worldOf } from './extract/world.ts';
import { FEED, sealed, toWorld } from './load/support/world.ts';
import { definition, HOUR, NOTHING, toSweeping } from './sweep/support/sweeping.ts';

const paused = (feed: string) =>
  [
    toKey({ kind: 'paused', feed }),
    toRecordText({ feed, invocation: 'i', pausedAt: '2026-11-23T11:00:00.000Z' }),
  ] as const;

describe('a paused feed', () => {
  it('is not extracted; resumed, its window catches up', async () => {
    const world = worldOf(itemsFeed(), pagedSource({ pages: 2, rowsPerPage: 2 }));
    const [key, text] = paused('items');
    await world.records.putIfAbsent(key, text);
    expect((await execute(world, schedule())).outcome).toBe(
      'Idle: paused since 2026-11-23T11:00:00.000Z, until npx millrace resume items',
    );
    expect([...world.records.entries.keys()]).toEqual([key]);
    await world.records.remove(key);
    await executeToEnd(world, schedule('2026-11-25T12:00:00Z'));
    expect(sealedBatches(world).at(-1)?.window?.to).toBe('2026-11-25T12:00:00.000Z');
  });

  it('is not extracted either where its own file says so, before a person does', async () => {
    const world = worldOf({ ...itemsFeed(), paused: true }, pagedSource({ pages: 2, rowsPerPage: 2 }));
    expect((await execute(world, schedule())).outcome).toMatch(/^Idle: paused by its feed file/);
    expect([...world.records.entries.keys()]).toEqual([]);
  });

  it('is not loaded where its own file says so', async () => {
    const world = toWorld(undefined, undefined, { [FEED]: { ...itemsFeed(), feed: FEED, paused: true } });
    await world.put(sealed(1));
    expect(await world.plan()).toMatchObject({
      outcome: 'idle',
      reason: expect.stringMatching(/^paused by its feed file/),
    });
    expect(await world.pending()).toEqual([sealed(1).batch]);
  });

  it('is not loaded, but what the warehouse has is settled', async () => {
    const world = toWorld();
    await world.put(sealed(1));
    const thread = await world.planned();
    const { statementId } = await world.submit(thread);
    await world.records.putIfAbsent(...paused(FEED));
    await world.put(sealed(2));
    world.warehouse.end(statementId, 'finished');
    expect(await world.describeLast()).toMatchObject({ outcome: 'finished' });
    await world.mark(thread);
    expect(await world.plan()).toMatchObject({
      outcome: 'idle',
      reason: expect.stringMatching(/^paused since/),
    });
    expect(await world.pending()).toEqual([sealed(2).batch]);
    await world.records.remove(paused(FEED)[0]);
    expect(await world.loadOnce()).toEqual([sealed(2).batch]);
  });

  it('is not begun by the sweep where its own file says so', async () => {
    const { world, run, land } = toSweeping({ [FEED]: { ...definition, paused: true } });
    await world.put(sealed(1));
    land(`landing/${FEED}/a.xml`, HOUR);
    expect(await run()).toEqual(NOTHING);
  });

  it('is not begun by the sweep: no landed object, no pending batch, no load that nobody submitted', async () => {
    const { world, events, run, land } = toSweeping();
    await world.put(sealed(1));
    land(`landing/${FEED}/a.xml`, HOUR);
    await world.planned();
    world.clock.advance(HOUR);
    await world.records.putIfAbsent(...paused(FEED));
    expect(await run()).toEqual(NOTHING);
    expect(await world.plan()).toMatchObject({
      outcome: 'idle',
      reason: expect.stringMatching(/^paused since/),
    });
    await world.records.remove(paused(FEED)[0]);
    expect(await run()).toEqual({ ...NOTHING, continued: 1, loadsStarted: 1 });
    expect(events.taken.map(({ type }) => type).sort()).toEqual(['Continue', 'LoadNext']);
  });
});
