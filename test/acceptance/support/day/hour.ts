import * as z from 'zod';
import { type DayFeed, run, tryLoad } from './feed.ts';
import type { World } from './world.ts';

/** The input of a feed's own schedule, and of its loads' schedule. */
const ofFeed = z.object({ feed: z.string() });
const ofLoads = z.object({ detail: ofFeed });

const sweepOf = ({ cloud }: World): string =>
  cloud.schedules().find(({ machine }) => /sweep/i.test(machine))?.name ?? '';

/** A sweep now, to its end. */
export const sweep = async (world: World): Promise<void> => {
  await world.cloud.fireSchedule(sweepOf(world), new Date(world.now()));
  await world.costs.of('sweep', () => world.cloud.idle());
  for (const feed of world.feeds) {
    readHeld(feed, world.now());
    tryLoad(feed, world.now());
    feed.truth.tell(world.now());
  }
};

/** A file whose event was lost is found by the first sweep that is not as young as it. */
const readHeld = (feed: DayFeed, nowMs: number): void => {
  if (!feed.hasUnread || feed.held === 'files') return;
  feed.hasUnread = false;
  run(feed, nowMs, nowMs);
};

/** Fires the schedules whose input is such a one, and goes on until they have ended. */
const fireAll = async (
  { cloud }: World,
  input: z.ZodType,
  atMs: number,
  meanwhile?: () => Promise<void>,
): Promise<void> => {
  for (const { name, input: text } of cloud.schedules())
    if (input.safeParse(JSON.parse(text)).success) await cloud.fireSchedule(name, new Date(atMs));
  await Promise.all([meanwhile?.(), cloud.idle()]);
};

/** What of a feed an hour brings. */
const runOne = (feed: DayFeed, hourMs: number, nowMs: number): void => {
  if (feed.kind.lands === true && feed.held === 'files') feed.hasUnread = true;
  else run(feed, hourMs, nowMs);
};

/**
 * Each feed's schedules of a full hour, the files that land then, to their end; and the sweep. A load's schedule takes what is sealed when
 * it runs: it ends before anything is sealed, so that the truth need not ask which came first. `meanwhile` is done while feeds are read; no
 * file lands in such an hour.
 */
export const runHour = async (
  world: World,
  hourMs: number,
  meanwhile?: () => Promise<void>,
): Promise<void> => {
  const { feeds } = world;
  world.passTo(hourMs);
  await world.costs.of('loads', () => fireAll(world, ofLoads, hourMs));
  const landing = feeds.filter(({ kind }) => kind.lands === true && meanwhile === undefined);
  for (const feed of landing) await world.land(feed, hourMs);
  await world.costs.of('feeds', () => fireAll(world, ofFeed, hourMs, meanwhile));
  for (const feed of feeds)
    if (feed.kind.lands !== true || landing.includes(feed)) runOne(feed, hourMs, world.now());
  await sweep(world);
};

/** Sweeps of the quarters of an hour. */
export const sweepAt = async (world: World, atMs: number): Promise<void> => {
  world.passTo(atMs);
  await sweep(world);
};

const statusDocument = z.object({
  ok: z.boolean(),
  feeds: z.array(
    z.looseObject({
      feed: z.string(),
      state: z.string(),
      needs: z.array(
        z.looseObject({
          need: z.string(),
          batch: z.string().optional(),
          error: z.string().optional(),
          cause: z.string(),
          command: z.string(),
        }),
      ),
      parked: z.looseObject({ count: z.number() }),
      pending: z.number(),
      loading: z.looseObject({ batches: z.number() }).optional(),
      failing: z.looseObject({ error: z.string(), message: z.string() }).optional(),
      next: z.string().optional(),
    }),
  ),
});
export type StatusOfFeed = z.infer<typeof statusDocument>['feeds'][number];

/** Of all feeds, or of one. */
export const readStatus = async (world: World, feed?: string): Promise<ReadonlyMap<string, StatusOfFeed>> => {
  const { out } = await world.type(`npx millrace status ${feed === undefined ? '' : `${feed} `}--json`);
  return new Map(statusDocument.parse(JSON.parse(out)).feeds.map((one) => [one.feed, one]));
};
