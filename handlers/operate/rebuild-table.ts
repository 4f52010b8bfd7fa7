import { createHash } from 'node:crypto';
import { InvalidInput } from '../../shared/errors.ts';
import { targetTables } from '../../shared/model/contract.ts';
import type { Feed, FeedsFile } from '../../shared/model/feed.ts';
import { oldOf, swapContract } from '../../shared/model/rebuilt.ts';
import { loadStatements } from '../../shared/sql/load-statements.ts';
import { columnsOf, type Found } from '../../shared/sql/prepare/found.ts';
import { planPreparation } from '../../shared/sql/prepare-statements.ts';
import { quoteTable } from '../../shared/sql/quote.ts';
import { toKey, toStamp } from '../../shared/state/keys.ts';
import { type RebuildRecord, rebuildRecord } from '../../shared/state/operate-records.ts';
import { readFound } from '../load/read-found.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { advanceRebuild } from '../rebuild/advance.ts';
import { findStart, readReach } from '../rebuild/reach.ts';
import { listRebuilt, readRebuild } from '../rebuild/standing.ts';
import { putRecord } from '../records.ts';
import { findLeftColumns } from './left-columns.ts';
import type { ChangeDeps } from './operate-deps.ts';
import {
  isWholeByRun,
  type LimitDeps,
  refuseGone,
  refuseOthers,
  refuseUnreadable,
} from './rebuild-limits.ts';
import { estimateRead } from './rebuild-time.ts';

/** The tables of a feed anew, beside those that are there, until they take their place. */

export interface RebuildDeps extends ChangeDeps, Omit<LimitDeps, 'records' | 'inventory'> {}

/** What a rebuild would do. */
export interface RebuildPlan {
  readonly feed: Feed;
  /** As it stands, or as it would be asked for. */
  readonly rebuild: RebuildRecord;
  /** It is under way already, by the feed as it is deployed. */
  readonly isRunning: boolean;
  /** The newest that is over, by the feed as it is deployed: its tables are as this one would make them. */
  readonly before: RebuildRecord | undefined;
  /** One that was asked for by another contract, and is given up. */
  readonly given: RebuildRecord | undefined;
  /** All tables of the feed, since a batch has rows of all: rows of now, where these stay, and columns that the feed does not have. */
  readonly tables: readonly {
    readonly table: string;
    readonly rows: number;
    readonly old: string;
    readonly lost: readonly string[];
  }[];
  readonly from: string;
  readonly to: string;
  /** Versions of landed files that are read again. */
  readonly objects: number | undefined;
  /** How long the source is asked, where that can be told. */
  readonly readMs: number | undefined;
}

/** The deployed feed that has a table; undefined where none has. */
export const findFeedOf = (table: string, feeds: FeedsFile): Feed | undefined =>
  Object.values(feeds).find(({ contract }) =>
    targetTables(contract).some((one) => one.table.toLowerCase() === table.toLowerCase()),
  );

/** Works out what a rebuild of a feed's tables does. Throws InvalidInput where it would have less than the tables, with what to do. */
export const planRebuild = async (
  feed: Feed,
  table: string,
  feeds: FeedsFile,
  deps: RebuildDeps,
): Promise<RebuildPlan> => {
  const { records, clock, invocation, signal, warehouse } = deps;
  const found = await readFound(feed.contract, warehouse, signal);
  refuseNeedless(feed, table, found);
  refuseUnreadable(feed);
  await refuseOthers(feed, Object.values(feeds), found, deps);
  await refuseGone(feed, deps);
  const nowMs = await findFreeTime(feed, clock.now(), records);
  const standing = await readRebuild(feed.feed, records);
  const isRunning = standing !== undefined && standing.contract === feed.contract.hash;
  const fresh: RebuildRecord = {
    ...{ feed: feed.feed, table, contract: feed.contract.hash, invocation },
    request: toRequest(feed, nowMs, invocation),
    asked: new Date(nowMs).toISOString(),
    from: new Date(await findStart(feed, nowMs, records)).toISOString(),
  };
  const rebuild = isRunning ? standing : fresh;
  checkSwap(feed, rebuild);
  const reach = await readReach(feed, rebuild, records);
  return {
    ...{ feed, rebuild, isRunning, given: isRunning ? undefined : standing },
    before: (await listRebuilt(feed, records)).at(-1),
    tables: await readTables(feed, found, deps),
    ...{ from: rebuild.from, to: new Date(reach.toMs).toISOString(), objects: reach.objects },
    readMs: await estimateRead(feed, reach.toMs - Date.parse(rebuild.from), deps),
  };
};

