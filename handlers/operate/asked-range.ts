import { type Backfill, toBackfill } from '../../shared/state/backfill.ts';
import { parseStamp, toKey } from '../../shared/state/keys.ts';
import { backfillRecord } from '../../shared/state/operate-records.ts';
import type { PlanRecord } from '../../shared/state/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readKnownRecord, readRecord } from '../records.ts';

/** The range that a batch was asked for with; where that is not known any more, the batch's own part of it. Undefined for one of the live feed. */
export const readAskedRange = async (
  { feed, batch, window, object, observed }: PlanRecord,
  records: RecordStore,
): Promise<Backfill | undefined> => {
  const request = /^b-([0-9a-f]{12})-/.exec(batch)?.[1];
  if (request !== undefined) {
    const standing = await readRecord(records, toKey({ kind: 'backfill', feed, request }), backfillRecord);
    return standing === undefined ? window && { request, ...window, asked: observed } : toBackfill(standing);
  }
  const stamp = /^f-[0-9a-f]{32}-(\d{8}T\d{9}Z)$/.exec(batch)?.[1];
  if (stamp === undefined || object === undefined) return undefined;
  const asked = new Date(parseStamp(stamp)).toISOString();
  const { keys } = await records.list(`backfills/${feed}/`);
  for (const key of keys) {
    const standing = await readKnownRecord(records, key, backfillRecord);
    if (standing.asked === asked) return toBackfill(standing);
  }
  return { request: NOBODYS, from: object.lastModified, to: object.lastModified, asked };
};

/** Of a range that is over: no record is found by it. */
const NOBODYS = '000000000000';
