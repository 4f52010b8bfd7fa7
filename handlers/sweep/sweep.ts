import { TerminalError, TransientError } from '../../shared/errors.ts';
import type { FeedsFile } from '../../shared/model/feed.ts';
import type { SweepInput, SweepOutput } from '../../shared/state/sweep-messages.ts';
import { toSweepNumber } from '../../shared/state/sweep-turn.ts';
import { type Overview, readOverview } from '../attention/read-overview.ts';
import { forgetFeed, tellFeed } from '../attention/tell-feed.ts';
import { readEach } from '../read-each.ts';
import { continueBackfills } from './continue-backfills.ts';
import { continueLanded } from './continue-landed.ts';
import { continueRebuild } from './continue-rebuild.ts';
import { removeLanded } from './remove-landed.ts';
import { removeLoaded } from './remove-loaded.ts';
import { removeOldRecords } from './remove-old-records.ts';
import { removeOrphans } from './remove-orphans.ts';
import { removeSkipped } from './remove-skipped.ts';
import { removeSpooled } from './remove-spooled.ts';
import { settleLoads } from './settle-loads.ts';
import type { SweepDeps } from './sweep-deps.ts';
import { tellDeployed } from './tell-deployed.ts';

/** Parts in work at once: each waits for S3 nearly all of its time, and may read 32 records at once over the function's 50 sockets. */
const PARTS_AT_ONCE = 8;

/** What is swept apart from all else: of one feed, or of all. */
interface Part {
  readonly place: string;
  sweep(): Promise<Partial<SweepOutput>>;
}

interface Failure {
  readonly place: string;
  readonly error: Error;
}

/**
 * Starts again what no event ever settled, and removes what nothing names: nothing else depends on an event arriving.
 * Every part may run at any time, also beside itself: it looks at records, and asks for what any event may ask for.
 * A feed that fails keeps no other from its turn, and a slow one only what comes after its part; at the end all failures are thrown as one.
 */
export const sweep = async (
  { scheduledTime }: SweepInput,
  feeds: FeedsFile,
  deps: SweepDeps,
): Promise<SweepOutput> => {
  const sweepNumber = toSweepNumber(scheduledTime);
  const names = rotate(await feedsWithState(feeds, deps), sweepNumber);
  const failures: Failure[] = [];
  let total = NOTHING;
  const sweepPart = async (part: Part): Promise<void> => {
    // When the time is up the first part that is kept from its turn says so for all.
    if (failures.some(({ error }) => error === deps.signal.reason)) return;
    try {
      deps.signal.throwIfAborted();
      const swept = await part.sweep();
      total = plus(total, swept);
    } catch (error) {
      failures.push({ place: part.place, error: toError(error) });
    }
  };
  await readEach(partsOf(feeds, names, sweepNumber, deps), sweepPart, PARTS_AT_ONCE);
  if (failures.length > 0) throw toSweepError(failures);
  return total;
};

