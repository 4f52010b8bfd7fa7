import type { World } from './world.ts';

/** What AWS promises to do to everybody now and then. It heals by itself within the hour: nobody is told of anything. */
export interface Weather {
  readonly word: string;
  begin(world: World): void;
  /** Takes back what was not used up. */
  end(world: World): void;
}

/** Faults of the cloud, as long as they are set. */
const ofCloud = (word: string, faults: Parameters<World['cloud']['setFaults']>[0]): Weather => ({
  word,
  begin: ({ cloud }) => cloud.setFaults(faults),
  end: ({ cloud }) => cloud.setFaults({}),
});

/** Some requests to the warehouse go wrong, whosever they are. */
const ofWarehouse = (kind: string, times: number): Weather => ({
  word: `warehouse: ${kind}`,
  begin: ({ cloud }) => cloud.faultService('redshift', { kind, times }),
  end: ({ cloud }) => cloud.faultService('redshift', { kind, times: 0 }),
});

/** Some requests to S3 go wrong, each of other keys. */
const ofS3 = (kind: string, prefix: string, count: number): Weather => ({
  word: `S3: ${kind} of ${prefix}`,
  begin: ({ cloud }) => cloud.faultService('s3', { kind, prefix, count }),
  end: ({ cloud }) => cloud.faultService('s3', { kind, prefix, count: 0 }),
});

const WEATHERS: readonly Weather[] = [
  ofCloud('each event comes twice', { duplicateDeliveries: true }),
  ofCloud('events overtake each other', { reorderWithinMs: 300 }),
  ofCloud('each execution runs twice', { runTwice: true }),
  ofCloud('functions are throttled', { throttleInvokes: 0.1 }),
  ofWarehouse('throttle', 4),
  ofWarehouse('isolation', 3),
  ofS3('slowDown', 'batches/', 3),
  ofS3('slowDown', 'staged/', 3),
  ofS3('slowDown', 'loads/', 3),
  ofS3('conflict', 'loads/', 2),
  ofS3('loseReply', 'batches/', 2),
  ofS3('loseReply', 'plans/', 2),
  ofS3('errorAfterCommit', 'loads/', 2),
  ofS3('truncateGet', 'staged/', 2),
];

/** The weathers of a day, in an order that is drawn; the first hour is fair. */
export const drawWeathers = (random: () => number): ((hour: number) => Weather | undefined) => {
  const drawn = WEATHERS.map((weather) => ({ weather, at: random() })).toSorted((a, b) => a.at - b.at);
  return (hour) => (hour === 0 ? undefined : drawn[(hour - 1) % drawn.length]?.weather);
};

/** Does some work in a weather. */
export const inWeather = async (
  world: World,
  weather: Weather | undefined,
  work: (world: World) => Promise<void>,
): Promise<void> => {
  if (weather !== undefined) world.tell(`weather: ${weather.word}`);
  weather?.begin(world);
  await work(world);
  weather?.end(world);
};
