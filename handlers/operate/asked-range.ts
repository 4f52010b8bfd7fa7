import { type Backfill, toBackfill } from '../../shared/state/backfill.ts';
import { parseStamp, toKey } from '../../shared/state/keys.ts';
import {
  type BackfillRecord,
  backfillRecord,
  type RebuildRecord,
} from '../../shared/state/operate-records.ts';
import type { PlanRecord } from '../../shared/state/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readEach } from '../read-each.ts';
import { isOfRebuild, readRebuild, toRange } from '../rebuild/standing.ts';
import { readRecord } from '../records.ts';

/** The request that a stretch's name has in it; undefined for any other batch. */
const requestOf = (batch: string): string | undefined => /^b-([0-9a-f]{12})-/.exec(batch)?.[1];

/** When a landed object was asked for again, by its batch's name; undefined for any other batch. */
const askedOf = (batch: string): string | undefined => {
  const stamp = /^f-[0-9a-f]{32}-(\d{8}T\d{9}Z)$/.exec(batch)?.[1];
  return stamp && new Date(parseStamp(stamp)).toISOString();
};

/** The ranges of a feed that are not sealed to their end. */
export const listAsked = async (feed: string, records: RecordStore): Promise<readonly BackfillRecord[]> => {
  const { keys } = await records.list(`backfills/${feed}/`);
  const open = await readEach(keys, (key) => readRecord(records, key, backfillRecord));
  return open.filter((one) => one !== undefined);
};

/** What a batch was asked for with, as long as not all of it is sealed. */
const readAsked = async (
  feed: string,
  batch: string,
  records: RecordStore,
): Promise<BackfillRecord | undefined> => {
  const request = requestOf(batch);
  if (request !== undefined)
    return readRecord(records, toKey({ kind: 'backfill', feed, request }), backfillRecord);
  const asked = askedOf(batch);
  return asked === undefined
    ? undefined
    : (await listAsked(feed, records)).find((one) => one.asked === asked);
};

/** The range that a batch was asked for with; where that is not known any more, the batch's own part of it. Undefined for one of the live feed. */
export const readAskedRange = async (
  { feed, batch, window, object, observed }: PlanRecord,
  records: RecordStore,
): Promise<Backfill | undefined> => {
  const rebuild = await readRebuild(feed, records);
  if (rebuild !== undefined && isOfRebuild(batch, rebuild)) return toRebuilt(rebuild, window);
  const standing = await readAsked(feed, batch, records);
  if (standing !== undefined) return toBackfill(standing);
  const [request, asked] = [requestOf(batch), askedOf(batch)];
  if (request !== undefined) return window && { request, ...window, asked: observed };
  if (asked === undefined || object === undefined) return undefined;
  return { request: NOBODYS, from: object.lastModified, to: object.lastModified, asked };
};

/** Up to the batch's own end: the sweep goes on from there. */
const toRebuilt = (rebuild: RebuildRecord, window: PlanRecord['window']): Backfill =>
  toRange(rebuild, window === undefined ? Date.parse(rebuild.asked) + 1 : Date.parse(window.to));

/** Of a range that is over: no record is found by it. */
const NOBODYS = '000000000000';
