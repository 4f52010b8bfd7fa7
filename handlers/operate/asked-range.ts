import { type Backfill, isOfRange, REQUEST, toBackfill } from '../../shared/state/backfill.ts';
import { parseStamp, toKey } from '../../shared/state/keys.ts';
import {
  type BackfillRecord,
  backfillRecord,
  type RebuildRecord,
} from '../../shared/state/operate-records.ts';
import type { PlanRecord } from '../../shared/state/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readEach } from '../read-each.ts';
import { readRebuild, toRange } from '../rebuild/standing.ts';
import { readRecord } from '../records.ts';
import { type Range, toAsking } from './backfill-request.ts';

/** The range that a batch was asked for with. */

/** The request that a stretch's name has in it; undefined for any other batch. */
const requestOf = (batch: string): string | undefined => /^b-([0-9a-f]{12})-/.exec(batch)?.[1];

/** When a landed object was asked for again, by its batch's name; undefined for any other batch. */
const askedOf = (batch: string): string | undefined => {
  const stamp = /^f-[0-9a-f]{32}-(\d{8}T\d{9}Z)$/.exec(batch)?.[1];
  return stamp && new Date(parseStamp(stamp)).toISOString();
};

/** Whether a batch is a part of a range that a person asked for. */
export const isAskedFor = (batch: string): boolean =>
  requestOf(batch) !== undefined || askedOf(batch) !== undefined;

/** A range that is over, sealed to its end or cancelled; undefined where there is none. */
export const readEnded = (
  feed: string,
  request: string,
  records: RecordStore,
): Promise<BackfillRecord | undefined> =>
  REQUEST.test(request)
    ? readRecord(records, toKey({ kind: 'backfilled', feed, request }), backfillRecord)
    : Promise.resolve(undefined);

/** The ranges of a feed that are not sealed to their end. */
export const listAsked = (feed: string, records: RecordStore): Promise<readonly BackfillRecord[]> =>
  readRanges(`backfills/${feed}/`, records);

const readRanges = async (prefix: string, records: RecordStore): Promise<readonly BackfillRecord[]> => {
  const { keys } = await records.list(prefix);
  const read = await readEach(keys, (key) => readRecord(records, key, backfillRecord));
  return read.filter((one) => one !== undefined);
};

/** What a batch was asked for with, among the ranges that are under way, or among those that are over. */
const readAsked = async (
  feed: string,
  batch: string,
  kind: 'backfill' | 'backfilled',
  records: RecordStore,
): Promise<BackfillRecord | undefined> => {
  const request = requestOf(batch);
  if (request !== undefined) return readRecord(records, toKey({ kind, feed, request }), backfillRecord);
  if (askedOf(batch) === undefined) return undefined;
  const prefix = kind === 'backfill' ? `backfills/${feed}/` : `backfilled/${feed}/`;
  return (await readRanges(prefix, records)).find((one) => isOfRange(batch, one));
};

/** The one partition that a batch was asked for with, whether its range is over or not; undefined where it was asked for whole, or by its schedule. */
export const readPartition = async (
  feed: string,
  batch: string,
  records: RecordStore,
): Promise<string | undefined> => {
  if (requestOf(batch) === undefined) return undefined;
  const asked =
    (await readAsked(feed, batch, 'backfill', records)) ??
    (await readAsked(feed, batch, 'backfilled', records));
  return asked?.partition;
};

/** The range that a batch was asked for with; where that is not known any more, the batch's own part of it. Undefined for one of the live feed. */
export const readAskedRange = async (
  {
    feed,
    batch,
    window,
    object,
    observed,
  }: Pick<PlanRecord, 'feed' | 'batch' | 'window' | 'object' | 'observed'>,
  records: RecordStore,
): Promise<Backfill | undefined> => {
  const rebuild = await readRebuild(feed, records);
  if (rebuild !== undefined && isOfRange(batch, rebuild)) return toRebuilt(rebuild, window);
  const standing = await readAsked(feed, batch, 'backfill', records);
  if (standing !== undefined) return toBackfill(standing);
  const [request, asked] = [requestOf(batch), askedOf(batch)];
  if (request !== undefined) return window && { request, ...window, asked: observed };
  if (asked === undefined || object === undefined) return undefined;
  const landedMs = Date.parse(object.lastModified);
  return { request: NOBODYS, from: toIso(landedMs), to: toIso(landedMs + SECOND_MS), asked };
};

/** Up to the batch's own end: the sweep goes on from there. */
const toRebuilt = (rebuild: RebuildRecord, window: PlanRecord['window']): Backfill =>
  toRange(rebuild, window === undefined ? Date.parse(rebuild.asked) + 1 : Date.parse(window.to));

/** Of a range that is over: no record is found by it. */
const NOBODYS = '000000000000';

/** S3 says in whole seconds when an object landed. */
export const SECOND_MS = 1_000;

const toIso = (ms: number): string => new Date(ms).toISOString();

/** The cancelled range that a batch was a part of; undefined where it is none, or somebody asked for it again since. */
export const readCancelled = async (
  feed: string,
  batch: string,
  records: RecordStore,
): Promise<BackfillRecord | undefined> => {
  if ((await readAsked(feed, batch, 'backfill', records)) !== undefined) return undefined;
  const over = await readAsked(feed, batch, 'backfilled', records);
  return over?.cancelledAt === undefined ? undefined : over;
};

/** The request of a range that was asked for again and is not read yet. */
export const findAskedAgain = async (
  feed: string,
  { from, to, partition }: Range,
  records: RecordStore,
): Promise<string | undefined> => {
  const isSame = (one: BackfillRecord): boolean =>
    one.from === from && one.to === to && one.partition === partition && toAsking(feed, one).isAgain;
  return (await listAsked(feed, records)).find(isSame)?.request;
};
