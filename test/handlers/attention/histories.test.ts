import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOverview } from '../../../handlers/attention/read-overview.ts';
import { HOUR, type Life, MINUTE, toLife } from './support/feed-life.ts';

/** What a quarter of an hour may bring a feed. */
const EVENTS: Readonly<Record<string, (life: Life) => Promise<unknown>>> = {
  runs: async (life) => {
    await life.seal();
    await life.load();
  },
  seals: (life) => life.seal(),
  loads: (life) => life.load(),
  failsByWhatPasses: (life) => life.fail('SourceUnavailable'),
  failsByAPerson: (life) => life.fail('SourceRefused'),
  failsToLoad: async (life) => {
    const [key] = (await life.records.list('pending/items/')).keys;
    if (key !== undefined) await life.fail('WarehouseUnready', 'Load', key.split('/').at(-1));
  },
  isParked: (life) => life.park(),
  isGivenBack: (life) => life.redrive(),
  isPaused: (life) => life.pause(),
  isResumed: (life) => life.resume(),
  restsForHours: async (life) => life.clock.advance(3 * HOUR),
};

const quarters = fc.array(fc.constantFrom(...Object.keys(EVENTS)), { maxLength: 40 });

const toldNow = async (life: Life): Promise<readonly string[]> =>
  (await readOverview(life.records)).told.get('items') ?? [];

/** Entering and leaving take turns, per state, beginning with entering; what is entered last is what is told now. */
const expectInTurns = (messages: readonly string[], now: readonly string[]): void => {
  const words = new Set(messages.map((message) => message.slice(1)));
  for (const word of words) {
    const own = messages.filter((message) => message.slice(1) === word).map(([sign]) => sign);
    expect(own).toEqual(own.map((_, n) => (n % 2 === 0 ? '+' : '-')));
    expect([word, now.includes(word)]).toEqual([word, own.length % 2 === 1]);
  }
};

describe('any history of a feed', () => {
  it('is told by one message on entering a state and one on leaving it', async () => {
    await fc.assert(
      fc.asyncProperty(quarters, fc.boolean(), async (history, isTwice) => {
        const life = toLife();
        for (const name of history) {
          await EVENTS[name]?.(life);
          await (isTwice ? Promise.all([life.judge(), life.judge()]) : life.judge());
          expectInTurns(life.told(), await toldNow(life));
          life.clock.advance(15 * MINUTE);
        }
        // All is mended: nothing is told any more.
        await life.redrive();
        await life.resume();
        await life.load();
        await EVENTS.runs?.(life);
        await life.judge();
        expect(await toldNow(life)).toEqual([]);
        expectInTurns(life.told(), []);
      }),
      { numRuns: 150 },
    );
  });

  it('is told to its end where judgements die anywhere: repeats have the same detail', async () => {
    await fc.assert(
      fc.asyncProperty(
        quarters,
        fc.infiniteStream(fc.integer({ min: 0, max: 40 })),
        async (history, deaths) => {
          const life = toLife();
          for (const name of history) {
            await EVENTS[name]?.(life);
            let left = deaths.next().value ?? 0;
            const mortal =
              <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
              async (...args: A): Promise<R> => {
                left -= 1;
                if (left < 0) throw new Error('died');
                return work(...args);
              };
            const { records, events } = life;
            const dying = {
              records: {
                read: mortal(records.read),
                list: mortal(records.list),
                putIfAbsent: mortal(records.putIfAbsent),
                remove: mortal(records.remove),
              },
              events: { put: mortal(events.put) },
            };
            await life.judge(dying).catch(() => {});
            life.clock.advance(15 * MINUTE);
          }
          for (let n = 0; n < 3; n += 1) {
            await life.judge();
            life.clock.advance(MINUTE * 11);
          }
          const details = life.events.taken.map(({ type, detail }) => JSON.stringify([type, detail]));
          const once = details.filter((detail, n) => details.indexOf(detail) === n);
          const messages = once.map((detail) => {
            const [type, { need }] = JSON.parse(detail);
            return `${type === 'FeedNeedsAttention' ? '+' : '-'}${need}`;
          });
          expectInTurns(messages, await toldNow(life));
        },
      ),
      { numRuns: 150 },
    );
  });
});
