import type { Need } from '../need.ts';
import { remedyOf } from '../remedies/registry.ts';
import { findTrouble } from '../trouble.ts';

/** Extraction fails, and nothing is parked: it is tried again, and does not succeed. */
export const failing: Need = {
  word: 'failing',
  heading: 'FeedFailing',
  says: 'fails to extract',
  over: 'extracts again',
  isOf: 'cause',
  find: (facts) => findTrouble(facts.failures, facts),
  ways: (subject) => remedyOf(subject.error).failing(subject),
};
