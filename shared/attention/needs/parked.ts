import type { Trouble } from '../facts.ts';
import type { Need } from '../need.ts';
import { isRedriven, parkedWays } from '../remedies/registry.ts';
import type { Subject } from '../subject.ts';

/** What a parked batch's remedy is found by. */
export const toParkedSubject = (feed: string, { batch, error, message, again }: Trouble): Subject => ({
  ...{ feed, batch, error, again },
  cause: `${error}: ${message}`,
});

/** A batch is set aside: nothing but a person brings it further. */
export const parked: Need = {
  word: 'parked',
  heading: 'FeedParked',
  says: 'has a parked batch',
  over: 'has no parked batch any more',
  isOf: 'cause',
  find: ({ feed, parked: { batches, oldest, others } }) =>
    oldest && {
      sinceMs: oldest.atMs,
      batch: oldest.batch,
      error: oldest.error,
      again: oldest.again,
      // What is mended otherwise is not told to be redriven with the rest.
      hasOthers: others.some((one) => isRedriven(toParkedSubject(feed, one))),
      cause: `${oldest.error}: ${oldest.message}${batches.length > 1 ? `; ${batches.length} batches are parked` : ''}`,
    },
  ways: parkedWays,
};
