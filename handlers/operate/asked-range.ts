import type { Backfill } from '../../shared/state/backfill.ts';
import { toKey } from '../../shared/state/keys.ts';
import { type BackfillRecord, backfillRecord } from '../../shared/state/operate-records.ts';
import type { PlanRecord } from '../../shared/state/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readRecord } from '../records.ts';

/** The request that a batch's name has in it; undefined for a batch of the live feed. */
const requestOf = (batch: string): string | undefined =>
  /^(?:b-([0-9a-f]{12})-|f-[0-9a-f]{32}-([0-9a-f]{12})$)/
    .exec(batch)
    ?.slice(1)
    .find((one) => one !== undefined);

/** What a batch was asked for with, as long as not all of it is sealed. */
export const readAsked = async (
  feed: string,
  batch: string,
  records: RecordStore,
): Promise<BackfillRecord | undefined> => {
  const request = requestOf(batch);
  if (request === undefined) return undefined;
  return readRecord(records, toKey({ kind: 'backfill', feed, request }), backfillRecord);
};

/** The range that a batch was asked for with; where that is not known any more, the batch's own part of it. */
export const readAskedRange = async (
  { feed, batch, window, object }: PlanRecord,
  records: RecordStore,
): Promise<Backfill | undefined> => {
  const request = requestOf(batch);
  if (request === undefined) return undefined;
  const standing = await readAsked(feed, batch, records);
  if (standing !== undefined) {
    const { from, to, partition } = standing;
    return { request, from, to, ...(partition === undefined ? {} : { partition }) };
  }
  if (object !== undefined) return { request, from: object.lastModified, to: object.lastModified };
  return window && { request, ...window };
};
