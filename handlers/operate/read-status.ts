import type { Feed, S3Source } from '../../shared/model/feed.ts';
import { parseKeyIfOurs, parseStamp, toKey } from '../../shared/state/keys.ts';
import { batchRecord } from '../../shared/state/records.ts';
import { type Load, readNewestLoad, readNewestSubmission } from '../load/load-records.ts';
import { newestKeys } from '../newest-keys.ts';
import { readPaused } from '../paused.ts';
import { readEach } from '../read-each.ts';
import { readKnownRecord } from '../records.ts';
import { batchOf, itemsSince, newestItem, toIso } from './dated-records.ts';
import type { KnownFeed } from './list-feeds.ts';
import type { LookDeps } from './operate-deps.ts';
import { type Failing, readFailing } from './read-failing.ts';
import { type Parked, readParked } from './read-parked.ts';

/** How a feed is, by its records alone. */

const DAY_MS = 24 * 3_600_000;

/** Batches whose rejects are added up; a busy feed of files seals more in a day. */
const MOST_ADDED_UP = 500;

/**
 * What is to be said of a feed first: `parked`: a batch waits for a person. `failing`: the newest execution failed, and is tried again by itself.
 * `paused`: a person holds it. `never ran`: nothing of it was ever planned. `ok`: none of these.
 */
export type FeedState = 'ok' | 'never ran' | 'paused' | 'failing' | 'parked';

export interface FeedStatus {
  readonly feed: string;
  readonly state: FeedState;
  /** Whether the deployment runs it; a feed that is gone from it may have left work behind. */
  readonly isDeployed: boolean;
  /** Where its files land; undefined for a feed that asks its source. */
  readonly lands: string | undefined;
  readonly pausedAt: string | undefined;
  /** Every row that the source had by then is loaded: a window's end, or when the newest loaded batch was read. */
  readonly rowsAsOf: string | undefined;
  readonly lastSeal: { readonly batch: string; readonly at: string } | undefined;
  readonly lastLoad: LoadStatus | undefined;
  /** Batches that are sealed and in no load yet. */
  readonly pending: number;
  /** The load in flight. */
  readonly loading: LoadStatus | undefined;
  readonly parked: Parked;
  readonly rejectsOfDay: { readonly rows: number; readonly isAtLeast: boolean };
  readonly failing: Failing | undefined;
}

export interface LoadStatus {
  readonly load: string;
  readonly batches: number;
  /** When it was planned. */
  readonly plannedAt: string;
  /** How often it was submitted. */
  readonly tries: number;
  readonly outcome: 'loaded' | 'parked' | 'isolate' | 'in flight';
}

/** Of several feeds, in their order: some fifteen calls each. */
export const readStatuses = (feeds: readonly KnownFeed[], deps: LookDeps): Promise<readonly FeedStatus[]> =>
  readEach(feeds, ({ name, feed }) => readStatus(name, feed, deps));

/** `feed` is as it is deployed; undefined where the deployment does not run it. */
export const readStatus = async (
  name: string,
  feed: Feed | undefined,
  deps: LookDeps,
): Promise<FeedStatus> => {
  const { records } = deps;
  const [paused, parked, newest, pending, lastSeal, unchanged, rejectsOfDay] = await Promise.all([
    readPaused(records, name),
    readParked(name, feed, deps),
    readNewestLoad(records, name),
    readPending(name, deps),
    newestItem(deps, `batches/${name}/`),
    newestItem(deps, `unchanged/${name}/`),
    addRejects(name, deps),
  ]);
  const extractedMs = Math.max(lastSeal?.lastModifiedMs ?? 0, unchanged?.lastModifiedMs ?? 0);
  const failing = await readFailing(name, { extractedMs, pending }, records);
  const isInFlight = newest !== undefined && newest.settled === undefined;
  const inLoad = new Set(isInFlight ? newest.record.batches.map(({ batch }) => batch) : []);
  const last = newest && (await toLoadStatus(newest, deps));
  return {
    feed: name,
    state: await toState(name, { paused, parked, failing, hasSeals: extractedMs > 0 }, deps),
    isDeployed: feed !== undefined,
    lands: feed?.source.kind === 's3' ? toLanding(name, feed.source) : undefined,
    pausedAt: paused?.pausedAt,
    rowsAsOf: await readRowsAsOf(name, new Set([...pending, ...parked.all]), deps),
    lastSeal: lastSeal && { batch: batchOf(lastSeal.key) ?? '', at: toIso(lastSeal.lastModifiedMs) },
    lastLoad: isInFlight ? undefined : last,
    pending: [...pending].filter((batch) => !inLoad.has(batch)).length,
    loading: isInFlight ? last : undefined,
    parked,
    rejectsOfDay,
    failing,
  };
};

