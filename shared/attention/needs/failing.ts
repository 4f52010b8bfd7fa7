import { isComparison } from '../../state/keys.ts';
import { toAskingCommand } from '../asking.ts';
import type { Need } from '../need.ts';
import { findTrouble } from '../trouble.ts';

/** Extraction fails, and nothing is parked: it is tried again, and does not succeed. */
export const failing: Need = {
  word: 'failing',
  heading: 'FeedFailing',
  says: 'fails to extract',
  over: 'extracts again',
  isOf: 'cause',
  find: (facts) => findTrouble(facts.failures, facts),
  // What tries the same again: a range is asked for by nothing but its own command, and of landed files `trigger` takes up those that wait.
  command: ({ feed, batch = '', asked }) => {
    if (asked !== undefined) return toAskingCommand(feed, asked);
    return `npx millrace trigger ${feed}${isComparison(batch) ? ' --compare' : ''}`;
  },
};
