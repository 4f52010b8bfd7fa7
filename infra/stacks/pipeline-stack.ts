import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { type EventPattern, Match, Rule } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { ContextAttribute, Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Feed } from '../../shared/model/feed.ts';
import { landingOf } from '../../shared/model/landing.ts';
import { type DeploymentNames, UNNAMED } from '../../shared/state/deployment-names.ts';
import { EVENT } from '../../shared/state/messages.ts';
import { SWEEP_MINUTES } from '../../shared/state/sweep-turn.ts';
import type { FindBundle } from '../bundles.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { Alarms, type Machines } from '../constructs/alarms.ts';
import { Attention } from '../constructs/attention.ts';
import { grantCopy } from '../constructs/copy-role.ts';
import { Dashboard } from '../constructs/dashboard.ts';
import { ExtractMachine } from '../constructs/extract-machine.ts';
import { scheduleFeeds, startOf } from '../constructs/feed-schedules.ts';
import { Functions } from '../constructs/functions.ts';
import { LoadMachine, SettleLoadMachine, SweepMachine } from '../constructs/load-machines.ts';
import { LogQueries } from '../constructs/log-queries.ts';
import { showOutputs } from '../constructs/outputs.ts';
import type { FunctionNetwork } from '../constructs/state-function.ts';
import { Traces } from '../constructs/traces.ts';
import type { Warehouse } from '../constructs/warehouse.ts';
import type { Settings } from '../settings.ts';

export interface PipelineStackProps extends StackProps {
  readonly settings: Settings;
  readonly bucket: Bucket;
  readonly warehouse: Warehouse;
  readonly feeds: readonly Feed[];
  readonly findBundle: FindBundle;
}

const sourceNetworkOf = ({
  sourceSubnetIds,
  sourceSecurityGroupIds,
}: Settings): FunctionNetwork | undefined =>
  sourceSubnetIds === undefined || sourceSecurityGroupIds === undefined
    ? undefined
    : { subnetIds: sourceSubnetIds, securityGroupIds: sourceSecurityGroupIds };

/** What a deployment replaces: functions, machines, rules, schedules, alarms. */
export class PipelineStack extends Stack {
  private readonly bucket: Bucket;
  private readonly deadLetters: Queue;
  private readonly names: DeploymentNames;

  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    super(scope, id, props);
    this.bucket = props.bucket;
    const { names } = props.settings;
    this.names = names;
    this.deadLetters = this.createDeadLetters(props.settings.kmsKeyArn);
    const functions = new Functions(this, 'Functions', {
      ...props,
      deployment: props.settings.env ?? UNNAMED,
      names,
      deadLetters: this.deadLetters,
      sourceNetwork: sourceNetworkOf(props.settings),
      sourceKeyArns: props.settings.sourceKeyArns,
      secretKeyArns: props.settings.secretKeyArns,
    });
    this.grantGivenCopyRole(props.settings.copyRoleArn);
    const extract = new ExtractMachine(this, 'Extract', names, functions.extract).machine;
    const load = new LoadMachine(this, 'Load', names, functions.load).machine;
    const settle = new SettleLoadMachine(this, 'SettleLoad', names, functions.settle).machine;
    const sweep = new SweepMachine(this, 'Sweep', names, functions.sweep).machine;

    this.start(extract, 'Landed', objectCreated(this.bucket.bucketName, 'landing/'));
    this.start(extract, 'Continued', own(names, EVENT.continue));
    this.start(load, 'Sealed', objectCreated(this.bucket.bucketName, 'batches/'));
    this.start(load, 'NextLoad', own(names, EVENT.loadNext));
    this.start(settle, 'Completed', completed(names));
    this.start(settle, 'Swept', own(names, EVENT.settle));
    for (const feed of props.feeds) this.listen(feed, extract);
    this.showSources(props.feeds);
    scheduleFeeds(this, { ...props, names, extract, load, deadLetters: this.deadLetters });
    new Schedule(this, 'SweepSchedule', {
      schedule: ScheduleExpression.rate(SWEEP_INTERVAL),
      target: startOf(sweep, this.deadLetters, { scheduledTime: ContextAttribute.scheduledTime }),
    });

