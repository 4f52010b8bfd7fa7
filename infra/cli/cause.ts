import { shorten } from './terminal.ts';

/** Causes as lists of lines have room for them. */

/** Characters of a line's cause: some name all rows that were rejected, or quote a page. */
const MOST_OF_CAUSE = 600;

/** The first sentence of a cause. */
export const toFirstSentence = (cause: string, most = MOST_OF_CAUSE): string =>
  shorten((cause.split('\n')[0] ?? '').trimEnd(), most);

/** The first sentence of a cause, and where the rest is to be read, if there is more. */
export const toCauseText = (cause: string, whole: string): string => {
  const first = toFirstSentence(cause);
  return first === cause.trimEnd() ? first : `${first} (all of it: ${whole})`;
};
