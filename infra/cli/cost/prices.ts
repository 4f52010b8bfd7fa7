/**
 * What AWS bills for, at the prices of us-east-1 without free tiers and without discounts for large amounts. Each has AWS's page, and the month
 * in which its figure was looked up; `--prices FILE` takes others.
 */

/** One thing that is billed: so many dollars for so many units. */
export interface Price {
  readonly usd: number;
  readonly per: number;
  /** In the plural. */
  readonly unit: string;
  readonly page: string;
  readonly asOf: string;
}

const page = (service: string) =>
  ({ page: `https://aws.amazon.com/${service}/pricing/`, asOf: '2026-11' }) as const;

export const PRICES = {
  rpuHours: { usd: 0.375, per: 1, unit: 'RPU-hours', ...page('redshift') },
  invocations: { usd: 0.2, per: 1_000_000, unit: 'invocations', ...page('lambda') },
  /** arm64. */
  lambdaGbSeconds: { usd: 0.0000133334, per: 1, unit: 'GB-seconds', ...page('lambda') },
  executions: { usd: 1, per: 1_000_000, unit: 'executions', ...page('step-functions') },
  executionGbSeconds: { usd: 0.00001667, per: 1, unit: 'GB-seconds', ...page('step-functions') },
  /** COPY, POST and LIST cost as much. */
  s3Writes: { usd: 0.005, per: 1000, unit: 'PUT', ...page('s3') },
  s3Reads: { usd: 0.0004, per: 1000, unit: 'GET', ...page('s3') },
  storageGbMonths: { usd: 0.023, per: 1, unit: 'GB-months', ...page('s3') },
  logGb: { usd: 0.5, per: 1, unit: 'GB', ...page('cloudwatch') },
  /** For a month, as alarms and dashboards; an alarm counts once a metric. */
  metricMonths: { usd: 0.3, per: 1, unit: 'metrics', ...page('cloudwatch') },
  alarmMonths: { usd: 0.1, per: 1, unit: 'alarms', ...page('cloudwatch') },
  dashboardMonths: { usd: 3, per: 1, unit: 'dashboards', ...page('cloudwatch') },
  traces: { usd: 5, per: 1_000_000, unit: 'traces', ...page('xray') },
} as const satisfies Readonly<Record<string, Price>>;

export type AmountName = keyof typeof PRICES;
export const AMOUNT_NAMES = Object.keys(PRICES) as readonly AmountName[];

/** How much of each was used; what is not named is 0. */
export type Amounts = Readonly<Partial<Record<AmountName, number>>>;

/** Dollars for one unit of each. */
export type UnitPrices = Readonly<Record<AmountName, number>>;

const byName = (of: (name: AmountName) => number): UnitPrices =>
  Object.fromEntries(AMOUNT_NAMES.map((name) => [name, of(name)])) as UnitPrices;

export const UNIT_PRICES: UnitPrices = byName((name) => PRICES[name].usd / PRICES[name].per);

/** The prices of the table where a file gives dollars for the same number of units in their stead. */
export const withOwnPrices = (own: Amounts): UnitPrices =>
  byName((name) => (own[name] ?? PRICES[name].usd) / PRICES[name].per);

export const addAmounts = (...all: readonly Amounts[]): Amounts =>
  byName((name) => all.reduce((sum, one) => sum + (one[name] ?? 0), 0));
