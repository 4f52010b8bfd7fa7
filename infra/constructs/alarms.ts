import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { SWEEP_MINUTES } from '../../shared/state/sweep-turn.ts';
import type { StateFunction } from './state-function.ts';

export interface Machines {
  readonly Extract: StateMachine;
  readonly Load: StateMachine;
  readonly SettleLoad: StateMachine;
  readonly Sweep: StateMachine;
}

export interface AlarmsProps {
  /** Its name, for commands. */
  readonly deployment: string;
  readonly machines: Machines;
  /** Those that an extraction calls, and the others: an alarm takes ten metrics at most. */
  readonly extracting: readonly StateFunction[];
  readonly loading: readonly StateFunction[];
  /** They write down why something failed: what they fail of nothing else tells. */
  readonly recording: readonly StateFunction[];
  readonly deadLetters: Queue;
  /** @default - the alarms only show */
  readonly topic?: ITopic | undefined;
}

interface AlarmOptions {
  readonly metric: IMetric;
  /** In words, behind the runbook's heading. */
  readonly says: string;
  /** Five minutes at a time. @default 1 */
  readonly periods?: number;
  /** Of those, how many have to be bad. @default 1 */
  readonly bad?: number;
  readonly missing?: TreatMissingData;
  readonly below?: number;
}

/**
 * What no record of a feed tells: that the deployment itself does not work. What is wrong with a feed is told by feed, from its records
 * (shared/attention): few alarms for all feeds would show one that is known and hide all others. Each has its heading in docs/runbook.md.
 */
export class Alarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { Sweep: sweep } = props.machines;
    const made: Alarm[] = [];
    const alarm = (name: string, options: AlarmOptions): void => {
      made.push(this.make(name, options, props.topic));
    };
    alarm('SweepMissing', {
      says: `no sweep has succeeded for 45 minutes: until one does, no feed is checked and a lost event is not made good; find the reason: npx millrace doctor --env ${props.deployment}`,
      metric: sweep.metricSucceeded({ period: Duration.minutes(SWEEP_MINUTES) }),
      periods: 3,
      bad: 3,
      below: 1,
      missing: TreatMissingData.BREACHING,
    });
    alarm('SweepFailed', { says: 'a part of the sweep failed', ...held(sweep.metricFailed(FIVE)) });
    for (const [name, machine] of Object.entries(props.machines)) {
      alarm(`${name}TimedOut`, {
        says: 'an execution reached its time limit',
        ...held(machine.metricTimedOut(FIVE)),
      });
    }
    const all = Object.values(props.machines);
    alarm('ExecutionsThrottled', {
      says: 'Step Functions did not start executions: the account starts too many at once; spread the schedules, or ask for a higher quota',
      metric: sum(all.map((machine) => machine.metricThrottled(FIVE))),
      ...LASTING,
    });
    const throttles = (functions: readonly StateFunction[]) =>
      sum(functions.map((one) => one.function.metricThrottles(FIVE)));
    alarm('ExtractThrottled', {
      says: 'for 15 minutes the account had no free concurrency for the functions that extract: ask for a higher quota of concurrent executions, or spread the schedules',
      metric: throttles(props.extracting),
      ...LASTING,
    });
    alarm('LoadThrottled', {
      says: 'for 15 minutes the account had no free concurrency for the functions that load: ask for a higher quota of concurrent executions',
      metric: throttles(props.loading),
      ...LASTING,
    });
    alarm('FailuresUnrecorded', {
      says: 'a failure could not be recorded, so no message about its feed was sent; the logs of the executions have it',
      ...held(sum(props.recording.map((one) => one.function.metricErrors(FIVE)))),
    });
    alarm('EventsUndelivered', {
      says: 'EventBridge could not start a state machine, or SpoolPage gave a page up; the dead-letter queue has the event',
      metric: props.deadLetters.metricApproximateNumberOfMessagesVisible(FIVE),
    });
    this.alarms = made;
  }

  private make(name: string, options: AlarmOptions, topic: ITopic | undefined): Alarm {
    const { metric, says, periods = 1, bad = 1, below } = options;
    const made = new Alarm(this, name, {
      alarmDescription: `docs/runbook.md, "${name}": ${says}`,
      metric,
      threshold: below ?? 1,
      evaluationPeriods: periods,
      datapointsToAlarm: bad,
      comparisonOperator:
        below === undefined
          ? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
          : ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: options.missing ?? TreatMissingData.NOT_BREACHING,
    });
    if (topic !== undefined) {
      made.addAlarmAction(new SnsAction(topic));
      made.addOkAction(new SnsAction(topic));
    }
    return made;
  }
}

const FIVE = { period: Duration.minutes(5), statistic: 'Sum' } as const;

/** What passes is told once it has not passed for a quarter of an hour. */
const LASTING = { periods: 3, bad: 3 } as const;

/** Six hours after the last: what fails at each schedule is told once, and not at each. */
const held = (metric: IMetric): Pick<AlarmOptions, 'metric' | 'periods' | 'bad'> => ({
  metric,
  periods: 72,
  bad: 1,
});

const sum = (metrics: readonly IMetric[]): MathExpression =>
  new MathExpression({
    expression: metrics.map((_, n) => `FILL(m${n}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(metrics.map((metric, n) => [`m${n}`, metric])),
    period: FIVE.period,
  });
