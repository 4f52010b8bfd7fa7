import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

export interface AlarmsProps {
  readonly machines: Readonly<Record<string, StateMachine>>;
  readonly deadLetters: Queue;
  /** @default - the alarms only show */
  readonly topicArn?: string;
}

/** What wakes an operator. Each alarm has its heading in docs/runbook.md. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const topic =
      props.topicArn === undefined ? undefined : Topic.fromTopicArn(this, 'Topic', props.topicArn);
    const alarm = (name: string, metric: IMetric): void => {
      const made = new Alarm(this, name, {
        alarmDescription: `docs/runbook.md, "${name}"`,
        metric,
        threshold: 1,
        evaluationPeriods: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      if (topic !== undefined) made.addAlarmAction(new SnsAction(topic));
    };
    // Express executions send no status events, and their timeout cannot be caught: the metrics are all there is.
    for (const [name, machine] of Object.entries(props.machines)) {
      alarm(`${name}Failed`, machine.metricFailed({ period: PERIOD }));
      alarm(`${name}TimedOut`, machine.metricTimedOut({ period: PERIOD }));
    }
    alarm(
      'EventsUndelivered',
      props.deadLetters.metricApproximateNumberOfMessagesVisible({ period: PERIOD }),
    );
  }
}

const PERIOD = Duration.minutes(5);