    const machines = { Extract: extract, Load: load, SettleLoad: settle, Sweep: sweep };
    showOutputs(this, { ...props, names, functions, machines, deadLetters: this.deadLetters });
    new Traces(this, 'Traces', { machines });
    new LogQueries(this, 'LogQueries', { logGroups: functions.logGroups });
    this.watch(functions, machines, props.settings);
    if (props.settings.kmsKeyArn !== undefined) encryptLogs(this, props.settings.kmsKeyArn);
  }

  /** What tells a person: of each feed by its records, of the deployment by alarms, of both by one page. */
  private watch(functions: Functions, machines: Machines, { alarmTopicArn, env }: Settings): void {
    const topic = alarmTopicArn === undefined ? undefined : Topic.fromTopicArn(this, 'Topic', alarmTopicArn);
    const { deadLetters } = this;
    const extracting = Object.values(functions.extract);
    const { load, settle, sweep } = functions;
    const loading = [...new Set([...Object.values(load), ...Object.values(settle), ...Object.values(sweep)])];
    const recording = [functions.extract.recordFailure, functions.load.parkLoad];
    const { alarms } = new Alarms(this, 'Alarms', {
      ...{ machines, extracting, loading, recording, deadLetters, topic },
      deployment: env ?? UNNAMED,
    });
    new Dashboard(this, 'Dashboard', {
      deployment: env ?? UNNAMED,
      machines,
      functions: [...extracting, ...loading],
      alarms,
    });
    if (topic !== undefined) new Attention(this, 'Attention', { topic, deadLetters, names: this.names });
  }

  /** An existing warehouse's role; it is in this account, so that a policy can be put on it. */
  private grantGivenCopyRole(arn: string | undefined): void {
    if (arn !== undefined) {
      const role = Role.fromRoleArn(this, 'CopyRole', arn, { defaultPolicyName: this.names.copyPolicy });
      grantCopy(this.bucket, role);
    }
  }

  /** Events that could not start their machine. It covers starting only: a failed execution is an alarm's matter. */
  private createDeadLetters(kmsKeyArn: string | undefined): Queue {
    const queue = new Queue(this, 'DeadLetters', {
      ...(kmsKeyArn === undefined
        ? { encryption: QueueEncryption.SQS_MANAGED }
        : {
            encryption: QueueEncryption.KMS,
            encryptionMasterKey: Key.fromKeyArn(this, 'Key', kmsKeyArn),
            dataKeyReuse: Duration.hours(1),
          }),
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(queue, { SQS3: 'is the dead-letter queue of the rules and schedules itself' });
    return queue;
  }

  /** Hands whole events on: an input transformer would not escape what it extracts. */
  private start(machine: StateMachine, id: string, eventPattern: EventPattern): void {
    new Rule(this, id, {
      eventPattern,
      targets: [new SfnStateMachine(machine, { deadLetterQueue: this.deadLetters })],
    });
  }

  /** What lands in a bucket of others: it has to send its events to EventBridge, which only its owner can turn on. */
  private listen({ feed, source }: Feed, extract: StateMachine): void {
    if (source.kind !== 's3' || source.bucket === undefined) return;
    const { prefix } = landingOf(feed, source);
    this.start(extract, `Landed-${feed}`, objectCreated(source.bucket, prefix));
  }

  private showSources(feeds: readonly Feed[]): void {
    const buckets = feeds.flatMap(({ source }) => (source.kind === 's3' ? (source.bucket ?? []) : []));
    if (buckets.length === 0) return;
    new CfnOutput(this, 'SourceBuckets', {
      value: [...new Set(buckets)].join(','),
      description: 'EventBridge notifications and versioning have to be on in each of these buckets',
    });
  }
}

const encryptLogs = (stack: Stack, keyArn: string): void => {
  for (const child of stack.node.findAll()) if (child instanceof CfnLogGroup) child.kmsKeyId = keyArn;
};

const SWEEP_INTERVAL = Duration.minutes(SWEEP_MINUTES);

const objectCreated = (bucket: string, prefix: string): EventPattern => ({
  source: ['aws.s3'],
  detailType: ['Object Created'],
  detail: { bucket: { name: [bucket] }, object: { key: Match.prefix(prefix) } },
});

const own = ({ eventSource }: DeploymentNames, detailType: string): EventPattern => ({
  source: [eventSource],
  detailType: [detailType],
});

/** Our loads' completion; other users' statements have other names. */
const completed = ({ statementPrefix }: DeploymentNames): EventPattern => ({
  source: ['aws.redshift-data'],
  detailType: ['Redshift Data Statement Status Change'],
  detail: { statementName: Match.prefix(statementPrefix) },
});