/** Landed objects that are read again have the time of asking in their batches' names: one that no batch has yet. */
const findFreeTime = async ({ feed }: Feed, nowMs: number, records: RecordStore): Promise<number> => {
  const { keys } = await records.list(`batches/${feed}/`);
  let freeMs = nowMs;
  while (keys.some((key) => key.endsWith(`-${toStamp(freeMs)}.json`))) freeMs += 1;
  return freeMs;
};

const toRequest = ({ feed, contract }: Feed, nowMs: number, invocation: string): string =>
  createHash('sha256')
    .update(['rebuild', feed, contract.hash, nowMs, invocation].join('\0'))
    .digest('hex')
    .slice(0, 12);

const refuseNeedless = (feed: Feed, table: string, found: Found): void => {
  const stands = targetTables(feed.contract).some(
    ({ schema, name }) => columnsOf(found.columns, schema, name).size > 0,
  );
  if (!stands)
    throw toNextRun(
      feed,
      `table ${table} is not in the warehouse, and the next run of ${feed.feed} makes it`,
    );
  if (isWholeByRun(feed) && planPreparation(feed.contract, found).refusals.length === 0)
    throw toNextRun(feed, `each run of ${feed.feed} replaces all rows of ${table}, which needs no rebuild`);
};

/** What a run of the feed does, and how one is had. */
const toNextRun = ({ feed, source }: Feed, message: string): InvalidInput =>
  source.kind === 's3'
    ? new InvalidInput(`${message}: land a file for ${feed}`)
    : InvalidInput.withNext(message, `npx millrace trigger ${feed}`);

/** Its transaction has a bound as any load has. Throws InvalidInput. */
const checkSwap = ({ feed, contract }: Feed, { request, asked }: RebuildRecord): void => {
  const swaps = swapContract(contract, request);
  const batch = { batch: 'b', seal: 's', observed: asked, rows: {}, rejected: 0 };
  loadStatements({ feed, load: 'rebuild', contract: swaps, batches: [batch], manifests: {}, copyRole: '' });
};

const readTables = async (
  { contract }: Feed,
  found: Found,
  { warehouse, signal }: RebuildDeps,
): Promise<RebuildPlan['tables']> => {
  const tables: RebuildPlan['tables'][number][] = [];
  for (const table of targetTables(contract)) {
    const stands = columnsOf(found.columns, table.schema, table.name).size > 0;
    const [row] = stands ? await warehouse.execute(`SELECT COUNT(*) FROM ${quoteTable(table)}`, signal) : [];
    tables.push({
      ...{ table: table.table, rows: Number(row?.[0] ?? 0), old: oldOf(table).table },
      lost: findLeftColumns(table, found).left,
    });
  }
  return tables;
};

/** Begins what was planned, or goes on with it. */
export const startRebuild = async (plan: RebuildPlan, deps: RebuildDeps): Promise<RebuildRecord> => {
  const { feed, given } = plan;
  const key = toKey({ kind: 'rebuild', feed: feed.feed });
  if (given !== undefined) await deps.records.remove(key);
  const rebuild = await putRecord(deps.records, key, plan.rebuild, rebuildRecord);
  await advanceRebuild(feed, rebuild, deps);
  return rebuild;
};

/** Gives one up: the feed goes on with the tables that are there. Gives what it was, where there was one. */
export const giveUpRebuild = async (
  feed: string,
  { records }: Pick<RebuildDeps, 'records'>,
): Promise<RebuildRecord | undefined> => {
  const standing = await readRebuild(feed, records);
  if (standing !== undefined) await records.remove(toKey({ kind: 'rebuild', feed }));
  return standing;
};
