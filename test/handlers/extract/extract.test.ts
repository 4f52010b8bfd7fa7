import { describe, expect, it } from 'vitest';
import { pagedSource } from '../../fakes/paged-source.ts';
import {
  execute,
  executeToEnd,
  itemsFeed,
  keysUnder,
  NOW,
  numbers,
  rowsOf,
  schedule,
  sealedBatches,
  sealedIds,
  worldOf,
} from './world.ts';

describe('an extract over http', () => {
  it('reads every page into one part file a table, and seals the batch once', async () => {
    const world = worldOf(itemsFeed(), pagedSource({ pages: 3, rowsPerPage: 2 }));
    expect(await executeToEnd(world, schedule())).toMatchObject([{ outcome: 'Done' }]);

    const [batch, ...others] = sealedBatches(world);
    expect(others).toEqual([]);
    expect(batch).toMatchObject({
      feed: 'items',
      batch: 'w-20261101T000000000Z',
      window: { from: '2026-11-01T00:00:00.000Z', to: NOW },
      observed: NOW,
      records: 6,
      outside: 0,
      rejects: { rows: 0, parts: [] },
      tables: { 'ewm.items': { rows: 6 }, 'ewm.comments': { rows: 6 } },
      largestCursor: '2026-11-02 00:00:06+00',
      correlation: 'items-20261123T120000000Z',
      warnings: [],
    });
    expect(sealedIds(world)).toEqual(numbers(6));
    expect(rowsOf(world, batch?.tables['ewm.comments']?.parts ?? []).at(-1)).toEqual([
      '6',
      '1',
      'c6',
      'w-20261101T000000000Z',
      '6',
      '6',
    ]);
    expect(world.streams.uploading.size).toBe(0);
  });

  it('leaves pending what it sealed, and no lease', async () => {
    const world = worldOf(itemsFeed(), pagedSource({ pages: 1, rowsPerPage: 1 }));
    await execute(world, schedule());
    const [batchKey] = keysUnder(world, 'batches/');
    expect(keysUnder(world, 'pending/')).toEqual(['pending/items/w-20261101T000000000Z']);
    expect(JSON.parse(world.records.entries.get('pending/items/w-20261101T000000000Z') ?? '')).toMatchObject({
      key: batchKey,
    });
    expect(keysUnder(world, 'leases/')).toEqual([]);
  });

  it('goes on where the newest window ended, and is idle when caught up', async () => {
    const world = worldOf(itemsFeed(), pagedSource({ pages: 1, rowsPerPage: 2 }));
    await executeToEnd(world, schedule());
    expect(await execute(world, schedule())).toEqual({ outcome: `Idle: caught up with ${NOW}` });
    await executeToEnd(world, schedule('2026-11-23T12:15:00.000Z'));
    expect(sealedBatches(world).map(({ window }) => window)).toEqual([
      { from: '2026-11-01T00:00:00.000Z', to: NOW },
      { from: NOW, to: '2026-11-23T12:15:00.000Z' },
    ]);
    expect(keysUnder(world, 'leases/')).toEqual([]);
  });

  it("stays behind the source's own clock", async () => {
    const clockMs = Date.parse('2026-11-23T11:00:00Z');
    const world = worldOf(itemsFeed(), pagedSource({ pages: 1, rowsPerPage: 1, clockMs }));
    await execute(world, schedule());
    expect(sealedBatches(world)[0]?.window?.to).toBe('2026-11-23T11:00:00.000Z');
  });

  it('cuts a backlog into slices by step and partition, each with its own bounds', async () => {
    const asked: string[] = [];
    const source = pagedSource({
      pages: 1,
      rowsPerPage: 1,
      onOpen: (_, { url }) => {
        const { searchParams } = new URL(url);
        asked.push(`${searchParams.get('from')} ${searchParams.get('to')}`);
        return undefined;
      },
    });
    const feed = itemsFeed();
    const stepped = {
      ...feed,
      window: { ...(feed.window ?? expect.unreachable()), stepMs: 10 * 86_400_000, lookbackMs: 60_000 },
    };
    const world = worldOf(stepped, source);
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'Done' });
    expect(asked.sort()).toEqual([
      '2026-10-31T23:59:00Z 2026-11-11T00:00:00Z',
      '2026-11-10T23:59:00Z 2026-11-21T00:00:00Z',
      '2026-11-20T23:59:00Z 2026-11-23T12:00:00Z',
    ]);
    expect(sealedBatches(world)[0]).toMatchObject({ records: 3, outside: 2 });
  });

  it('numbers rows apart for each slice and step', async () => {
    const feed = itemsFeed();
    const twice = {
      ...feed,
      partitions: [
        { name: 'a', values: {} },
        { name: 'b', values: {} },
      ],
    };
    const world = worldOf(twice, pagedSource({ pages: 1, rowsPerPage: 2 }));
    await execute(world, schedule());
    const parts = sealedBatches(world)[0]?.tables['ewm.items']?.parts ?? [];
    const base = 4096 * 2 ** 32;
    expect(rowsOf(world, parts).map((row) => Number(row[3]))).toEqual([1, 2, base + 1, base + 2]);
  });

  it('warns of a column whose path matched nothing in the whole batch', async () => {
    const feed = itemsFeed();
    const [items, ...children] = feed.contract.tables;
    if (items === undefined) throw new Error('no table');
    const [id] = items.columns;
    if (id === undefined) throw new Error('no column');
    const extra = {
      ...id,
      name: 'severity',
      source: { kind: 'path', path: 'severity' },
      required: false,
    } as const;
    const tables = [{ ...items, columns: [...items.columns, extra] }, ...children];
    const world = worldOf(
      { ...feed, contract: { ...feed.contract, tables } },
      pagedSource({ pages: 2, rowsPerPage: 1 }),
    );
    await execute(world, schedule());
    expect(sealedBatches(world)[0]?.warnings).toEqual([
      'column ewm.items.severity: path severity matched nothing in the batch',
    ]);
  });
});

