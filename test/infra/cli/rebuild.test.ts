import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../infra/cli/arguments.ts';
import type { Changeable } from '../../../infra/cli/deployment/open-to-change.ts';
import { cancelRebuild, rebuildTable } from '../../../infra/cli/rebuild.ts';
import { showStatus } from '../../../infra/cli/show-status.ts';
import { toKey } from '../../../shared/state/keys.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { memoryEvents } from '../../fakes/memory-events.ts';
import { timedRecords } from '../../fakes/timed-records.ts';
import { itemsFeed } from '../../handlers/extract/world.ts';
import { sealed } from '../../handlers/load/support/world.ts';
import { fakeIo } from './fake-io.ts';

/** What `rebuild` says, asks and puts; a deployment in memory that somebody else runs. */

const NOW = Date.parse('2026-11-24T08:00:00Z');
const WINDOW = { from: '2026-11-01T00:00:00.000Z', to: '2026-11-05T00:00:00.000Z' };
const TABLES = ['items', 'comments'];

const worldOf = async () => {
  const clock = { now: () => NOW, sleep: async () => undefined };
  const { records, inventory } = timedRecords(clock);
  const events = memoryEvents();
  let feed = itemsFeed();
  const execute = async (sql: string): Promise<(string | number | null)[][]> => {
    if (sql.includes('svv_columns'))
      return TABLES.flatMap((table) =>
        ['id', '_batch'].map((name) => ['ewm', table, name, 'bigint', null, 64, 0, 'dev', null, 'YES']),
      ).concat([['millrace', 'targets', 'target', 'character varying', 256, null, null, 'dev', null, 'YES']]);
    if (sql.includes('"targets"')) return TABLES.map((table) => [`ewm.${table}`, 'merge; key other']);
    return [[sql.includes('IS NULL') ? 0 : 7]];
  };
  const deployment: Changeable = {
    ...{ records, inventory, options: ' --data d', events, clock, warehouse: { execute } },
    buckets: { read: async () => ({ hasVersions: true, tellsEventBridge: true }) },
    open: async () => undefined,
    query: async () => ({ columns: [], rows: [] }),
    readBucket: async () => 'bucket',
    readFeeds: async () => ({ items: feed }),
    untilDone: async () => false,
    close: async () => undefined,
  };
  const put = (key: Parameters<typeof toKey>[0], record: object) =>
    records.putIfAbsent(toKey(key), toRecordText(record));
  const batch = 'w-20261101T000000000Z';
  await put(
    { kind: 'batch', feed: 'items', date: '2026/11/01', batch },
    { ...sealed(1), feed: 'items', batch, window: WINDOW, observed: '2026-11-24T07:59:00.000Z' },
  );
  const type = async (...words: readonly [string, ...string[]]) => {
    const io = fakeIo();
    const line = parseCommandLine(words);
    if (line.kind !== 'verb') throw new Error(line.kind);
    const [verb] = words;
    const run = verb === 'status' ? showStatus : line.flags.has('cancel') ? cancelRebuild : rebuildTable;
    const ended = await run(line, io, async () => deployment).then(
      (status) => ({ status, error: '' }),
      (error: Error) => ({ status: undefined, error: error.message }),
    );
    return { ...ended, out: io.out() };
  };
  const change = (): void => {
    feed = { ...feed, contract: { ...feed.contract, hash: 'another' } };
  };
  return { records, events, put, type, change };
};

const standing = async ({ records }: Awaited<ReturnType<typeof worldOf>>) =>
  JSON.parse((await records.read('rebuilds/items.json')) ?? 'null');

