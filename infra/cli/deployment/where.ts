import { quoteWord } from '../../../shared/quote-word.ts';
import { UsageError } from '../command-io.ts';
import { place } from '../verbs/places.ts';
import { firstValue, type VerbArguments } from '../verbs/verb.ts';

/** Which deployment a command line means, and the words that mean it again. */

const OF_AWS = ['env', 'profile', 'region'] as const;

/** Whether the deployment is on AWS. Throws UsageError where the command line names both. */
export const isOnAws = (args: VerbArguments): boolean => {
  const given = OF_AWS.filter((name) => firstValue(args, name) !== undefined);
  if (given.length === 0) return false;
  const data = firstValue(args, 'data');
  if (data !== undefined && data !== place.data.default)
    throw new UsageError(
      `--data names a folder of this machine, and --${given[0]} a deployment on AWS: give only one of them`,
    );
  if (firstValue(args, 'env') === undefined)
    throw new UsageError(`--${given[0]} needs --env ENV, the name of the deployment`);
  return true;
};

/** The options of a place that differ from their defaults, each behind a space. */
export const toOptions = (args: VerbArguments): string =>
  Object.entries(place)
    .map(([name, spec]) => {
      const given = firstValue(args, name);
      return given === undefined || ('default' in spec && given === spec.default)
        ? ''
        : ` --${name} ${quoteWord(given)}`;
    })
    .join('');
