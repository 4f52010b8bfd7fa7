import type { Asking } from '../../shared/attention/asking.ts';
import type { Facts, Trouble } from '../../shared/attention/facts.ts';
import { findStanding, type Standing } from '../../shared/attention/judge.ts';
import { commandsFor } from '../../shared/attention/remedies/registry.ts';
import type { Way } from '../../shared/attention/remedies/remedy.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { parseKeyIfOurs, parseStamp, toKey } from '../../shared/state/keys.ts';
import { batchRecord } from '../../shared/state/records.ts';
import { UNREAD } from '../attention/marks.ts';
import { readFacts } from '../attention/read-facts.ts';
import { type Overview, readOverview } from '../attention/read-overview.ts';
import { type Load, readNewestLoad, readNewestSubmission } from '../load/load-records.ts';
import { newestKeys } from '../newest-keys.ts';
import { readPaused } from '../paused.ts';
import { readEach } from '../read-each.ts';
import { readKnownRecord } from '../records.ts';
import { findLostLanded } from '../sweep/lost-landed.ts';
import { batchOf, newestItem, toIso } from './dated-records.ts';
import type { KnownFeed } from './list-feeds.ts';
import { type OpenBackfill, readOpenBackfills } from './open-backfills.ts';
import { type OpenRebuild, readOpenRebuild } from './open-rebuild.ts';
import type { LookDeps } from './operate-deps.ts';
import { type RejectsOfDay, readRejectsOfDay } from './rejects-of-day.ts';

/** How a feed is, by its records alone. */

/**
 * What is to be said of a feed first: the word of the first state that a person is told of (`parked`, `failing`, `stale` and the like,
 * shared/attention/registry.ts). Else `paused`: a person or its own file holds it. `retrying`: the newest execution or load failed by what may pass, and is
 * tried again by itself; of a folder at rest, where nothing tries again, `millrace status` says `failed`. `never ran`: nothing of it was ever planned. `ok`: none of these.
 */
export type FeedState = string;

/** A state that a person is told of, with the command of its message. */
export interface FeedNeed {
  readonly need: string;
  readonly since: string;
  readonly batch: string | undefined;
  readonly error: string | undefined;
  readonly cause: string;
  /** In order, without the words that say which deployment is meant; `command` is the first. */
  readonly command: string;
  readonly commands: readonly string[];
  /** What is done besides: of the ways out one is taken. */
  readonly ways: readonly Way[];
  /** Of docs/runbook.md. */
  readonly heading: string;
}

export interface FeedStatus {
  readonly feed: string;
  readonly state: FeedState;
  /** All that a person is told of it, causes first. */
  readonly needs: readonly FeedNeed[];
  /** Whether the deployment runs it; a feed that is gone from it may have left work behind. */
  readonly isDeployed: boolean;
  /** Where its files land; undefined for a feed that asks its source. */
  readonly lands: string | undefined;
  readonly pausedAt: string | undefined;
  /** Its own file holds it, whether a person does or not. */
  readonly isPausedByFile: boolean;
  /** Every row that the source had by then is loaded: a window's end, or when the newest loaded batch was read. */
  readonly rowsAsOf: string | undefined;
  readonly lastSeal: { readonly batch: string; readonly at: string } | undefined;
  readonly lastLoad: LoadStatus | undefined;
  /** Batches that are sealed and in no load yet. */
  readonly pending: number;
  /** The load in flight. */
  readonly loading: LoadStatus | undefined;
  /** Batches that a person has to look at, and the one of them that was parked first; how many need nobody any more. */
  readonly parked: {
    readonly batches: readonly string[];
    readonly oldest: Failed | undefined;
    readonly superseded: number;
  };
  readonly backfills: readonly OpenBackfill[];
  /** Landed files were refused, or waited, for its tables, and are not read yet. */
  readonly hasUnread: boolean;
  /** Its tables are being made anew. */
  readonly rebuild: OpenRebuild | undefined;
  readonly rejectsOfDay: RejectsOfDay;
  readonly failing: Failing | undefined;
}

export interface Failed {
  readonly at: string;
  readonly batch: string | undefined;
  /** The range that the batch was asked for with. */
  readonly asked?: Asking | undefined;
  readonly state: string;
  readonly error: string;
  readonly message: string;
}

