import { TerminalError } from '../../shared/errors.ts';

/**
 * Says that a file of a data folder is not what was left there, and what to do. Nothing is repaired or deleted: the parts of
 * a folder tell of each other, so that one of them made anew would pass for a folder in which all is loaded.
 */
export const damaged = (file: string, what: string, data: string, cause?: unknown): TerminalError =>
  new TerminalError(
    `the data folder is damaged: ${file} ${what}; nothing was changed: move the folder away and run again, which loads everything anew: mv '${data}' '${data}.damaged'`,
    { cause },
  );
