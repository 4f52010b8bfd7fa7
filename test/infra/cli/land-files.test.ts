import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { landFiles } from '../../../infra/cli/land-files.ts';
import { virtualClock } from '../../../infra/local/clock.ts';

const landing = { bucket: 'of-others', prefix: 'drops/f-' };

const START = Date.parse('2026-01-15T08:00:00.700Z');
const { signal } = new AbortController();

/** Lands so many files in each round, with a pause before it, and answers when each counts as put and how long it all took. */
const land = async (rounds: readonly { readonly pauseMs: number; readonly files: number }[]) => {
  const clock = virtualClock(START);
  const puts: { readonly at: number; readonly now: number }[] = [];
  const shore = {
    newestPut: async () => (puts.length === 0 ? undefined : Math.max(...puts.map(({ at }) => at))),
    upload: async (key: string, path: string, putAt: number, bucket?: string) => {
      expect([key, bucket]).toEqual([`drops/f-${path}`, 'of-others']);
      puts.push({ at: putAt, now: clock.now() });
    },
  };
  for (const { pauseMs, files } of rounds) {
    await clock.sleep(pauseMs);
    const names = Array.from({ length: files }, (_, index) => ({ feed: 'f', path: `${index}.xml`, landing }));
    await landFiles({ shore, clock }, names, signal);
  }
  return { puts, tookMs: clock.now() - START };
};

describe('files that are landed', () => {
  it('are put in seconds of their own without waiting', async () => {
    const { puts, tookMs } = await land([{ pauseMs: 0, files: 2000 }]);
    expect([new Set(puts.map(({ at }) => at)).size, tookMs]).toEqual([2000, 0]);
  });

  it('are each later than all before, in whole seconds, and never in the future', async () => {
    const round = fc.record({ pauseMs: fc.integer({ min: 0, max: 20_000 }), files: fc.nat({ max: 12 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(round, { maxLength: 6 }), async (rounds) => {
        const { puts } = await land(rounds);
        for (const [index, { at, now }] of puts.entries()) {
          expect(at % 1000).toBe(0);
          expect(at).toBeLessThanOrEqual(now);
          expect(at).toBeGreaterThan(puts[index - 1]?.at ?? 0);
        }
      }),
    );
  });
});
