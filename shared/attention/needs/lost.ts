import { type Asking, toAskingCommand } from '../asking.ts';
import type { Need } from '../need.ts';
import { toLook, type } from '../remedies/remedy.ts';

/** Its range is found by the rebuild itself. */
const toRebuild = (rebuilds: string): Asking => ({ from: '', to: '', isAgain: false, rebuilds });

/** The warehouse lacks batches that were loaded, and their part files are gone. */
export const lost: Need = {
  word: 'lost',
  heading: 'FeedLost',
  says: 'has lost batches',
  over: 'has lost no batch for a day',
  find: ({ lost: mark }) =>
    mark && {
      ...{ sinceMs: mark.atMs, batch: mark.batch, cause: mark.message },
      again: mark.table === undefined ? mark.again : toRebuild(mark.table),
    },
  // Of several batches the message names them, and the command is for the first.
  ways: (subject) => {
    const { feed, again } = subject;
    return [[type(again === undefined ? toLook(subject) : toAskingCommand(feed, again))]];
  },
};