/** The newest failure that no success has followed. */
export interface Failing extends Failed {
  /** When the first of them came. */
  readonly since: string;
  /** How often it failed since then. */
  readonly times: number;
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

/** Of several feeds, in their order: some twenty calls each, and seven for all. */
export const readStatuses = async (
  feeds: readonly KnownFeed[],
  deps: LookDeps,
): Promise<readonly FeedStatus[]> => {
  const overview = await readOverview(deps.records);
  return readEach(feeds, ({ name, feed }) => readOne(name, feed, overview, deps));
};

/** `feed` is as it is deployed; undefined where the deployment does not run it. */
export const readStatus = async (name: string, feed: Feed | undefined, deps: LookDeps): Promise<FeedStatus> =>
  readOne(name, feed, await readOverview(deps.records), deps);

const readOne = async (
  name: string,
  feed: Feed | undefined,
  overview: Overview,
  deps: LookDeps,
): Promise<FeedStatus> => {
  const { records } = deps;
  const [facts, paused, newest, lastSeal] = await Promise.all([
    readFacts(name, feed, overview, deps),
    readPaused(records, name),
    readNewestLoad(records, name),
    newestItem(deps, `batches/${name}/`),
  ]);
  const { parked, pending } = facts;
  const unloaded = new Set([...pending.batches, ...parked.all]);
  const needs = findStanding(facts, new Set(overview.told.get(name) ?? [])).map((one) => toNeed(name, one));
  const isInFlight = newest !== undefined && newest.settled === undefined;
  const inLoad = new Set(isInFlight ? newest.record.batches.map(({ batch }) => batch) : []);
  const last = newest && (await toLoadStatus(newest, deps));
  const failing = toFailing(facts);
  const hasUnread = await findUnread(feed, overview, deps);
  const hasRun = lastSeal !== undefined || facts.sealedMs !== undefined;
  return {
    ...{ feed: name, isDeployed: feed !== undefined, needs, failing, hasUnread },
    lands: landsOf(name, feed),
    state:
      needs[0]?.need ??
      (facts.isPaused ? 'paused' : undefined) ??
      (failing || hasUnread ? 'retrying' : undefined) ??
      (hasRun || (await hasPlan(name, deps)) ? 'ok' : 'never ran'),
    pausedAt: paused?.pausedAt,
    isPausedByFile: feed?.paused === true,
    rowsAsOf: await readRowsAsOf(name, unloaded, deps),
    rejectsOfDay: await readRejectsOfDay(name, unloaded, deps),
    lastSeal: lastSeal && { batch: batchOf(lastSeal.key) ?? '', at: toIso(lastSeal.lastModifiedMs) },
    lastLoad: isInFlight ? undefined : last,
    pending: pending.batches.filter((batch) => !inLoad.has(batch)).length,
    loading: isInFlight ? last : undefined,
    parked: {
      batches: parked.batches,
      oldest: parked.oldest && toFailed(parked.oldest),
      superseded: parked.all.length - parked.batches.length,
    },
    backfills: await readOpenBackfills(name, feed, deps),
    rebuild: await readOpenRebuild(name, feed, deps),
  };
};

/** Where a feed's files land; undefined for a feed that asks its source. */
export const landsOf = (name: string, feed: Feed | undefined): string | undefined => {
  if (feed?.source.kind !== 's3') return undefined;
  const { bucket, prefix = '' } = feed.source;
  return bucket === undefined ? `landing/${name}/` : `s3://${bucket}/${prefix}`;
};

/** The mark says that there may be some; a trigger may have read them since. */
const findUnread = async (feed: Feed | undefined, { marks }: Overview, deps: LookDeps): Promise<boolean> => {
  if (feed?.source.kind !== 's3' || marks.get(feed.feed)?.includes(UNREAD) !== true) return false;
  const search = { isAsked: () => true, most: { lost: 1, versions: MOST_LOOKED_AT } };
  const looking = { ...deps, signal: NEVER };
  return (await findLostLanded(feed.feed, feed.source, search, looking)).lost.length > 0;
};

/** Versions of landed files that are looked at for one that is not read: 100 LISTs. */
const MOST_LOOKED_AT = 100_000;
const NEVER = new AbortController().signal;

const hasPlan = async (feed: string, { records }: LookDeps): Promise<boolean> =>
  (await records.list(`plans/${feed}/`, '/')).folders.length > 0;

const toNeed = (feed: string, { need, finding }: Standing): FeedNeed => {
  const subject = { feed, ...finding };
  const ways = need.ways(subject);
  const [command, ...others] = commandsFor(subject, ways);
  return {
    need: need.word,
    since: toIso(finding.sinceMs),
    batch: finding.batch,
    error: finding.error,
    cause: finding.cause,
    command,
    commands: [command, ...others],
    ways,
    heading: need.heading,
  };
};

const toFailed = ({ atMs, ...trouble }: Trouble): Failed => ({ ...trouble, at: toIso(atMs) });

const toFailing = ({ failures, loadFailures }: Facts): Failing | undefined => {
  const all = [...failures, ...loadFailures].toSorted((a, b) => a.atMs - b.atMs);
  const [first, newest] = [all[0], all.at(-1)];
  if (first === undefined || newest === undefined) return undefined;
  return { ...toFailed(newest), since: toIso(first.atMs), times: all.length };
};

/** Whether it needs a person. */
export const needsPerson = ({ needs }: Pick<FeedStatus, 'needs'>): boolean => needs.length > 0;

const toLoadStatus = async ({ name, key, record, settled }: Load, deps: LookDeps): Promise<LoadStatus> => ({
  load: key,
  batches: record.batches.length,
  plannedAt: record.plannedAt,
  tries: (await readNewestSubmission(deps.records, name))?.number ?? 0,
  outcome: settled?.outcome ?? 'in flight',
});

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
