import { Duration } from 'aws-cdk-lib';
import { JitterType, type RetryProps } from 'aws-cdk-lib/aws-stepfunctions';
import { LeaseHeld } from '../../shared/errors.ts';
import { RETRIED } from '../../shared/fates.ts';

/** Quick states: waits of at most 1 + 2 + 4 = 7 s, so that three of them in a row cost the 300 s budget 21 s. */
export const QUICK: RetryProps = {
  errors: [...RETRIED],
  interval: Duration.seconds(1),
  backoffRate: 2,
  maxAttempts: 3,
  maxDelay: Duration.seconds(8),
  jitterStrategy: JitterType.FULL,
};

/**
 * A slice, inside the Map's iterator: waits of at most 2 + 4 + 8 + 15 = 29 s. A slice that is tried again goes on
 * from its last step and stops at the execution's deadline (230 s), whatever the waits were.
 */
export const SLICE: RetryProps = {
  errors: [...RETRIED],
  interval: Duration.seconds(2),
  backoffRate: 2,
  maxAttempts: 4,
  maxDelay: Duration.seconds(15),
  jitterStrategy: JitterType.FULL,
};

/**
 * Another execution works on the feed: 5 + 7.5 + 11.3 + 16.9 + 25 + 25 + 25 + 25 = 141 s of waiting leave half of
 * the execution; past that the next schedule goes on.
 */
export const LEASE: RetryProps = {
  errors: [LeaseHeld.name],
  interval: Duration.seconds(5),
  backoffRate: 1.5,
  maxAttempts: 8,
  maxDelay: Duration.seconds(25),
  jitterStrategy: JitterType.NONE,
};

/** PutEvents, which names no errors of its own: waits of at most 1 + 2 + 4 = 7 s. */
export const EVENT_RETRY: RetryProps = { ...QUICK, errors: ['States.TaskFailed'] };
