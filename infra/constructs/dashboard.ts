import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  Metric,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Machines } from './alarms.ts';
import type { StateFunction } from './state-function.ts';

export interface DashboardProps {
  readonly deployment: string;
  readonly machines: Machines;
  readonly functions: readonly StateFunction[];
  readonly alarms: readonly Alarm[];
}

/** The namespace and the dimensions of handlers/adapters/emf-metrics.ts. */
const NAMESPACE = 'Millrace';

const QUARTER = Duration.minutes(15);
const HOUR = Duration.hours(1);
const WHOLE = 24;
const HALF = 12;

/** One page for the question how the feeds are: freshness by feed first, then volumes, durations, failures and what costs. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    new CloudWatchDashboard(this, 'Dashboard', {
      defaultInterval: Duration.days(1),
      widgets: [
        [new TextWidget({ markdown: intro(props.deployment), width: WHOLE, height: 2 })],
        [
          freshness(props),
          new AlarmStatusWidget({ title: 'Deployment', alarms: [...props.alarms], width: HALF }),
        ],
        [volumes(props), perFeed(props)],
        [durations(props), machineDurations(props)],
        [failures(props), throttles(props)],
        [gbSeconds(props), calls(props)],
      ],
    });
  }
}

const intro = (deployment: string): string =>
  `**Millrace**, deployment \`${deployment}\`. What is wrong with a feed: \`npx millrace status --env ${deployment}\`. The headings of docs/runbook.md say more.`;

/** By a search, so that a feed more makes no template longer. */
const freshness = ({ deployment }: DashboardProps): GraphWidget =>
  new GraphWidget({
    title: 'Freshness by feed: seconds since the newest rows were sealed',
    width: HALF,
    left: [
      new MathExpression({
        expression: `SEARCH('{${NAMESPACE},env,feed} MetricName="Freshness" env="${deployment}"', 'Maximum', ${QUARTER.toSeconds()})`,
        usingMetrics: {},
        label: '',
        period: QUARTER,
      }),
    ],
  });

const own = ({ deployment }: DashboardProps, name: string): Metric =>
  new Metric({
    namespace: NAMESPACE,
    metricName: name,
    dimensionsMap: { env: deployment },
    statistic: 'Sum',
    period: QUARTER,
  });

const volumes = (props: DashboardProps): GraphWidget =>
  new GraphWidget({
    title: 'Records, rows and rejects; bytes of XML on the right',
    width: HALF,
    left: ['Records', 'Rows', 'Rejects'].map((name) => own(props, name)),
    right: [own(props, 'Bytes')],
  });

/** By the log lines that the metrics are made of: a metric for each feed and measure would cost more than the pipeline. */
const perFeed = ({ functions }: DashboardProps): LogQueryWidget =>
  new LogQueryWidget({
    title: 'By feed',
    width: HALF,
    height: 6,
    view: LogQueryVisualizationType.TABLE,
    logGroupNames: functions
      .filter(({ node }) => MEASURING.includes(node.id))
      .map(({ function: one }) => one.logGroup.logGroupName),
    queryLines: [
      'filter ispresent(_aws.Timestamp)',
      'stats sum(Records) as records, sum(Rows) as rows, sum(Rejects) as rejects, sum(Bytes) as bytes, sum(Requests) as requests, sum(Retries) as retries, sum(Failures) as failures by feed',
      'sort rows desc',
    ],
  });

const MEASURING: readonly string[] = ['SealBatch', 'MarkLoaded', 'RecordFailure', 'ParkLoad'];

const durations = ({ functions }: DashboardProps): GraphWidget =>
  new GraphWidget({
    title: 'Durations of functions, p95',
    width: HALF,
    left: functions.map(({ function: one, node }) =>
      one.metricDuration({ statistic: 'p95', period: QUARTER, label: node.id }),
    ),
  });

const machineDurations = ({ machines }: DashboardProps): GraphWidget =>
  new GraphWidget({
    title: 'Durations of executions, p95',
    width: HALF,
    left: Object.entries(machines).map(([label, machine]) =>
      machine.metricTime({ statistic: 'p95', period: QUARTER, label }),
    ),
  });

const failures = (props: DashboardProps): GraphWidget =>
  new GraphWidget({
    title: 'Failures: executions, and of them those that feeds are told of; parked batches',
    width: HALF,
    left: [
      ...Object.entries(props.machines).map(([label, machine]) =>
        machine.metricFailed({ period: QUARTER, label }),
      ),
      own(props, 'Failures'),
      own(props, 'Parked'),
    ],
  });

const throttles = ({ machines, functions }: DashboardProps): GraphWidget =>
  new GraphWidget({
    title: 'Throttled functions and executions',
    width: HALF,
    left: [
      ...functions.map(({ function: one, node }) => one.metricThrottles({ period: QUARTER, label: node.id })),
      ...Object.entries(machines).map(([label, machine]) =>
        machine.metricThrottled({ period: QUARTER, label }),
      ),
    ],
  });

/** A function is billed by its duration and its memory. */
const gbSeconds = ({ functions }: DashboardProps): GraphWidget =>
  new GraphWidget({
    title: 'GB-seconds of functions',
    width: HALF,
    stacked: true,
    left: functions.map(
      ({ function: one, node, memorySize }, n): IMetric =>
        new MathExpression({
          expression: `d${n} / 1000 * ${memorySize / 1024}`,
          usingMetrics: { [`d${n}`]: one.metricDuration({ statistic: 'Sum', period: HOUR }) },
          label: node.id,
          period: HOUR,
        }),
    ),
  });

const calls = (props: DashboardProps): GraphWidget =>
  new GraphWidget({
    title: 'Calls: of functions and machines, requests to sources, loads',
    width: HALF,
    left: [
      ...props.functions.map(({ function: one, node }) =>
        one.metricInvocations({ period: HOUR, label: node.id }),
      ),
      ...Object.entries(props.machines).map(([label, machine]) =>
        machine.metricStarted({ period: HOUR, label }),
      ),
      own(props, 'Requests'),
      own(props, 'Loaded'),
    ],
  });
