import { createHash } from 'node:crypto';
import type { Asking } from '../../shared/attention/asking.ts';
import type { Backfill } from '../../shared/state/backfill.ts';

/** How requests for ranges are named, and typed. */

export type Range = Pick<Backfill, 'from' | 'to' | 'partition'>;

/** The same text for the same question. `again` tells it from others of the same range; '' for the first. */
export const toRequest = (feed: string, { from, to, partition }: Range, again: string): string =>
  createHash('sha256')
    .update([feed, from, to, partition ?? '', again].join('\0'))
    .digest('hex')
    .slice(0, 12);

/** What a person types to go on with a request. */
export const toAsking = (
  feed: string,
  { from, to, partition, request, rebuilds }: Range & Pick<Backfill, 'request' | 'rebuilds'>,
): Asking => {
  const range = { from, to, ...(partition === undefined ? {} : { partition }) };
  if (rebuilds !== undefined) return { ...range, isAgain: false, rebuilds };
  return { ...range, isAgain: request !== toRequest(feed, range, '') };
};