const toLanding = (feed: string, { bucket, prefix = '' }: S3Source): string =>
  bucket === undefined ? `landing/${feed}/` : `s3://${bucket}/${prefix}`;

interface Found {
  readonly paused: object | undefined;
  readonly parked: Parked;
  readonly failing: Failing | undefined;
  readonly hasSeals: boolean;
}

const toState = async (
  feed: string,
  { paused, parked, failing, hasSeals }: Found,
  { records }: LookDeps,
): Promise<FeedState> => {
  if (parked.batches.length > 0) return 'parked';
  if (failing !== undefined) return 'failing';
  if (paused !== undefined) return 'paused';
  const hasRun = hasSeals || (await records.list(`plans/${feed}/`, '/')).folders.length > 0;
  return hasRun ? 'ok' : 'never ran';
};

/** Whether it needs a person. */
export const needsPerson = ({ state }: Pick<FeedStatus, 'state'>): boolean =>
  state === 'parked' || state === 'failing';

const readPending = async (feed: string, { records }: LookDeps): Promise<ReadonlySet<string>> =>
  new Set((await records.list(`pending/${feed}/`)).keys.flatMap((key) => batchOf(key) ?? []));

const toLoadStatus = async ({ name, key, record, settled }: Load, deps: LookDeps): Promise<LoadStatus> => ({
  load: key,
  batches: record.batches.length,
  plannedAt: record.plannedAt,
  tries: (await readNewestSubmission(deps.records, name))?.number ?? 0,
  outcome: settled?.outcome ?? 'in flight',
});

/** Of batches that were sealed in the last 24 hours. */
const addRejects = async (feed: string, deps: LookDeps): Promise<FeedStatus['rejectsOfDay']> => {
  const keys: string[] = [];
  for await (const { key } of itemsSince(deps, `batches/${feed}/`, deps.clock.now() - DAY_MS)) {
    if (keys.length === MOST_ADDED_UP) return { ...(await sumRejects(keys, deps)), isAtLeast: true };
    keys.push(key);
  }
  return { ...(await sumRejects(keys, deps)), isAtLeast: false };
};

const sumRejects = async (keys: readonly string[], { records }: LookDeps): Promise<{ rows: number }> => {
  const read = await readEach(keys, (key) => readKnownRecord(records, key, batchRecord));
  return { rows: read.reduce((sum, { rejects }) => sum + rejects.rows, 0) };
};

/** Windows follow each other, so that the oldest one that is not loaded says it. */
const readRowsAsOf = async (
  feed: string,
  unloaded: ReadonlySet<string>,
  { records }: LookDeps,
): Promise<string | undefined> => {
  const [oldest] = [...unloaded].filter((batch) => batch.startsWith('w-')).sort();
  if (oldest !== undefined) return toIso(parseStamp(oldest.slice('w-'.length)));
  for await (const key of newestKeys(records, `batches/${feed}/`)) {
    const name = parseKeyIfOurs(key);
    // A comparison lists keys alone, and a backfill reads what is long past.
    if (name?.kind !== 'batch' || unloaded.has(name.batch) || /^[kb]-/.test(name.batch)) continue;
    const { window, observed } = await readKnownRecord(records, toKey(name), batchRecord);
    return window?.to ?? observed;
  }
  return undefined;
};
