import type { Need } from '../need.ts';
import { remedyOf } from '../remedies/registry.ts';
import { findTrouble } from '../trouble.ts';

/** Loads wait for what passes, and it does not pass: a paused warehouse, a missing right, throttles. */
export const notLoading: Need = {
  word: 'not-loading',
  heading: 'FeedNotLoading',
  says: 'has sealed batches that are not loaded',
  over: 'loads again',
  isOf: 'cause',
  find: (facts) => findTrouble(facts.loadFailures, facts),
  ways: (subject) => remedyOf(subject.error).waiting(subject),
};
