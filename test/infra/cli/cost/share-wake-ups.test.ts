import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareWithHourly, shareWakeUps } from '../../../../infra/cli/cost/share-wake-ups.ts';

const at = (feed: string, fromSeconds: number, toSeconds: number) => ({
  feed,
  createdMs: fromSeconds * 1000,
  updatedMs: toSeconds * 1000,
});

const shared = (...statements: ReturnType<typeof at>[]) => Object.fromEntries(shareWakeUps(statements));

describe('shareWakeUps', () => {
  it('bills a minute at least, and what is longer by the second', () => {
    expect(shared(at('a', 0, 5))).toEqual({ a: { wakeUps: 1, billedSeconds: 60 } });
    expect(shared(at('a', 0, 95))).toEqual({ a: { wakeUps: 1, billedSeconds: 95 } });
  });

  it('divides a wake-up by the time that the statements of each feed took', () => {
    expect(shared(at('a', 0, 30), at('b', 10, 20))).toEqual({
      a: { wakeUps: 1, billedSeconds: 45 },
      b: { wakeUps: 1, billedSeconds: 15 },
    });
  });

  it('wakes the warehouse again a minute after all before has ended', () => {
    expect(shared(at('a', 0, 5), at('a', 65, 70)).a).toEqual({ wakeUps: 1, billedSeconds: 70 });
    expect(shared(at('a', 0, 5), at('a', 65.001, 70)).a).toEqual({ wakeUps: 2, billedSeconds: 120 });
  });

  it('shares alike where no statement has a length', () => {
    expect(shared(at('a', 0, 0), at('b', 0, 0)).b).toEqual({ wakeUps: 1, billedSeconds: 30 });
  });

  it('adds up to what one feed alone would be billed for', () => {
    const statement = fc
      .record({ feed: fc.constantFrom('a', 'b', 'c'), from: fc.nat(5_000), took: fc.nat(200) })
      .map(({ feed, from, took }) => at(feed, from, from + took));
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 30 }), (statements) => {
        const sum = [...shareWakeUps(statements).values()].reduce(
          (total, one) => total + one.billedSeconds,
          0,
        );
        const alone = shareWakeUps(statements.map((one) => ({ ...one, feed: 'all' }))).get('all');
        expect(sum).toBeCloseTo(alone?.billedSeconds ?? Number.NaN, 6);
      }),
    );
  });
});

describe('compareWithHourly', () => {
  it('joins the statements of an hour: four of 20 seconds are billed 80, and not four minutes', () => {
    const quarters = [0, 900, 1800, 2700].map((from) => at('a', from, from + 20));
    expect(compareWithHourly([...quarters, at('b', 3600, 3610)])).toEqual({
      asIs: { wakeUps: 5, billedSeconds: 300 },
      hourly: { wakeUps: 2, billedSeconds: 140 },
    });
  });

  it('is nothing where nothing was loaded', () => {
    const none = { wakeUps: 0, billedSeconds: 0 };
    expect(compareWithHourly([])).toEqual({ asIs: none, hourly: none });
  });
});
