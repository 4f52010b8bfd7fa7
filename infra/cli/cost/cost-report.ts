import { placeOf } from '../page-place.ts';
import { type Rows, toTable } from '../rows-format.ts';
import { toMinute } from '../show-status.ts';
import { toCount, toPlural } from '../terminal.ts';
import type { Use } from './collect-use.ts';
import type { Cost, FeedCost } from './feed-cost.ts';
import type { Capacity } from './open-costed.ts';
import { NOT_COUNTED, PART_NAMES, PARTS, type PartName } from './parts.ts';
import { type AmountName, PRICES, type UnitPrices } from './prices.ts';

/** What `millrace cost` tells. */
export interface CostReport {
  readonly sinceMs: number;
  readonly nowMs: number;
  readonly isLocal: boolean;
  readonly hasOwnPrices: boolean;
  readonly capacity: Capacity;
  readonly prices: UnitPrices;
  readonly feeds: readonly FeedCost[];
  readonly all: Cost;
  /** Of all feeds of the deployment. */
  readonly warehouse: Use['warehouse'];
}

/** Characters of a cell. */
const MOST_IN_CELL = 80;

/** As text for people. */
export const tellCost = (report: CostReport, columns: number | undefined): string => {
  const { sinceMs, nowMs, feeds, all } = report;
  const head = `what ran from ${toMinute(toIso(sinceMs))} to ${toMinute(toIso(nowMs))}, in USD, ${ofPrices(report)}`;
  if (feeds.length === 0) return `${head}: nothing ran\n`;
  return [
    head,
    '',
    toTable(toFeedRows(feeds, all), columns),
    toTable(toPartRows(all), columns, MOST_IN_CELL),
    ...tellLevers(feeds),
    ...tellHourly(report),
    '',
    ...tellMissing(report),
    '',
  ].join('\n');
};

const ofPrices = ({ hasOwnPrices }: CostReport): string =>
  hasOwnPrices
    ? 'at prices of your own'
    : `at AWS's prices for us-east-1 as of ${PRICES.rpuHours.asOf}, without free tiers`;

const toIso = (ms: number): string => new Date(ms).toISOString();

const toFeedRows = (feeds: readonly FeedCost[], all: Cost): Rows => {
  const toRow = (name: string, cost: Cost, wakeUps: string) => [
    ...[name, toCount(cost.batches), toCount(cost.rows), toCount(cost.loads), wakeUps, toUsd(cost.usd)],
    ...[toUsd(cost.perMillionRows), toUsd(cost.month)],
  ];
  return {
    columns: [...['feed', 'batches', 'rows', 'loads', 'wake-ups'], ...['USD', 'per million rows', 'a month']],
    rows: [
      ...feeds.map((cost) => toRow(cost.feed, cost, toCount(cost.wakeUps))),
      ...(feeds.length === 1 ? [] : [toRow('all', all, '')]),
    ],
  };
};

/** Four digits behind the point where cents say nothing; `-` for what is not known. */
const toUsd = (usd: number | undefined): string => {
  if (usd === undefined) return '-';
  return usd !== 0 && usd < 0.1 ? usd.toFixed(6) : usd.toFixed(2);
};

const toShare = (usd: number, of: number): string => (of === 0 ? '' : `${((usd / of) * 100).toFixed(0)}%`);

const toPartRows = ({ parts, usd, amounts }: Cost): Rows => ({
  columns: ['part', 'USD', 'share', 'known', 'of what'],
  rows: PART_NAMES.map((part) => [
    ...[PARTS[part].name, toUsd(parts[part]), toShare(parts[part], usd), PARTS[part].known],
    PARTS[part].amounts.map((name) => toAmount(name, amounts[name] ?? 0)).join(', '),
  ]),
});

const toAmount = (name: AmountName, amount: number): string =>
  `${Number.isInteger(amount) ? toCount(amount) : Number(amount.toPrecision(3))} ${PRICES[name].unit}`;

/** Of each part that is some feed's largest, what makes it smaller. */
const tellLevers = (feeds: readonly FeedCost[]): readonly string[] =>
  [...Map.groupBy(feeds, ({ largest }) => largest)].map(([part, of]) => {
    const names = of.map(({ feed, parts, usd }) => `${feed} (${toShare(parts[part], usd)})`);
    return `${PARTS[part].name} is the largest part of ${names.join(', ')}. What makes it smaller: ${PARTS[part].lever}`;
  });

/** Where it would be less. */
const tellHourly = ({ capacity, prices, warehouse: { asIs, hourly } }: CostReport): readonly string[] => {
  if (!('rpu' in capacity) || hourly.billedSeconds >= asIs.billedSeconds) return [];
  const usd = (seconds: number): string => toUsd(((seconds * capacity.rpu) / 3600) * prices.rpuHours);
  return [
    `By the hour (load.every: 1h) all loads would have been ${toPlural(hourly.wakeUps, 'wake-up')}, ${usd(hourly.billedSeconds)} USD, instead of ${toCount(asIs.wakeUps)}, ${usd(asIs.billedSeconds)} USD`,
  ];
};

const tellMissing = (report: CostReport): readonly string[] => {
  const { capacity, feeds, isLocal } = report;
  const short = feeds.filter(({ month }) => month === undefined).map(({ feed }) => feed);
  const notes = [
    ...(isLocal
      ? [
          'this machine: what AWS would bill for the same amounts. Durations are those of this machine, not of AWS.',
        ]
      : []),
    ...('rpu' in capacity ? [] : [`Redshift is not in it: ${capacity.why}`]),
    ...(short.length === 0 ? [] : [`no month is projected of ${short.join(', ')}: less than a day ran`]),
    ...feeds.flatMap(({ feed, missing }) => missing.map((what) => `${feed}: ${what}`)),
    `not counted: ${NOT_COUNTED.join('; ')}`,
  ];
  return [...notes.map((note) => `- ${note}`), `the arithmetic and the levers: ${placeOf('cost')}`];
};

/** As `--json` prints it; null is what is not known. */
export const toDocument = (report: CostReport) => ({
  ok: true,
  ...{ from: toIso(report.sinceMs), to: toIso(report.nowMs), isLocal: report.isLocal },
  currency: 'USD',
  capacity: report.capacity,
  feeds: report.feeds.map(({ feed, fromMs, missing, ...cost }) => ({
    ...{ feed, from: toIso(fromMs), ...toCostDocument(cost), missing },
  })),
  all: toCostDocument(report.all),
  warehouse: report.warehouse,
  parts: PARTS,
  prices: Object.fromEntries(
    Object.entries(PRICES).map(([name, { per, unit, page, asOf }]) => [
      name,
      {
        usd: report.prices[name as AmountName] * per,
        per,
        unit,
        ...(report.hasOwnPrices ? {} : { page, asOf }),
      },
    ]),
  ),
  notCounted: NOT_COUNTED,
});

const toCostDocument = ({ month, perMillionRows, largest, ...cost }: Cost) => ({
  ...cost,
  perMillionRows: perMillionRows ?? null,
  month: month ?? null,
  largest: { part: largest, lever: PARTS[largest satisfies PartName].lever },
});