describe('rows of a table that matched nothing in the whole batch', () => {
  it('are named, with what stands there instead', async () => {
    const page =
      '<workitem><workItem><id>1</id><modified>2026-11-02T00:00:00Z</modified><coments/></workItem></workitem>';
    const world = worldOf(itemsFeed(), pagedSource({ pages: 1, rowsPerPage: 1, onOpen: () => page }));
    await execute(world, schedule());
    expect(sealedBatches(world)[0]?.warnings).toContain(
      'table ewm.comments: rows /workitem/workItem/comments matched nothing in the batch; the nearest there is /workitem/workItem/coments',
    );
  });

  it('are not named where the batch is empty', async () => {
    const world = worldOf(
      itemsFeed(),
      pagedSource({ pages: 1, rowsPerPage: 1, onOpen: () => '<workitem/>' }),
    );
    await execute(world, schedule());
    expect(sealedBatches(world)[0]?.warnings).toEqual([]);
  });
});

describe('records that no window holds', () => {
  it('are worth a warning where they are all that the source sent', async () => {
    const old =
      '<workitem><workItem><id>1</id><modified>2020-01-01T00:00:00Z</modified></workItem></workitem>';
    const world = worldOf(itemsFeed(), pagedSource({ pages: 1, rowsPerPage: 1, onOpen: () => old }));
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'Done' });
    expect(sealedBatches(world)[0]?.warnings).toEqual([
      'no record lies in the window by its modified: all 1 were dropped',
    ]);
  });
});

