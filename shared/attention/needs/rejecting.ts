import type { Need } from '../need.ts';
import { type } from '../remedies/remedy.ts';

/** Rows are rejected, below the limit that fails a batch: nothing else tells of them. */
export const rejecting: Need = {
  word: 'rejecting',
  heading: 'FeedRejecting',
  says: 'rejects rows',
  over: 'rejects no row any more',
  find: ({ rejects }) => rejects && { sinceMs: rejects.atMs, batch: rejects.batch, cause: rejects.message },
  ways: ({ feed, batch }) => [
    [type(`npx millrace rejects ${feed}${batch === undefined ? '' : ` --batch ${batch}`}`)],
  ],
};