/** In the order that they are begun in. Loads first, of all feeds: they take a few calls each, and the rest may be as long as a bucket. */
const partsOf = (
  feeds: FeedsFile,
  names: readonly string[],
  sweepNumber: number,
  deps: SweepDeps,
): readonly Part[] => {
  const ofEach = (name: string, sweep: (feed: string) => Promise<Partial<SweepOutput>>): readonly Part[] =>
    names.map((feed) => ({ place: `${name} of ${feed}`, sweep: () => sweep(feed) }));
  return [
    {
      place: 'what is deployed',
      sweep: async () => {
        await tellDeployed({ feeds, warehouse: deps.target }, deps);
        return {};
      },
    },
    ...ofEach('loads', (feed) => settleLoads(feed, feeds[feed], deps)),
    ...attentionParts(feeds, names, deps),
    ...ofEach('landed objects', async (feed) => {
      const definition = feeds[feed];
      if (definition === undefined) return {};
      return { continued: await continueLanded(definition, sweepNumber, deps) };
    }),
    ...ofEach('backfills', async (feed) => {
      const definition = feeds[feed];
      return definition === undefined ? {} : { continued: await continueBackfills(definition, deps) };
    }),
    ...ofEach('rebuilds', async (feed) => {
      const definition = feeds[feed];
      return definition === undefined ? {} : { continued: await continueRebuild(definition, deps) };
    }),
    ...ofEach('orphans', async (feed) => ({ orphansRemoved: await removeOrphans(feed, sweepNumber, deps) })),
    ...ofEach('spooled pages', async (feed) => ({
      orphansRemoved: await removeSpooled(feed, sweepNumber, deps),
    })),
    ...ofEach('loaded objects', async (feed) => {
      const definition = feeds[feed];
      if (definition === undefined) return {};
      return { orphansRemoved: await removeLanded(definition, sweepNumber, deps) };
    }),
    ...ofEach('old records', async (feed) => ({
      orphansRemoved: await removeOldRecords(feed, sweepNumber, deps),
    })),
    ...ofEach('skipped batches', async (feed) => ({
      orphansRemoved: await removeSkipped(feed, sweepNumber, deps),
    })),
    {
      place: 'loaded files',
      sweep: async () => ({ orphansRemoved: await removeLoaded(names, sweepNumber, deps) }),
    },
  ];
};

/** What a person is told of each feed; lists that tell of all feeds are read once. */
const attentionParts = (feeds: FeedsFile, names: readonly string[], deps: SweepDeps): readonly Part[] => {
  let overview: Promise<Overview> | undefined;
  return names.map((name) => ({
    place: `state of ${name}`,
    sweep: async () => {
      overview ??= readOverview(deps.records);
      const feed = feeds[name];
      if (feed === undefined) await forgetFeed(name, await overview, deps);
      else await tellFeed(feed, await overview, deps);
      return {};
    },
  }));
};

/** Feeds of today's files, and feeds that are gone from them and left work behind. */
const feedsWithState = async (feeds: FeedsFile, { records }: SweepDeps): Promise<readonly string[]> => {
  const found = new Set(Object.keys(feeds));
  for (const prefix of ['loads/', 'pending/', 'staged/', 'spool/', 'failures/', 'attention/']) {
    const { folders } = await records.list(prefix, '/');
    for (const folder of folders) found.add(folder.slice(prefix.length, -1));
  }
  return [...found].sort();
};

/** Each sweep begins with another feed, so that one that takes all the time there is takes it from all in turn. */
const rotate = (feeds: readonly string[], sweepNumber: number): readonly string[] => {
  const start = feeds.length === 0 ? 0 : sweepNumber % feeds.length;
  return [...feeds.slice(start), ...feeds.slice(0, start)];
};

const NOTHING: SweepOutput = { continued: 0, loadsStarted: 0, settled: 0, cancelled: 0, orphansRemoved: 0 };

const plus = (total: SweepOutput, more: Partial<SweepOutput>): SweepOutput => ({
  continued: total.continued + (more.continued ?? 0),
  loadsStarted: total.loadsStarted + (more.loadsStarted ?? 0),
  settled: total.settled + (more.settled ?? 0),
  cancelled: total.cancelled + (more.cancelled ?? 0),
  orphansRemoved: total.orphansRemoved + (more.orphansRemoved ?? 0),
});

const toError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

/** One error for all: a retry may help as soon as it may help one of them, and repeats nothing that was done. */
const toSweepError = (failures: readonly Failure[]): Error => {
  const places = failures.map(({ place, error }) => `${place}: ${error.name}: ${error.message}`);
  const message = `${failures.length} part${failures.length === 1 ? '' : 's'} of the sweep failed: ${places.join('; ')}`;
  const options = { cause: failures[0]?.error };
  const isPassing = failures.some(({ error }) => error instanceof TransientError);
  return isPassing ? new TransientError(message, options) : new TerminalError(message, options);
};
