import type { Need } from '../need.ts';

/** A batch is set aside: nothing but a person brings it further. */
export const parked: Need = {
  word: 'parked',
  heading: 'FeedParked',
  says: 'has a parked batch',
  over: 'has no parked batch any more',
  isOf: 'cause',
  find: ({ parked: { count, first } }) =>
    first && {
      sinceMs: first.atMs,
      batch: first.batch,
      error: first.error,
      cause: `${first.error}: ${first.message}${count > 1 ? `; ${count} batches are parked` : ''}`,
    },
  command: (feed, batch) => `npx millrace redrive ${feed}${batch === undefined ? '' : ` ${batch}`}`,
};
