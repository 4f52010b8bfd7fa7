import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readStatuses } from '../../../handlers/operate/read-status.ts';
import { parseCommandLine } from '../../../infra/cli/arguments.ts';
import { toStatusNext } from '../../../infra/cli/status-next.ts';
import { BACKFILL, toFeeds } from './support/many-feeds.ts';
import { MINUTE } from './support/true-feed.ts';

const NAMES = ['builds', 'defects', 'items', 'tests'];

type Feeds = ReturnType<typeof toFeeds>;
type Happening = keyof Feeds['feeds'][number]['happen'];

/** The message of each feed's states that stands: entered, and not said to be over. */
const standingMessages = ({ events }: Feeds) => {
  const standing = new Map<string, Readonly<Record<string, unknown>>>();
  for (const { type, detail } of events.taken) {
    const id = `${String(detail.feed)} ${String(detail.need)}`;
    if (type === 'FeedNeedsAttention') standing.set(id, detail);
    if (type === 'FeedRecovered') standing.delete(id);
  }
  return standing;
};

const expectCommand = (text: string): void => {
  expect(text).toMatch(/^npx millrace /);
  const words = text.split(' ').slice(2);
  expect([text, parseCommandLine(words).kind]).toEqual([text, 'verb']);
};

const expectAgreement = async (world: Feeds): Promise<void> => {
  const { clock, feeds, deps } = world;
  const known = feeds.map(({ feed }) => ({ name: feed.feed, feed }));
  const statuses = await readStatuses(known, deps());
  const standing = standingMessages(world);
  for (const [n, status] of statuses.entries()) {
    const truth = feeds[n]?.truth;
    if (truth === undefined) throw new Error('a status of no feed');
    const words = truth.needs(clock.now());
    const { backfill } = truth;
    const isOpen = backfill !== undefined && backfill.nextMs < backfill.toMs;
    const stretch = [...truth.parked.keys()].find((batch) => batch.startsWith('b-'));
    expect({
      state: status.state,
      needs: status.needs.map(({ need }) => need),
      parked: [...status.parked.batches].sort(),
      pending: status.pending,
      failures: status.failing?.times ?? 0,
      backfills: status.backfills.map(({ sealedTo, parked }) => ({ sealedTo, parked })),
    }).toEqual({
      state: truth.state(clock.now()),
      needs: words,
      parked: truth.openParked(),
      pending: truth.pending.size,
      failures: truth.openFailures().length,
      backfills: isOpen ? [{ sealedTo: new Date(backfill.nextMs).toISOString(), parked: stretch }] : [],
    });
    // What is true and needs a person was told within this sweep, by feed; what was told and is over is told no more.
    const told = [...standing.keys()].filter((id) => id.startsWith(`${status.feed} `));
    expect(told.map((id) => id.split(' ')[1]).sort()).toEqual([...truth.told].sort());
    const untold = words.filter((word) => !truth.told.has(word));
    // What a cause hid that is over since this sweep is told by the next one.
    const isHidden = (word: string): boolean => truth.over.length > 0 && ['overdue', 'stale'].includes(word);
    if (!truth.isPaused) expect(untold.filter((word) => !isHidden(word))).toEqual([]);
    for (const { need, command, batch } of status.needs) {
      expectCommand(command);
      const message = standing.get(`${status.feed} ${need}`);
      if (message === undefined) continue;
      expectCommand(String(message.command));
      expect(JSON.stringify(message.lines)).toContain(`feed ${status.feed} `);
      // More may be parked since it was told: of several one command takes up all.
      const ofFeed = (text: string): string => (need === 'parked' ? text.replace(` ${batch}`, '') : text);
      if (message.batch === batch) expect(ofFeed(String(message.command))).toBe(ofFeed(command));
    }
    for (const part of toStatusNext(status, { options: ' --env test' })?.split('; ') ?? []) {
      const command = /npx millrace .*$/.exec(part)?.[0];
      if (command !== undefined) expectCommand(command);
    }
  }
};

it('status agrees with the truth at each hour of any history of many feeds, and with the messages that were sent', async () => {
  const words = Object.keys(toFeeds(['one']).feeds[0]?.happen ?? {}) as Happening[];
  const things = fc.record({ feed: fc.nat(NAMES.length - 1), thing: fc.constantFrom(...words) });
  const hours = fc.array(fc.array(things, { maxLength: 12 }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(hours, async (history) => {
      const world = toFeeds(NAMES);
      await world.judge();
      for (const hour of history) {
        for (let quarter = 0; quarter < 4; quarter += 1) {
          for (const { feed, thing } of hour.slice(quarter * 3, quarter * 3 + 3)) {
            world.clock.advance(2 * MINUTE);
            await world.feeds[feed]?.happen[thing]();
          }
          const left = 15 - 2 * hour.slice(quarter * 3, quarter * 3 + 3).length;
          world.clock.advance(left * MINUTE);
          await world.judge();
        }
        await expectAgreement(world);
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);

it('shows how far a range is that was asked for again, and the stretch that it waits for', async () => {
  const world = toFeeds(['items']);
  const [items] = world.feeds;
  for (const thing of ['isBackfilled', 'sealsAStretch', 'parksAStretch'] as const)
    await items?.happen[thing]();
  const [status] = await readStatuses([{ name: 'items', feed: items?.feed }], world.deps());
  expect(status?.backfills).toMatchObject([
    {
      ...{ from: new Date(BACKFILL.fromMs).toISOString(), to: new Date(BACKFILL.toMs).toISOString() },
      ...{ asked: '2026-11-23T20:00:00.000Z', sealedTo: '2026-10-03T00:00:00.000Z' },
      parked: expect.stringMatching(/^b-[0-9a-f]{12}-20261003T/),
    },
  ]);
});
