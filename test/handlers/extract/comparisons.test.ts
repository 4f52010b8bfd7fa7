import { describe, expect, it } from 'vitest';
import type { Source, SourceClock } from '../../../handlers/ports/source.ts';
import { DocumentMismatch, EmptyBatch, InvalidInput, TooManyRejects } from '../../../shared/errors.ts';
import type { Feed } from '../../../shared/model/feed.ts';
import type { ExtractTrigger } from '../../../shared/state/messages.ts';
import {
  execute,
  executeToEnd,
  feedOf,
  keysUnder,
  NOW,
  rowsOf,
  schedule,
  sealedBatches,
  worldOf,
} from './world.ts';

/** Comparisons of keys, from the feed file to sealed part files. */

const KEYS = 'ewm.items$keys';

const feedWith = ({ http = '', more = '', values = '' } = {}): Feed =>
  feedOf(
    'items',
    `source: { http: { url: http://127.0.0.1:8080/r, params: { from: "\${window.from}", size: 2 }, next: { url: /r/@next }${http} } }
schedule: rate(15 minutes)
window: { cursor: modified, start: 2026-11-01T00:00:00Z }
${more}
tables:
  ewm.items:
    rows: /r/item
    disposition: merge
    key: [id]
    columns: { id: bigint, modified: timestamptz }
  ewm.lines: { parent: { item: id }, rows: line, columns: { n: { ordinal: true }, text: varchar(9) } }
deletes:
  ewm.items: { compareKeys: { schedule: rate(7 days), params: { from: null, only: id${values} } } }
`,
  );

const comparison = (scheduledTime = NOW): ExtractTrigger => ({
  feed: 'items',
  compares: true,
  scheduledTime,
});
const item = (id: number | string): string => `<item><id>${id}</id></item>`;
const stored = (id: number): string =>
  `<item><id>${id}</id><modified>2026-11-10T00:00:00Z</modified><line>x</line></item>`;

interface Asked {
  readonly url: URL;
}

/** Pages of these elements; `meanwhile` is done as each is opened. */
const pagesOf = (pages: readonly string[], attributes = '', meanwhile = (_: number): void => {}) => {
  const asked: Asked[] = [];
  const source: Source & SourceClock = {
    open: async ({ url: text }) => {
      const url = new URL(text);
      asked.push({ url });
      const page = Number(url.searchParams.get('page') ?? '1');
      meanwhile(page);
      const next = page < pages.length ? ` next="?page=${page + 1}"` : '';
      return {
        url: text,
        header: () => undefined,
        charset: undefined,
        body: (async function* () {
          yield Buffer.from(`<r${next}${attributes}>${pages[page - 1] ?? ''}</r>`);
        })(),
      };
    },
    readClock: async () => undefined,
  };
  return { ...source, asked };
};

const compare = async (feed: Feed, pages: readonly string[], attributes = '') => {
  const world = worldOf(feed, pagesOf(pages, attributes));
  const { outcome, error } = (await executeToEnd(world, comparison())).at(-1) ?? expect.unreachable();
  return { world, outcome, error, batch: sealedBatches(world)[0] };
};

