import { runHour } from './hour.ts';
import type { Weather } from './weather.ts';
import { WEATHERS } from './weathers.ts';
import type { World } from './world.ts';

/** An hour of a weather; of several the first begins it, and the last ends it. */
interface WeatherHour {
  readonly weather: Weather;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

const LAST_HOURS = 2;

/** In an order that is drawn; behind them come two that no hour is too late for. */
const draw = (random: () => number): readonly Weather[] => {
  const drawn = WEATHERS.map((weather) => ({ weather, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ weather }) => weather);
  const last = drawn.filter(({ delays }) => delays !== true).slice(-LAST_HOURS);
  return [...drawn.filter((weather) => !last.includes(weather)), ...last];
};

/** The first hour is fair. Each weather comes once before any comes again, as far as there are hours for it. */
const planHours = (random: () => number, hours: number): readonly (WeatherHour | undefined)[] => {
  const order = draw(random);
  const planned: (WeatherHour | undefined)[] = [undefined];
  let left = [...order];
  while (planned.length < hours) {
    const fits = ({ hours: long = 1, delays }: Weather): boolean =>
      delays !== true || planned.length + long <= hours - LAST_HOURS;
    left = left.some(fits) ? left : [...left, ...order];
    const weather = left.find(fits);
    if (weather === undefined) break;
    left.splice(left.indexOf(weather), 1);
    const { hours: long = 1 } = weather;
    for (let n = 0; n < long; n += 1) planned.push({ weather, isFirst: n === 0, isLast: n === long - 1 });
  }
  return planned;
};

/** How often each fault of a weather has struck, whichever deployment it met. */
export interface Strikes {
  add(weather: Weather, countOf: (fault: string) => number): void;
  /** Faults that never struck. */
  unmet(): readonly string[];
}

export const newStrikes = (): Strikes => {
  const strikes = new Map<string, number>();
  return {
    add: ({ word, faults }, countOf) => {
      for (const fault of faults) {
        const name = `${word}: ${fault}`;
        strikes.set(name, (strikes.get(name) ?? 0) + countOf(fault));
      }
    },
    unmet: () => [...strikes].filter(([, times]) => times === 0).map(([name]) => name),
  };
};

/** Whether a day has hours for all weathers. */
export const isWholeDay = (hours: number): boolean =>
  hours > WEATHERS.reduce((sum, { hours: long = 1 }) => sum + long, 0);

/** Runs an hour of a deployment's day in its weather. */
type RunInWeather = (world: World, hour: number, hourMs: number) => Promise<void>;

/** The weathers of a deployment. In a whole day one that never came is unmet, too. */
export const drawWeathers = (random: () => number, hours: number, strikes: Strikes): RunInWeather => {
  const planned = planHours(random, hours);
  if (isWholeDay(hours)) for (const weather of WEATHERS) strikes.add(weather, () => 0);
  return async (world, hour, hourMs) => {
    const found = planned[hour];
    if (found === undefined) return runHour(world, hourMs);
    const { weather, isFirst, isLast } = found;
    const before = new Map(weather.faults.map((fault) => [fault, world.struck(fault)]));
    if (isFirst) weather.begin(world);
    await (weather.runHour ?? runHour)(world, hourMs);
    if (isLast) weather.end(world);
    const countOf = (fault: string): number => world.struck(fault) - (before.get(fault) ?? 0);
    strikes.add(weather, countOf);
    world.tell(`weather: ${weather.word}: struck ${weather.faults.map(countOf).join(', ')} times`);
  };
};
