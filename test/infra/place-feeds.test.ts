import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_SCHEDULES, placeFeeds } from '../../infra/place-feeds.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { itemsFeed } from '../handlers/extract/world.ts';

const like = itemsFeed();
const named = (feed: string): Feed => ({ ...like, feed });
const loadingToo = (feed: string): Feed => ({ ...named(feed), load: { everyMs: 900_000 } });
const many = (count: number, make: (feed: string) => Feed): readonly Feed[] =>
  Array.from({ length: count }, (_, n) => make(`feed_${n}`));
const places = (feeds: readonly Feed[]): ReadonlyMap<string, number> =>
  new Map(placeFeeds(feeds).flatMap((place, index) => place.map(({ feed }) => [feed, index] as const)));

describe('the places of feeds', () => {
  it('are one where there is room for all', () => {
    const feeds = many(MOST_SCHEDULES, named);
    expect(placeFeeds(feeds)).toEqual([feeds]);
    expect(placeFeeds([])).toEqual([[]]);
  });

  it('hold every feed once, and no more schedules than a stack has room for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 1500 }), fc.boolean(), (count, twice) => {
        const feeds = many(count, twice ? loadingToo : named);
        const placed = placeFeeds(feeds);
        expect(placed.flat()).toHaveLength(count);
        expect(new Set(placed.flat().map(({ feed }) => feed)).size).toBe(count);
        for (const place of placed)
          expect(place.length * (twice ? 2 : 1)).toBeLessThanOrEqual(MOST_SCHEDULES);
      }),
      { numRuns: 20 },
    );
  });

  it('stay where they are when a feed is added or taken out, while their number is the same', () => {
    const before = places(many(400, named));
    const after = places([...many(399, named), named('another')]);
    for (const [feed, place] of after) expect(before.get(feed) ?? place).toBe(place);
  });

  it('move from their stack to one new one, or not at all, when a deployment outgrows them', () => {
    const [before, after] = [places(many(400, named)), places(many(900, named))];
    const stacks = new Set(before.values()).size;
    expect(new Set(after.values()).size).toBe(2 * stacks);
    for (const [feed, place] of before) expect([place, place + stacks]).toContain(after.get(feed));
  });
});
