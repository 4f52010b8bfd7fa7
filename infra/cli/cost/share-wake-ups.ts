import { AWAKE_MS, groupByWakeUp } from '../wake-ups.ts';

/** A statement of a feed's load; times in epoch milliseconds. */
export interface FeedStatement {
  readonly feed: string;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** What a feed has of the warehouse's time. */
export interface WarehouseShare {
  /** Wake-ups that its loads had a part in; one that feeds share counts for each of them. */
  readonly wakeUps: number;
  readonly billedSeconds: number;
}

/**
 * The seconds that Redshift Serverless bills for each wake-up, a minute at least, divided among its feeds by the time that their statements took.
 * What is divided adds up to the whole.
 */
export const shareWakeUps = (statements: readonly FeedStatement[]): ReadonlyMap<string, WarehouseShare> => {
  const shares = new Map<string, WarehouseShare>();
  for (const group of groupByWakeUp(statements)) {
    const billedMs = Math.max(AWAKE_MS, spanOf(group));
    const busyMs = group.reduce((sum, one) => sum + msOf(one), 0);
    for (const [feed, own] of Map.groupBy(group, (one) => one.feed)) {
      const ownMs = own.reduce((sum, one) => sum + msOf(one), 0);
      const part = busyMs === 0 ? own.length / group.length : ownMs / busyMs;
      const { wakeUps = 0, billedSeconds = 0 } = shares.get(feed) ?? {};
      shares.set(feed, {
        wakeUps: wakeUps + 1,
        billedSeconds: billedSeconds + (billedMs / 1000) * part,
      });
    }
  }
  return shares;
};

const HOUR_MS = 60 * 60_000;

/** What is billed for all statements as they were, and what would be if those of an hour followed each other in one wake-up: what `load.every: 1h` does. */
export const compareWithHourly = (
  statements: readonly FeedStatement[],
): Readonly<Record<'asIs' | 'hourly', WarehouseShare>> => {
  const all = shareWakeUps(statements.map((one) => ({ ...one, feed: '' }))).get('');
  const hours = Map.groupBy(statements, ({ createdMs }) => Math.floor(createdMs / HOUR_MS));
  const billedMs = [...hours.values()].map((group) =>
    Math.max(
      AWAKE_MS,
      group.reduce((sum, one) => sum + msOf(one), 0),
    ),
  );
  return {
    asIs: all ?? { wakeUps: 0, billedSeconds: 0 },
    hourly: { wakeUps: hours.size, billedSeconds: billedMs.reduce((sum, ms) => sum + ms, 0) / 1000 },
  };
};

const msOf = ({ createdMs, updatedMs }: FeedStatement): number => Math.max(0, updatedMs - createdMs);

const spanOf = (group: readonly FeedStatement[]): number =>
  Math.max(...group.map(({ updatedMs }) => updatedMs)) - Math.min(...group.map(({ createdMs }) => createdMs));