describe('a comparison', () => {
  it('lists all keys by requests of its own, and is sealed as a batch with its own contract', async () => {
    const { world, outcome, batch } = await compare(feedWith(), [item(1) + item(2), item(3) + item(2)]);
    expect(outcome).toBe('Done');
    expect(world.source.asked[0]?.url.search).toBe('?size=2&only=id');
    expect(batch).toMatchObject({
      batch: 'k-20261123T120000000Z',
      observed: NOW,
      records: 4,
      outside: 0,
      warnings: [],
      correlation: 'items-k-20261123T120000000Z',
      tables: { [KEYS]: { rows: 4 } },
      contract: { compares: { mode: 'delete', atMost: { count: 10, percent: 1 } } },
    });
    expect(batch?.window).toBeUndefined();
    expect(rowsOf(world, batch?.tables[KEYS]?.parts ?? []).map((row) => row.slice(0, 2))).toEqual(
      ['1', '2', '3', '2'].map((id) => [id, 'k-20261123T120000000Z']),
    );
    expect(batch?.contract.compares?.tables.map(({ table }) => table)).toEqual(['ewm.items', 'ewm.lines']);
    expect(batch?.tables[KEYS]?.parts.map(({ key }) => key)).toEqual([
      expect.stringMatching(/^staged\/items\/k-[^/]+\/[^/]+\/ewm\.items-keys\/00000-\d{5}\.csv\.zst$/),
    ]);
    expect(keysUnder(world, 'targets/')).toEqual(['targets/ewm.items.json', 'targets/ewm.lines.json']);
    expect(keysUnder(world, 'pending/')).toEqual(['pending/items/k-20261123T120000000Z']);
    const versionsOf = (prefix: string): unknown[] =>
      keysUnder(world, prefix).map((key) => JSON.parse(world.records.entries.get(key) ?? '').v);
    // A plan and a batch are of no use to a release that knows of no comparisons.
    expect(['plans/', 'batches/', 'slices/', 'pending/'].map(versionsOf)).toEqual([[3], [3], [1], [1]]);
  });

  it('is one batch a time of its schedule, whatever is fired twice', async () => {
    const { world } = await compare(feedWith(), [item(1)]);
    expect((await execute(world, comparison())).outcome).toBe(
      'Idle: k-20261123T120000000Z is sealed already',
    );
    expect((await execute(world, comparison('2026-11-30T12:00:00Z'))).outcome).toBe('Done');
    expect(sealedBatches(world).map(({ batch }) => batch)).toEqual([
      'k-20261123T120000000Z',
      'k-20261130T120000000Z',
    ]);
  });

  it('stands beside the windows of its feed, and moves none of them', async () => {
    const world = worldOf(feedWith(), pagesOf([stored(1)]));
    await executeToEnd(world, schedule('2026-11-23T10:00:00Z'));
    await executeToEnd(world, comparison());
    await executeToEnd(world, schedule());
    expect(sealedBatches(world).map(({ batch, window }) => [batch, window?.to])).toEqual([
      ['w-20261101T000000000Z', '2026-11-23T10:00:00.000Z'],
      ['k-20261123T120000000Z', undefined],
      ['w-20261123T100000000Z', NOW],
    ]);
    expect(sealedBatches(world)[0]?.tables).toMatchObject({
      'ewm.items': { rows: 1 },
      'ewm.lines': { rows: 1 },
    });
  });

  it('goes on in further executions, and is observed before its first request', async () => {
    const world = worldOf(
      feedWith(),
      pagesOf([item(1), item(2), item(3)], '', () => world.clock.advance(200_000)),
    );
    const results = await executeToEnd(world, comparison());
    expect(results.map(({ outcome }) => outcome)).toEqual(['Continue', 'Continue', 'Done']);
    expect(results[0]?.next).toMatchObject({ detail: { feed: 'items', compares: true, scheduledTime: NOW } });
    const [batch] = sealedBatches(world);
    expect(batch).toMatchObject({ observed: NOW, tables: { [KEYS]: { rows: 3 } } });
  });

  it('asks each partition where its requests name it', async () => {
    const more = 'partitions: [{ name: a, area: north }, { name: b, area: south }]';
    const feed = feedWith({ more, values: ', area: "${partition.area}"' });
    const { world, batch } = await compare(feed, [item(1)]);
    const areas = world.source.asked.map(({ url }) => url.searchParams.get('area'));
    expect(areas.sort()).toEqual(['north', 'south']);
    expect(batch?.tables[KEYS]?.rows).toBe(2);
  });

  it('is refused of a feed that has none any more', async () => {
    const { comparison: _, ...feed } = feedWith();
    const world = worldOf(feed, pagesOf([item(1)]));
    expect((await execute(world, comparison())).error).toBeInstanceOf(InvalidInput);
  });
});

describe('a listing that may lack a key is not sealed', () => {
  it('when it is empty, whatever the feed accepts', async () => {
    const { error, batch } = await compare(feedWith({ more: 'onEmpty: accept' }), ['']);
    expect(error).toBeInstanceOf(EmptyBatch);
    expect(String(error)).toContain('has no record, allowed at least one (or every row would be gone)');
    expect(batch).toBeUndefined();
  });

  it('when one key could not be read, whatever the feed allows', async () => {
    const feed = feedWith({ more: 'rejects: { atMost: [1000, 90%] }' });
    const { error, batch } = await compare(feed, [item(1) + item('x') + item(3)]);
    expect(error).toBeInstanceOf(TooManyRejects);
    expect(String(error)).toContain('1 reject, 33.33% of its rows, allowed 0 rejects or 0%');
    expect(batch).toBeUndefined();
  });

  it('when the source says that there are more', async () => {
    const feed = feedWith({ http: ', total: { path: /r/@count, of: all }' });
    const { error, batch } = await compare(feed, [item(1), item(2)], ' count="3"');
    expect(error).toBeInstanceOf(DocumentMismatch);
    expect(batch).toBeUndefined();
  });

  it('when its document ends early, and is sealed once it does not', async () => {
    const source = pagesOf([item(1)]);
    let isCut = true;
    const world = worldOf(feedWith(), {
      ...source,
      open: async (...asked: Parameters<Source['open']>) => ({
        ...(await source.open(...asked)),
        body: (async function* () {
          yield Buffer.from(isCut ? `<r>${item(1)}` : `<r>${item(1)}${item(2)}</r>`);
        })(),
      }),
    });
    expect((await execute(world, comparison())).error).toMatchObject({ name: 'SourceTruncated' });
    expect(sealedBatches(world)).toEqual([]);
    isCut = false;
    expect((await execute(world, comparison())).outcome).toBe('Done');
    expect(sealedBatches(world)[0]?.tables[KEYS]?.rows).toBe(2);
  });
});
