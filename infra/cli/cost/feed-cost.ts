import { type FeedUse, toMonths } from './collect-use.ts';
import { PART_NAMES, type PartName, toPartCosts } from './parts.ts';
import { type Amounts, addAmounts, type UnitPrices } from './prices.ts';

/** Dollars of what was used. */
export interface Cost {
  readonly batches: number;
  readonly loads: number;
  readonly rows: number;
  readonly amounts: Amounts;
  /** They add up to the whole. */
  readonly parts: Readonly<Record<PartName, number>>;
  readonly usd: number;
  /** Undefined where there was no row. */
  readonly perMillionRows: number | undefined;
  /** As if it went on for 30 days as it did; undefined where less than a day ran. */
  readonly month: number | undefined;
  readonly largest: PartName;
}

export interface FeedCost extends Cost {
  readonly feed: string;
  readonly fromMs: number;
  /** That its loads had a part in; others may have it, too. */
  readonly wakeUps: number;
  readonly missing: readonly string[];
}

/** An hour of a demo says nothing of a month. */
const LEAST_PROJECTED_MS = 24 * 60 * 60_000;

export const toFeedCost = (use: FeedUse, nowMs: number, prices: UnitPrices): FeedCost => {
  const { feed, fromMs, missing, batches, loads, wakeUps, rows, amounts } = use;
  const cost = toCost({ batches, loads, rows, amounts }, prices);
  const ranMs = nowMs - fromMs;
  const month = ranMs < LEAST_PROJECTED_MS ? undefined : cost.usd / toMonths(ranMs);
  return { feed, fromMs, wakeUps, ...cost, month, missing };
};

/** All feeds together; they have a projection where each of them has. */
export const sumCosts = (feeds: readonly FeedCost[], prices: UnitPrices): Cost => {
  const sum = (of: (cost: FeedCost) => number): number => feeds.reduce((total, one) => total + of(one), 0);
  const counts = {
    ...{ batches: sum(({ batches }) => batches), loads: sum(({ loads }) => loads) },
    rows: sum(({ rows }) => rows),
  };
  const cost = toCost({ ...counts, amounts: addAmounts(...feeds.map(({ amounts }) => amounts)) }, prices);
  const hasMonth = feeds.every(({ month }) => month !== undefined);
  return { ...cost, month: hasMonth ? sum(({ month = 0 }) => month) : undefined };
};

const toCost = (used: Pick<Cost, 'batches' | 'loads' | 'rows' | 'amounts'>, prices: UnitPrices): Cost => {
  const parts = toPartCosts(used.amounts, prices);
  const usd = PART_NAMES.reduce((sum, part) => sum + parts[part], 0);
  return {
    ...used,
    ...{ parts, usd, month: undefined },
    perMillionRows: used.rows === 0 ? undefined : (usd / used.rows) * 1_000_000,
    largest: PART_NAMES.reduce((most, part) => (parts[part] > parts[most] ? part : most)),
  };
};
