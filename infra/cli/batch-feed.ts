import { findFeedsOf } from '../../handlers/operate/tell-batch.ts';
import { UsageError } from './command-io.ts';
import { firstValue, type VerbArguments } from './verbs/verb.ts';

/** The feed of the batch that a command line names: windows of several feeds may have one name, and then --feed says whose. Throws UsageError. */
export const findBatchFeed = async (
  args: VerbArguments,
  deployment: Parameters<typeof findFeedsOf>[1],
): Promise<string> => {
  const [batch = ''] = args.operands;
  return findFeed(batch, firstValue(args, 'feed'), await findFeedsOf(batch, deployment));
};

/** Told of a batch that no records are kept of. */
export const unknownBatch = (batch: string): UsageError =>
  new UsageError(
    `no feed has a batch ${batch}, or it is over 90 days old; npx millrace runs FEED lists the names`,
  );

const findFeed = (batch: string, given: string | undefined, feeds: readonly string[]): string => {
  const [first, ...others] = feeds;
  if (first === undefined) throw unknownBatch(batch);
  if (given !== undefined) {
    if (feeds.includes(given)) return given;
    throw new UsageError(`feed ${given} has no batch ${batch}; it is of ${feeds.join(', ')}`);
  }
  if (others.length === 0) return first;
  throw new UsageError(
    `several feeds have a batch ${batch}: ${feeds.join(', ')}; add --feed with one of them`,
  );
};
