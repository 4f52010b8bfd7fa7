import { DAY_FAULTS, type DayFault } from './faults.ts';
import type { DayFeed } from './feed.ts';
import type { World } from './world.ts';

/** A fault that began. */
export interface Begun {
  readonly feed: DayFeed;
  readonly fault: DayFault;
  /** Hours that a person waits before the cause is mended, once it is told. */
  patience: number;
  isMended: boolean;
}

/** A third of the feeds that are well get a fault each, of a kind that fits; kinds that came least go first. */
export const beginSome = async (world: World, begun: readonly Begun[]): Promise<readonly Begun[]> => {
  const fresh: Begun[] = [];
  const timesOf = (fault: DayFault): number =>
    [...begun, ...fresh].filter((one) => one.fault === fault).length;
  for (const feed of world.feeds) {
    const isWell =
      !world.wrong.has(feed.name) &&
      !begun.some((one) => one.feed === feed && !one.isMended) &&
      feed.truth.needs(world.now()).length === 0;
    if (!isWell || world.random() > 0.4) continue;
    const fitting = DAY_FAULTS.filter((fault) => fault.fits(feed)).toSorted(
      (a, b) => timesOf(a) - timesOf(b) || world.random() - 0.5,
    );
    const [fault] = fitting;
    if (fault === undefined) continue;
    world.tell(`fault: ${feed.name}: ${fault.word}`);
    await fault.begin(feed, world);
    fresh.push({ feed, fault, patience: Math.floor(world.random() * 3), isMended: false });
  }
  return fresh;
};
