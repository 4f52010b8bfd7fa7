import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Source, SourceClock } from '../../../handlers/ports/source.ts';
import { rounds } from '../../rounds.ts';
import { executeToEnd, itemsFeed, numbers, schedule, sealedBatches, sealedIds, worldOf } from './world.ts';

const NOON = Date.parse('2026-11-23T12:00:00Z');
const MINUTE = 60_000;

interface Item {
  readonly id: number;
  readonly ms: number;
}

/** A source that takes no times: pages of what `items` gives at the moment, in its order. */
const listing = (items: () => readonly Item[], rowsPerPage: number) => {
  const opened: number[] = [];
  const source: Source & SourceClock = {
    open: async ({ url: asked }) => {
      const url = new URL(asked);
      const at = Number(url.searchParams.get('pos') ?? '0');
      opened.push(at / rowsPerPage + 1);
      const all = items();
      url.searchParams.set('pos', String(at + rowsPerPage));
      const link =
        at + rowsPerPage < all.length ? ` rel="next" href="${url.href.replaceAll('&', '&amp;')}"` : '';
      const rows = all
        .slice(at, at + rowsPerPage)
        .map(
          ({ id, ms }) =>
            `<workItem><id>${id}</id><modified>${new Date(ms).toISOString()}</modified><comments><content>c</content></comments></workItem>`,
        );
      return {
        url: asked,
        header: () => undefined,
        charset: undefined,
        body: (async function* () {
          yield Buffer.from(`<workitem${link}>${rows.join('')}</workitem>`);
        })(),
      };
    },
    readClock: async () => undefined,
  };
  return { ...source, opened };
};

const feed = (lookbackMs = 0) => {
  const { window = expect.unreachable(), ...rest } = itemsFeed();
  return { ...rest, window: { ...window, lookbackMs, stopWhenOlder: true as const } };
};

const newestFirst = (items: readonly Item[]): readonly Item[] => items.toSorted((a, b) => b.ms - a.ms);
/** One item a minute, the last at noon less a minute. */
const minutely = (count: number): Item[] =>
  numbers(count).map((id) => ({ id, ms: NOON - (count + 1 - id) * MINUTE }));

const later = (minutes: number) => schedule(new Date(NOON + minutes * MINUTE).toISOString());

