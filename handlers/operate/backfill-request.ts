import { createHash } from 'node:crypto';
import type { Backfill } from '../../shared/state/backfill.ts';
import type { BackfillRecord } from '../../shared/state/operate-records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { listAsked } from './asked-range.ts';

/** How requests for ranges are named, and found again. */

export type Range = Pick<Backfill, 'from' | 'to' | 'partition'>;

/** The same text for the same question. `again` tells it from others of the same range; '' for the first. */
export const toRequest = (feed: string, { from, to, partition }: Range, again: string): string =>
  createHash('sha256')
    .update([feed, from, to, partition ?? '', again].join('\0'))
    .digest('hex')
    .slice(0, 12);

/** What a person types to go on with a request. */
export interface Asking extends Range {
  /** It was asked for again, beside an earlier request of the same range. */
  readonly isAgain: boolean;
}

export const toAsking = ({ feed, from, to, partition, request }: BackfillRecord): Asking => {
  const range = { from, to, ...(partition === undefined ? {} : { partition }) };
  return { ...range, isAgain: request !== toRequest(feed, range, '') };
};

/** The request of a range that was asked for again and is not read yet. */
export const findAskedAgain = async (
  feed: string,
  { from, to, partition }: Range,
  records: RecordStore,
): Promise<string | undefined> => {
  const isSame = (one: BackfillRecord): boolean =>
    one.from === from && one.to === to && one.partition === partition && toAsking(one).isAgain;
  return (await listAsked(feed, records)).find(isSame)?.request;
};
