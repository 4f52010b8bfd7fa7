import type { AmountName, Amounts, UnitPrices } from './prices.ts';

/** A part of the cost, as a bill has it: what it is made of, how well that is known, and what makes it smaller. */
export interface Part {
  readonly name: string;
  readonly amounts: readonly AmountName[];
  /** How the amounts are known, in some words and in a sentence. */
  readonly known: string;
  readonly basis: string;
  readonly lever: string;
}

/** Each amount belongs to one part. */
export const PARTS = {
  redshift: {
    name: 'Redshift',
    amounts: ['rpuHours'],
    known: 'partly estimated',
    basis:
      'statements measured; billed seconds estimated: a minute at least for each wake-up, at base capacity',
    lever:
      'load.every of the feed, or millrace:loadEvery of all feeds: batches that are loaded together share one wake-up',
  },
  lambda: {
    name: 'Lambda',
    amounts: ['invocations', 'lambdaGbSeconds'],
    known: 'measured',
    basis: 'measured, by traces',
    lever:
      'larger pages and fewer fields in source.http.params, or a wider schedule; memory stands in infra/function-memory.ts',
  },
  stepFunctions: {
    name: 'Step Functions',
    amounts: ['executions', 'executionGbSeconds'],
    known: 'partly estimated',
    basis: 'executions and durations measured, by traces; memory estimated: 64 MB an execution',
    lever: 'a wider schedule: fewer executions; larger pages: shorter ones',
  },
  s3: {
    name: 'S3',
    amounts: ['s3Writes', 's3Reads', 'storageGbMonths'],
    known: 'measured',
    basis: 'requests measured, by traces; part files measured, kept for a month',
    lever: 'a wider schedule: each batch and each load puts records of its own, however few rows it has',
  },
  logs: {
    name: 'CloudWatch Logs',
    amounts: ['logGb'],
    known: 'estimated',
    basis:
      'estimated: 8 KiB for each call of a function in the log of its execution, 4 KiB an execution, 1 KiB a function writes',
    lever: 'a wider schedule: Step Functions logs each state of each execution, whatever it did',
  },
  monitoring: {
    name: 'Metrics, alarms',
    amounts: ['metricMonths', 'alarmMonths', 'dashboardMonths'],
    known: 'shared',
    basis: 'known of the deployment: what it has for all feeds is shared alike among those that ran',
    lever: 'fewer deployments: the feeds of one share its metrics, its alarms and its dashboard',
  },
  xray: {
    name: 'X-Ray',
    amounts: ['traces'],
    known: 'measured',
    basis: 'measured: all executions are traced',
    lever: 'a wider schedule: fewer executions',
  },
} as const satisfies Readonly<Record<string, Part>>;

export type PartName = keyof typeof PARTS;
export const PART_NAMES = Object.keys(PARTS) as readonly PartName[];

/** Dollars of each part. */
export const toPartCosts = (amounts: Amounts, prices: UnitPrices): Readonly<Record<PartName, number>> => {
  const cost = (part: PartName): number =>
    PARTS[part].amounts.reduce((sum, name) => sum + (amounts[name] ?? 0) * prices[name], 0);
  return Object.fromEntries(PART_NAMES.map((part) => [part, cost(part)])) as Readonly<
    Record<PartName, number>
  >;
};

/** What is billed too, and is told by nothing that is read here. */
export const NOT_COUNTED: readonly string[] = [
  'the sweep, and executions that leave no record: a schedule with nothing due, a load with nothing pending',
  'EventBridge and its schedules, SQS, KMS, Secrets Manager, data transfer, NAT gateways',
  "statements by which a load asks and prepares, COPY's own reads of S3, and whoever else uses the warehouse",
  'storage in the warehouse, landed files, records, access logs of the bucket; logs once they are written',
];