describe('a source that gives the newest first', () => {
  it('is read to its end for the first window, and after that up to the first page that is older', async () => {
    const items = minutely(10);
    const world = worldOf(
      feed(),
      listing(() => newestFirst(items), 2),
    );
    await executeToEnd(world, schedule());
    expect(world.source.opened).toEqual([1, 2, 3, 4, 5]);

    items.push(
      { id: 11, ms: NOON + MINUTE },
      { id: 12, ms: NOON + 2 * MINUTE },
      { id: 13, ms: NOON + 3 * MINUTE },
    );
    world.source.opened.length = 0;
    await executeToEnd(world, later(15));
    // 13 12, then 11 with one older, then a page that is older as a whole.
    expect(world.source.opened).toEqual([1, 2, 3]);
    expect(sealedIds(world).sort((a, b) => a - b)).toEqual(numbers(13));
    expect(sealedBatches(world)[1]).toMatchObject({ records: 6, outside: 3, warnings: [] });
  });

  it('warns of nothing where nothing is new', async () => {
    const items = minutely(10);
    const world = worldOf(
      feed(),
      listing(() => newestFirst(items), 2),
    );
    await executeToEnd(world, schedule());
    world.source.opened.length = 0;
    await executeToEnd(world, later(15));
    expect(world.source.opened).toEqual([1]);
    expect(sealedBatches(world)[1]).toMatchObject({ records: 2, outside: 2, warnings: [] });
  });

  it('is read back over the lookback', async () => {
    const world = worldOf(
      feed(3 * MINUTE),
      listing(() => newestFirst(minutely(10)), 2),
    );
    await executeToEnd(world, schedule());
    world.source.opened.length = 0;
    await executeToEnd(world, later(15));
    expect(world.source.opened).toEqual([1, 2, 3]);
  });

  it.each([
    ['the oldest first', (items: readonly Item[]) => items.toSorted((a, b) => a.ms - b.ms)],
    [
      'pages in order whose next begins later',
      (items: readonly Item[]) => [...items.slice(0, 2), ...newestFirst(items.slice(2))],
    ],
  ])('that gives %s instead is an error, not an end', async (_, order) => {
    const world = worldOf(
      feed(),
      listing(() => order(minutely(10).map((item) => ({ ...item, ms: item.ms - 60 * MINUTE }))), 2),
    );
    const [result] = await executeToEnd(world, schedule());
    expect(result?.outcome).toBe('DocumentMismatch');
    expect(String(result?.error)).toMatch(
      /page 1 has modified 2026-11-23 10:51:00\+00 after 2026-11-23 10:50:00\+00, allowed the newest first \(window.stopWhenOlder\)/,
    );
  });

  it('is not believed to be at its end by pages that show no order', async () => {
    const items = minutely(6);
    const world = worldOf(
      feed(),
      listing(() => newestFirst(items), 1),
    );
    await executeToEnd(world, schedule());
    world.source.opened.length = 0;
    await executeToEnd(world, later(15));
    expect(world.source.opened).toEqual([1, 2]);
  });

  it('gives every record once, whatever comes between windows and however it is paged', async () => {
    const batches = fc.array(fc.array(fc.integer({ min: 0, max: 15 * MINUTE - 1 }), { maxLength: 7 }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(batches, fc.integer({ min: 1, max: 4 }), async (spans, rowsPerPage) => {
        const items: Item[] = [];
        const world = worldOf(
          feed(),
          listing(() => newestFirst(items), rowsPerPage),
        );
        for (const [i, offsets] of spans.entries()) {
          for (const offset of offsets)
            items.push({ id: items.length + 1, ms: NOON + i * 15 * MINUTE + offset });
          const results = await executeToEnd(world, later((i + 1) * 15));
          expect(results.at(-1)?.outcome).toBe('Done');
        }
        expect(sealedIds(world).sort((a, b) => a - b)).toEqual(numbers(items.length));
      }),
      { numRuns: rounds(60) },
    );
  });
});

describe('a source that includes the end', () => {
  const SECOND = 1000;
  const parse = (text: string | null) => Date.parse(text ?? '');
  /** What sources mean by `modified <= to`, which has no more than the format's unit: that instant, or all of that second. */
  const meanings = {
    'up to the instant': (ms: number, toMs: number) => ms <= toMs,
    'up to the end of the unit': (ms: number, toMs: number) => ms < toMs + SECOND,
    'not at all, in truth': (ms: number, toMs: number) => ms < toMs,
  };

  it.each(Object.entries(meanings))('gives every record once: %s', async (_, isUpTo) => {
    const moments = fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(moments, moments, async (early, late) => {
        const ends = [NOON, NOON + 15 * MINUTE];
        const items = [early, late]
          .flatMap((halves, i) => halves.map((half) => (ends[i] ?? 0) + half * (SECOND / 2)))
          .map((ms, i) => ({ id: i + 1, ms }));
        const source = listing(() => items, 100);
        const { window = expect.unreachable(), ...rest } = itemsFeed();
        const world = worldOf(
          { ...rest, window: { ...window, until: 'inclusive' as const } },
          {
            ...source,
            open: async (request: Parameters<Source['open']>[0], limits: Parameters<Source['open']>[1]) => {
              const { searchParams } = new URL(request.url);
              const [fromMs, toMs] = [parse(searchParams.get('from')), parse(searchParams.get('to'))];
              const given = items.filter(({ ms }) => ms >= fromMs && isUpTo(ms, toMs));
              return listing(() => given, 100).open(request, limits);
            },
          },
        );
        for (const minutes of [0, 15, 30]) await executeToEnd(world, later(minutes));
        expect(sealedIds(world).sort((a, b) => a - b)).toEqual(numbers(items.length));
        for (const batch of sealedBatches(world)) expect(batch.warnings).toEqual([]);
      }),
      { numRuns: rounds(60) },
    );
  });
});
