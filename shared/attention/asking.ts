import * as z from 'zod';
import { quoteWord } from '../quote-word.ts';

/** A range of a feed as a person types it, to ask for it or to go on with it. */
export const asking = z.object({
  from: z.string(),
  to: z.string(),
  partition: z.string().optional(),
  /** It was asked for again, beside an earlier request of the same range. */
  isAgain: z.boolean(),
  /** It is read for the rebuild of a table. */
  rebuilds: z.string().optional(),
});
export type Asking = z.infer<typeof asking>;

/** The command that asks for a range; of one that is not read to its end it is the same request. */
export const toAskingCommand = (feed: string, { from, to, partition, isAgain, rebuilds }: Asking): string => {
  if (rebuilds !== undefined) return `npx millrace rebuild ${rebuilds}`;
  const only = partition === undefined ? '' : ` --partition ${quoteWord(partition)}`;
  return `npx millrace backfill ${feed} --from ${from} --to ${to}${only}${isAgain ? ' --again' : ''}`;
};
