import type { Need } from '../need.ts';
import { toLook, type } from '../remedies/remedy.ts';

/** The warehouse lacks batches that were loaded, and their part files are gone. */
export const lost: Need = {
  word: 'lost',
  heading: 'FeedLost',
  says: 'has lost batches',
  over: 'was found for a day to have lost nothing',
  find: ({ lost: mark }) => mark && { sinceMs: mark.atMs, batch: mark.batch, cause: mark.message },
  ways: (subject) => [[type(toLook(subject))]],
};
