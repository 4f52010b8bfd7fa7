import { isComparison } from '../../state/keys.ts';
import type { Need } from '../need.ts';

/** A batch is set aside: nothing but a person brings it further. */
export const parked: Need = {
  word: 'parked',
  heading: 'FeedParked',
  says: 'has a parked batch',
  over: 'has no parked batch any more',
  isOf: 'cause',
  find: ({ parked: { batches, oldest } }) =>
    oldest && {
      sinceMs: oldest.atMs,
      batch: oldest.batch,
      error: oldest.error,
      // Comparisons are no redrive's: were they the only others, the command would do nothing for them.
      hasOthers: batches.some((batch) => batch !== oldest.batch && !isComparison(batch)),
      cause: `${oldest.error}: ${oldest.message}${batches.length > 1 ? `; ${batches.length} batches are parked` : ''}`,
    },
  // A comparison is never loaded late: another one lists the keys anew.
  command: ({ feed, batch = '', hasOthers = false }) => {
    if (isComparison(batch)) return `npx millrace trigger ${feed} --compare`;
    return `npx millrace redrive ${feed}${batch === '' || hasOthers ? '' : ` ${batch}`}`;
  },
};
