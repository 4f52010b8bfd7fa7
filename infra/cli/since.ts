import { InvalidInput } from '../../shared/errors.ts';
import { parseDuration } from '../../shared/model/units.ts';
import { UsageError } from './command-io.ts';

/** Milliseconds of what `--since` says. Throws UsageError. */
export const parseSince = (text: string): number => {
  try {
    return parseDuration(text);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    throw new UsageError(`--since: ${error.message}`);
  }
};