describe('rebuild', () => {
  it('refuses a table that no feed has, with the nearest one', async () => {
    const { type } = await worldOf();
    expect((await type('rebuild', 'ewm.itms')).error).toBe(
      'no deployed feed has a table ewm.itms, did you mean ewm.items?; there are ewm.items, ewm.comments',
    );
  });

  it('says what it would do, and does nothing where nobody says yes', async () => {
    const world = await worldOf();
    const { out, error } = await world.type('rebuild', 'ewm.items');
    expect(out).toContain('rebuilds 2 tables of feed items, which are loaded together:\n');
    expect(out).toContain(
      '  ewm.comments  7 rows today, which stay as ewm.comments$old; columns that the feed does not have stay there alone: id\n',
    );
    expect(out).toContain(
      `  rows come from the source, from ${WINDOW.from} to ${WINDOW.to}, which asks it for 60 seconds by how its newest batches went\n`,
    );
    expect(error).toBe('Rebuild ewm.items? There is no terminal to ask on: add --yes');
    expect(await standing(world)).toBeNull();
    expect(world.events.taken).toEqual([]);
  });

  it('begins it with --yes, and typed again goes on with the same', async () => {
    const world = await worldOf();
    const first = await world.type('rebuild', 'ewm.items', '--yes');
    const { request } = await standing(world);
    expect(first.out).toContain(`begins the rebuild of ewm.items, as request ${request}\n`);
    expect(first.out).toContain('see what comes of it: npx millrace status items --data d\n');
    const again = await world.type('rebuild', 'EWM.comments');
    expect(again.out).toContain(`goes on with the rebuild of ewm.comments, as request ${request}\n`);
    expect([first.status, again.status]).toEqual([0, 0]);
    expect(world.events.taken).toHaveLength(2);
    for (const { type, detail } of world.events.taken)
      expect([type, detail.backfill]).toMatchObject([
        'Continue',
        { request, rebuilds: 'ewm.items', ...WINDOW },
      ]);
  });

  it('is given up with --cancel, which says what to drop', async () => {
    const world = await worldOf();
    await world.type('rebuild', 'ewm.items', '--yes');
    const { request } = await standing(world);
    const { out } = await world.type('rebuild', 'ewm.items', '--cancel');
    const beside = TABLES.map((table) => `"ewm"."${table}$${request.slice(0, 8)}"`).join(', ');
    expect(out).toContain(`DROP TABLE IF EXISTS ${beside}\n`);
    expect(await standing(world)).toBeNull();
    expect((await world.type('rebuild', 'ewm.items', '--cancel')).out).toBe(
      'no rebuild of ewm.items is under way\n',
    );
  });

  it('gives up one that was asked for before the feed was changed once more', async () => {
    const world = await worldOf();
    await world.type('rebuild', 'ewm.items', '--yes');
    const before = await standing(world);
    world.change();
    const { out } = await world.type('rebuild', 'ewm.items', '--yes');
    expect(out).toContain(
      `gives up request ${before.request} of ${before.asked}: the feed was changed since. What was filled for it is nobody's then: DROP TABLE IF EXISTS "ewm"."items$${before.request.slice(0, 8)}"`,
    );
    expect((await standing(world)).request).not.toBe(before.request);
  });
});

describe('the status of a feed that is rebuilt', () => {
  it('says how far it is, and what it waits for', async () => {
    const world = await worldOf();
    await world.type('rebuild', 'ewm.items', '--yes');
    const { request } = await standing(world);
    const line = async () =>
      (await world.type('status', 'items')).out.split('\n').find((of) => /rebuild of/.test(of));
    expect(await line()).toBe(
      `  rebuild of ewm.items, asked 2026-11-24 08:00Z, read from ${WINDOW.from} to ${WINDOW.from} of ${WINDOW.to}`,
    );
    const batch = `b-${request}-20261101T000000000Z-20261103T000000000Z`;
    await world.put({ kind: 'pending', feed: 'items', batch }, { invocation: 'i', key: 'k' });
    await world.put(
      { kind: 'batch', feed: 'items', date: '2026/11/01', batch },
      { ...sealed(1), feed: 'items', batch },
    );
    expect(await line()).toContain(
      ' to 2026-11-03T00:00:00.000Z of 2026-11-05T00:00:00.000Z, 1 batch to load',
    );
    const parkedAt = new Date(NOW).toISOString();
    const parked = {
      feed: 'items',
      batch,
      invocation: 'i',
      state: 'Load',
      error: 'E',
      message: 'm',
      parkedAt,
    };
    await world.put({ kind: 'parked', feed: 'items', batch }, parked);
    expect(await line()).toContain(
      `; ${batch} is parked: npx millrace batch ${batch} --feed items --data d says what to do`,
    );
    world.change();
    expect(await line()).toContain(
      'the feed was changed since, and it stands still: npx millrace rebuild ewm.items --data d begins anew',
    );
  });
});