describe('rejects', () => {
  const item = (id: string) => `<workItem><id>${id}</id><modified>2026-11-02T00:00:00Z</modified></workItem>`;
  const sending = (...ids: readonly string[]) =>
    pagedSource({
      pages: 1,
      rowsPerPage: 1,
      onOpen: () => `<workitem>${ids.map(item).join('')}</workitem>`,
    });
  const one = () => sending('x', '2');

  it('within the limit are kept beside the rows, with their place', async () => {
    const world = worldOf(itemsFeed(), one());
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'Done' });
    const [{ rejects, warnings } = expect.unreachable()] = sealedBatches(world);
    expect(rejects.rows).toBe(1);
    expect(warnings[0]).toMatch(
      /^1 row was rejected; first: ewm.items at http.* page 1 line 1 .*not an integer/,
    );
    const [header, row] = rowsOf(world, rejects.parts);
    expect(header?.slice(0, 4)).toEqual(['table', 'row', 'place', 'line']);
    expect(row?.slice(0, 4)).toEqual([
      'ewm.items',
      '1',
      expect.stringMatching(/workitem\?from=.* page 1$/),
      '1',
    ]);
  });

  it('over both limits fail the batch, with the first reasons', async () => {
    const feed = { ...itemsFeed(), rejects: { count: 0, percent: 1 } };
    const world = worldOf(feed, one());
    const { outcome, error } = await execute(world, schedule());
    expect(outcome).toBe('TooManyRejects');
    expect(String(error)).toMatch(
      /w-20261101T000000000Z has 1 reject, 50% .* allowed 0 rejects or 1%: it is over both; first: ewm.items at http.* column 20: id <- id: the value is not an integer/,
    );
    expect(sealedBatches(world)).toEqual([]);
    expect(keysUnder(world, 'pending/')).toEqual([]);
  });

  it('fail a batch whose table kept no row, however few they are and whatever the limits', async () => {
    const feed = { ...itemsFeed(), rejects: { count: 1000, percent: 100 } };
    const world = worldOf(feed, sending('x'));
    const { outcome, error } = await execute(world, schedule());
    expect(outcome).toBe('TooManyRejects');
    expect(String(error)).toMatch(
      /has table ewm.items with 1 reject and no row kept, allowed at least one row: mend .*; first: ewm.items at http.*: id <- id: the value is not an integer/,
    );
    expect(sealedBatches(world)).toEqual([]);
  });

  it('say the nearest path where the one of a key was nowhere', async () => {
    const feed = itemsFeed();
    const tables = feed.contract.tables.map((table) => ({
      ...table,
      columns: table.columns.map((one) =>
        one.name === 'id' ? { ...one, source: { kind: 'path' as const, path: 'iD' } } : one,
      ),
    }));
    const world = worldOf({ ...feed, contract: { ...feed.contract, tables } }, sending('x'));
    const { error } = await execute(world, schedule());
    expect(String(error)).toMatch(
      /id <- iD: a value is required; column ewm\.items\.id: path iD matched nothing in the batch; the nearest there is id$/,
    );
  });

  it('over one limit only do not', async () => {
    const world = worldOf({ ...itemsFeed(), rejects: { count: 0, percent: 100 } }, one());
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'Done' });
  });
});

describe('a batch that was refused', () => {
  it.each([
    [
      'for its rejects',
      '',
      '<workitem><workItem><id>x</id><modified>2026-11-02T00:00:00Z</modified></workItem></workitem>',
    ],
    ['for being empty', 'onEmpty: fail\n', '<workitem/>'],
  ])('%s is read again once the source is mended', async (_why, extra, wrong) => {
    let isMended = false;
    const source = pagedSource({ pages: 1, rowsPerPage: 2, onOpen: () => (isMended ? undefined : wrong) });
    const world = worldOf({ ...itemsFeed(extra), rejects: { count: 0, percent: 0 } }, source);
    for (const invocation of ['first', 'second']) {
      const { outcome } = await execute(world, schedule());
      expect(outcome, invocation).toMatch(/TooManyRejects|EmptyBatch/);
    }
    isMended = true;
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'Done' });
    expect(sealedIds(world)).toEqual([1, 2]);
    expect(source.opened).toHaveLength(3);
  });
});

describe('a batch without a record', () => {
  const empty = () => pagedSource({ pages: 1, rowsPerPage: 1, onOpen: () => '<workitem Version="1.0.0"/>' });

  it('is sealed where the feed accepts it', async () => {
    const world = worldOf(itemsFeed('onEmpty: accept\n'), empty());
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'Done' });
    expect(sealedBatches(world)[0]?.tables['ewm.items']).toEqual({ rows: 0, parts: [] });
  });

  it('fails where it must not be empty', async () => {
    const world = worldOf(itemsFeed('onEmpty: fail\n'), empty());
    const { outcome, error } = await execute(world, schedule());
    expect(outcome).toBe('EmptyBatch');
    expect(String(error)).toMatch(
      /read from http:.*workitem from 2026-11-01T.* to 2026-11-23T.*, has no record/,
    );
    expect(sealedBatches(world)).toEqual([]);
  });
});
