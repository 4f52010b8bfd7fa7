import { type Need, toAge } from '../need.ts';
import { type } from '../remedies/remedy.ts';

/** A feed that was deployed has never brought anything. */
export const overdue: Need = {
  word: 'overdue',
  heading: 'FeedOverdue',
  says: 'has never run to its end',
  over: 'has run to its end',
  isOf: 'consequence',
  find: ({ nowMs, staleAfterMs, seenMs, sealedMs }) => {
    if (staleAfterMs === undefined || sealedMs !== undefined || nowMs - seenMs <= staleAfterMs)
      return undefined;
    return {
      sinceMs: seenMs,
      cause: `its first batch is overdue: it was deployed ${toAge(nowMs - seenMs)} ago, and nothing was sealed`,
    };
  },
  ways: ({ feed }) => [[type(`npx millrace trigger ${feed}`)]],
};
