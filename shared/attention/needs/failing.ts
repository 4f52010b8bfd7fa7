import { type Need, toLook } from '../need.ts';
import { findTrouble } from '../trouble.ts';

/** Extraction fails, and nothing is parked: it is tried again, and does not succeed. */
export const failing: Need = {
  word: 'failing',
  heading: 'FeedFailing',
  says: 'fails to extract',
  over: 'extracts again',
  isOf: 'cause',
  find: (facts) => findTrouble(facts.failures, facts),
  command: (feed, batch) =>
    batch === undefined || /^[ws]-/.test(batch) ? `npx millrace trigger ${feed}` : toLook(feed, batch),
};
