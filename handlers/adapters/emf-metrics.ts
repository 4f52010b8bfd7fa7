import type { Measures, Metrics } from '../ports/metrics.ts';

/**
 * Metrics as lines of the function's log, which CloudWatch makes metrics of: the embedded metric format,
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html.
 * A line has all that was measured of its feed, so that a log query tells it by feed; what costs, a metric, is made of the deployment's
 * sums and of each feed's freshness alone: see docs/decisions/0059-one-metric-a-feed.md.
 */

export const NAMESPACE = 'Millrace';

/** Measure to the metric's name and unit. */
const METRICS: Readonly<Record<keyof Measures, readonly [name: string, unit: string]>> = {
  freshnessSeconds: ['Freshness', 'Seconds'],
  pending: ['Pending', 'Count'],
  parked: ['Parked', 'Count'],
  records: ['Records', 'Count'],
  rows: ['Rows', 'Count'],
  rejects: ['Rejects', 'Count'],
  bytes: ['Bytes', 'Bytes'],
  requests: ['Requests', 'Count'],
  retries: ['Retries', 'Count'],
  loaded: ['Loaded', 'Count'],
  failures: ['Failures', 'Count'],
};

/** The one that each feed has of its own. */
const OF_FEED: keyof Measures = 'freshnessSeconds';

export interface EmfOptions {
  /** The deployment's name. */
  readonly deployment: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Takes one line. console.log would put a time and a request id before it. */
  readonly write: (line: string) => void;
}

export const emfMetrics = ({ deployment, now, write }: EmfOptions): Metrics => ({
  put: (feed, measures) => {
    const given = Object.entries(METRICS).flatMap(([measure, [name, unit]]) => {
      const value = measures[measure as keyof Measures];
      return value === undefined ? [] : [{ name, unit, value, isOfFeed: measure === OF_FEED }];
    });
    if (given.length === 0) return;
    const directive = (isOfFeed: boolean, dimensions: readonly string[]) => ({
      Namespace: NAMESPACE,
      Dimensions: [dimensions],
      Metrics: given
        .filter((one) => one.isOfFeed === isOfFeed)
        .map(({ name, unit }) => ({ Name: name, Unit: unit })),
    });
    const directives = [directive(true, ['env', 'feed']), directive(false, ['env'])];
    write(
      JSON.stringify({
        _aws: {
          Timestamp: now(),
          CloudWatchMetrics: directives.filter(({ Metrics }) => Metrics.length > 0),
        },
        env: deployment,
        feed,
        ...Object.fromEntries(given.map(({ name, value }) => [name, value])),
      }),
    );
  },
});
