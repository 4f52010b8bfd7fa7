import { cutHour } from './cut-hour.ts';
import type { DayFeed } from './feed.ts';
import type { Weather } from './weather.ts';
import type { World } from './world.ts';

/** Every weather of a day. */

type Faults = Parameters<World['cloud']['setFaults']>[0];

/** Faults of the cloud, as long as they are set. */
const ofCloud = (word: string, faults: Faults): Weather => ({
  word,
  faults: Object.keys(faults),
  begin: ({ cloud }) => cloud.setFaults(faults),
  end: ({ cloud }) => cloud.setFaults({}),
});

/** So many requests to the warehouse go wrong, whosever they are. */
const ofWarehouse = (kind: string, times: number): Weather => ({
  word: 'the warehouse',
  faults: [kind],
  begin: ({ cloud }) => cloud.faultService('redshift', { kind, times }),
  end: ({ cloud }) => cloud.faultService('redshift', { kind, times: 0 }),
});

/** Some requests to S3 go wrong, so many of each of these keys. */
const ofS3 = (kind: string, prefixes: readonly string[], count: number): Weather => {
  const set = ({ cloud }: World, times: number): void => {
    for (const prefix of prefixes) cloud.faultService('s3', { kind, prefix, count: times });
  };
  return {
    word: 'S3',
    faults: prefixes.map((prefix) => `${kind} ${prefix}`),
    begin: (world) => set(world, count),
    end: (world) => set(world, 0),
  };
};

/** What it does to each feed waits meanwhile, for a sweep behind it. */
const withHeld = (weather: Weather, held: NonNullable<DayFeed['held']>): Weather => {
  const hold = ({ feeds }: World, what: DayFeed['held']): void => {
    for (const feed of feeds) feed.held = what;
  };
  return {
    ...weather,
    delays: true,
    begin: (world) => {
      weather.begin(world);
      hold(world, held);
    },
    end: (world) => {
      weather.end(world);
      hold(world, undefined);
    },
  };
};

export const SAYS_PAUSED = 'the workgroup is paused';

/** Nothing is parked by it; each feed's loads wait, and are told to. */
const away: Weather = {
  word: 'the warehouse is paused',
  faults: ['away'],
  ...{ hours: 3, delays: true },
  begin: ({ cloud, feeds }) => {
    cloud.faultService('redshift', { kind: 'away', says: SAYS_PAUSED, times: 1_000_000 });
    for (const feed of feeds) feed.away = { error: SAYS_PAUSED, passes: true };
  },
  end: ({ cloud, feeds }) => {
    cloud.faultService('redshift', { kind: 'away', times: 0 });
    for (const feed of feeds) feed.away = undefined;
  },
};

/** An execution's functions live on. */
const AT_ONCE_MS = 10;

export const WEATHERS: readonly Weather[] = [
  ofCloud('each event comes twice', { duplicateDeliveries: true }),
  ofCloud('events overtake each other', { reorderWithinMs: 300 }),
  ofCloud('each execution runs twice', { runTwice: true }),
  ofCloud('functions are throttled', { throttleInvokes: 0.1 }),
  ofCloud('executions are throttled', { throttleStarts: 0.3 }),
  // A state tries three times more.
  ofCloud('functions are killed', { killEnvironment: { afterMs: 30, share: 0.3, most: 3 } }),
  withHeld(ofCloud('events of S3 are lost', { loseEventsOf: ['aws.s3'] }), 'files'),
  withHeld(ofCloud('ends of loads are lost', { loseEventsOf: ['aws.redshift-data'] }), 'loads'),
  withHeld(ofCloud('loads time out', { timeOut: { afterMs: AT_ONCE_MS, machine: '-Load' } }), 'loads'),
  withHeld(
    ofCloud('ends of loads time out', { timeOut: { afterMs: AT_ONCE_MS, machine: '-SettleLoad' } }),
    'loads',
  ),
  cutHour,
  away,
  ofWarehouse('throttle', 4),
  ofWarehouse('isolation', 3),
  ofS3('slowDown', ['batches/', 'staged/', 'loads/'], 3),
  ofS3('conflict', ['loads/'], 2),
  ofS3('loseReply', ['batches/', 'plans/'], 2),
  ofS3('errorAfterCommit', ['loads/'], 2),
  ofS3('truncateGet', ['staged/'], 2),
];
