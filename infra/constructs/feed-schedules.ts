import { NestedStack, TimeZone } from 'aws-cdk-lib';
import {
  ContextAttribute,
  type IScheduleTarget,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
} from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Feed } from '../../shared/model/feed.ts';
import { toCadenceExpression } from '../../shared/model/load-cadence.ts';
import type { DeploymentNames } from '../../shared/state/deployment-names.ts';
import { EVENT } from '../../shared/state/messages.ts';
import { placeFeeds } from '../place-feeds.ts';
import { grantQueueKey } from './grant-queue-key.ts';

export interface FeedSchedulesProps {
  readonly feeds: readonly Feed[];
  readonly names: DeploymentNames;
  readonly extract: StateMachine;
  readonly load: StateMachine;
  /** Takes what could not be started. */
  readonly deadLetters: Queue;
}

/**
 * The schedules of all feeds. Those that a stack has no room for are in stacks nested in it: CloudFormation makes, changes and removes these
 * with it, and makes a schedule in its new stack before it removes the old one.
 */
export const scheduleFeeds = (stack: Construct, props: FeedSchedulesProps): void => {
  const [own = [], ...others] = placeFeeds(props.feeds);
  for (const feed of own) scheduleFeed(stack, feed, props);
  for (const [index, feeds] of others.entries()) {
    const nested = new NestedStack(stack, `Schedules${index + 1}`);
    for (const feed of feeds) scheduleFeed(nested, feed, props);
  }
};

const scheduleFeed = (scope: Construct, feed: Feed, props: FeedSchedulesProps): void => {
  scheduleBatches(scope, feed, props);
  scheduleLoads(scope, feed, props);
  scheduleComparison(scope, feed, props);
};

const scheduleBatches = (
  scope: Construct,
  { feed, schedule, paused }: Feed,
  { extract, deadLetters }: FeedSchedulesProps,
): void => {
  if (schedule === undefined) return;
  new Schedule(scope, `Feed-${feed}`, {
    description: `feed ${feed}`,
    enabled: paused !== true,
    schedule: toExpression(schedule),
    target: startOf(extract, deadLetters, { feed, scheduledTime: ContextAttribute.scheduledTime }),
  });
};

/** As an event of ours, so that no input of Load looks like one of Extract. Without a flexible window: one minute for all feeds. */
const scheduleLoads = (
  scope: Construct,
  { feed, load, paused }: Feed,
  { load: machine, deadLetters, names }: FeedSchedulesProps,
): void => {
  if (load?.everyMs === undefined) return;
  new Schedule(scope, `Load-${feed}`, {
    description: `loads of feed ${feed}`,
    enabled: paused !== true,
    schedule: ScheduleExpression.expression(toCadenceExpression(load.everyMs), TimeZone.ETC_UTC),
    target: startOf(machine, deadLetters, {
      source: names.eventSource,
      'detail-type': EVENT.loadDue,
      detail: { feed, scheduledTime: ContextAttribute.scheduledTime },
    }),
  });
};

/** The listing of a feed's keys has a schedule of its own. */
const scheduleComparison = (
  scope: Construct,
  { feed, comparison, paused }: Feed,
  { extract, deadLetters }: FeedSchedulesProps,
): void => {
  if (comparison === undefined) return;
  new Schedule(scope, `Compare-${feed}`, {
    description: `keys of feed ${feed}`,
    enabled: paused !== true,
    schedule: toExpression(comparison.schedule),
    target: startOf(extract, deadLetters, {
      feed,
      compares: true,
      scheduledTime: ContextAttribute.scheduledTime,
    }),
  });
};

const toExpression = ({
  expression,
  timezone = 'Etc/UTC',
}: NonNullable<Feed['schedule']>): ScheduleExpression =>
  ScheduleExpression.expression(expression, TimeZone.of(timezone));

/** A schedule's target: an execution of a machine, with an input. */
export const startOf = (
  machine: StateMachine,
  deadLetters: Queue,
  input: Readonly<Record<string, unknown>>,
): IScheduleTarget => {
  const target = new StepFunctionsStartExecution(machine, {
    input: ScheduleTargetInput.fromObject(input),
    deadLetterQueue: deadLetters,
  });
  return {
    bind: (schedule) => {
      const config = target.bind(schedule);
      grantQueueKey(deadLetters, config.role); // the target lets its role send to the queue, and forgets the key
      return config;
    },
  };
};
