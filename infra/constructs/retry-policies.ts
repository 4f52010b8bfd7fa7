import { Duration } from 'aws-cdk-lib';
import { JitterType, type RetryProps } from 'aws-cdk-lib/aws-stepfunctions';
import { LeaseHeld, SubmissionUnknown } from '../../shared/errors.ts';
import { RETRIED, THROTTLED } from '../../shared/fates.ts';

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

/**
 * A statement ended before the record of its submission was put: some 50 ms after the call, and where the call's reply was lost
 * when SubmitLoad is tried again, after 1 + 2 + 4 s at most and its own time. 2 + 4 + 8 + 16 = 30 s of 295 outlast that; past them the sweep, a quarter of an hour later, settles it.
 */
export const SUBMISSION: RetryProps = {
  errors: [SubmissionUnknown.name],
  interval: Duration.seconds(2),
  backoffRate: 2,
  maxAttempts: 4,
  maxDelay: Duration.seconds(16),
  jitterStrategy: JitterType.NONE,
};

/** PutEvents, which names no errors of its own: waits of at most 1 + 2 + 4 = 7 s. */
export const EVENT_RETRY: RetryProps = { ...QUICK, errors: ['States.TaskFailed'] };

/**
 * Functions that have no room: many schedules have the same minute, and a new account has ten functions at once, each slice one of them. Waits of at most
 * 1 + 2 + 4 + 8 s and then 15 s each, with full jitter, so that those who were turned away together do not come back together. It stands before the
 * other policies of its state, which then never count this error.
 */
const throttled = (maxAttempts: number): RetryProps => ({
  errors: [THROTTLED],
  interval: Duration.seconds(1),
  backoffRate: 2,
  maxAttempts,
  maxDelay: Duration.seconds(15),
  jitterStrategy: JitterType.FULL,
});

/**
 * 15 + 6 × 15 = 105 s at most, 53 s on average. With all of LEASE (141 s) and QUICK (7 s) that is 253 s of 295: FeedBusy is still told. Slices
 * that begin late end late, and the next execution goes on.
 */
export const PLAN_THROTTLED: RetryProps = throttled(10);

/** 15 + 2 × 15 = 45 s at most: from the steps' end at 230 s it leaves 20 s to seal. A slice that has no room then is left to the next execution. */
export const SLICE_THROTTLED: RetryProps = throttled(6);

/** 15 s at most, up to 290 s at the very end. Where that is not enough the execution fails, and the next one seals: the steps stand. */
export const SEAL_THROTTLED: RetryProps = throttled(4);

/**
 * The record of a failure, 15 + 5 × 15 = 90 s at most: with a plan that had no room, 105 + 90 = 195 s. Where it has none itself, the execution fails by the
 * error that it was to record, and FailuresUnrecorded tells of it; the lease ends by itself, and what is to be parked is parked by the next execution.
 */
export const RECORD_THROTTLED: RetryProps = throttled(9);
