import { type BatchWork, type FeedPlans, listPlans, readWork } from '../../../handlers/operate/list-work.ts';
import { type LoadStory, loadsSince } from '../../../handlers/operate/loads-of.ts';
import type { LookDeps } from '../../../handlers/operate/operate-deps.ts';
import { type Lane, toStatementLanes } from '../trace/lanes.ts';
import type { ReadTraces } from '../trace/waterfall.ts';
import { type Amounts, addAmounts } from './prices.ts';
import { compareWithHourly, type FeedStatement, shareWakeUps } from './share-wake-ups.ts';
import { sideBySide } from './side-by-side.ts';
import { toTraceAmounts } from './trace-amounts.ts';

/** Reads what feeds used since a time: from their records, and from the traces that these name. */

/** What is read of a deployment. */
export interface UseDeps extends LookDeps {
  readonly readTraces: ReadTraces;
}

export interface Asked {
  /** All that the deployment knows: a wake-up may be of several. */
  readonly feeds: readonly string[];
  /** Those that are told of. */
  readonly chosen: readonly string[];
  readonly sinceMs: number;
  readonly nowMs: number;
  /** Capacity of the warehouse in RPU; undefined where it is not billed by these, or not known. */
  readonly rpu: number | undefined;
  /** Called before each feed is read. */
  readonly begin?: (feed: string) => void;
}

/** What one feed used. */
export interface FeedUse {
  readonly feed: string;
  /** Since when it is told of: the time that was asked for, or the feed's first plan after it. */
  readonly fromMs: number;
  readonly batches: number;
  readonly rows: number;
  readonly loads: number;
  readonly wakeUps: number;
  readonly amounts: Amounts;
  /** What of it is not known, as sentences. */
  readonly missing: readonly string[];
}

const MONTH_MS = 30 * 24 * 60 * 60_000;
export const toMonths = (ms: number): number => ms / MONTH_MS;

/** What CloudWatch bills a deployment for, whatever runs (docs/deploy.md, Alarms); a feed adds the metric of its freshness. */
export const MONITORING = { metrics: 10, alarmMetrics: 25, dashboards: 1 } as const;

export interface Use {
  /** Of the feeds that were chosen and did something. */
  readonly feeds: readonly FeedUse[];
  /** Of all feeds together. */
  readonly warehouse: ReturnType<typeof compareWithHourly>;
}

export const collectUse = async (asked: Asked, deps: UseDeps): Promise<Use> => {
  const listed = await sideBySide(asked.feeds, FEEDS, (feed) => listFeed(feed, asked, deps));
  const ran: Ran[] = [];
  for (const one of listed.flat()) {
    asked.begin?.(one.feed);
    const ids = one.stories.flatMap(({ traceIds }) => traceIds);
    ran.push({ ...one, traced: await readTraced(ids, deps.readTraces) });
  }
  const statements = ran.flatMap(toStatements);
  const shares = shareWakeUps(statements);
  const uses: FeedUse[] = [];
  for (const one of ran.filter(({ feed }) => asked.chosen.includes(feed))) {
    asked.begin?.(one.feed);
    const work = await readWork(one.plans, deps.records);
    const extracts = await readTraced(
      work.flatMap(({ traceIds }) => traceIds),
      deps.readTraces,
    );
    const share = shares.get(one.feed) ?? { wakeUps: 0, billedSeconds: 0 };
    uses.push(toUse({ ...one, ...share, work, extracts }, ran.length, asked));
  }
  return { feeds: uses, warehouse: compareWithHourly(statements) };
};

/** A feed that did something. */
interface Listed {
  readonly feed: string;
  readonly plans: FeedPlans;
  readonly stories: readonly LoadStory[];
}

interface Ran extends Listed {
  /** The traces of its loads. */
  readonly traced: Traced;
}

/** What each trace says, by its id; one that is not kept is absent. */
type Traced = ReadonlyMap<string, { readonly amounts: Amounts; readonly statements: readonly Lane[] }>;

/** Feeds that are read side by side: the loads of one are read one after the other. */
const FEEDS = 8;

const listFeed = async (
  feed: string,
  { sinceMs, begin }: Asked,
  deps: UseDeps,
): Promise<readonly Listed[]> => {
  begin?.(feed);
  const plans = await listPlans(feed, sinceMs, deps);
  const stories: LoadStory[] = [];
  for await (const story of loadsSince(feed, sinceMs, deps)) stories.push(story);
  return plans.batches.size > 0 || stories.length > 0 ? [{ feed, plans, stories }] : [];
};

/** Traces of one read, and reads side by side: X-Ray answers for five traces a call, and throttles. */
const [MOST_READ, READS] = [20, 4];

const readTraced = async (ids: readonly string[], read: ReadTraces): Promise<Traced> => {
  const traced = new Map<string, { amounts: Amounts; statements: readonly Lane[] }>();
  const all = [...new Set(ids)];
  const reads = Array.from({ length: Math.ceil(all.length / MOST_READ) }, (_, n) =>
    all.slice(n * MOST_READ, (n + 1) * MOST_READ),
  );
  await sideBySide(reads, READS, async (some) => {
    for (const documents of await read(some)) {
      const id = documents[0]?.trace_id;
      if (id === undefined) continue;
      traced.set(id, { amounts: toTraceAmounts(documents), statements: toStatementLanes(documents) });
    }
  });
  return traced;
};

/** Between the warehouse's clock and the function's. */
const CLOCKS_DIFFER_MS = 5_000;

/**
 * The statements of a feed's loads: as the warehouse timed them, where a trace of that is kept. Else the last try of a load counts from its submission
 * until it was settled, and any other one as a moment.
 */
const toStatements = ({ feed, stories, traced }: Ran): readonly FeedStatement[] =>
  stories.flatMap(({ tries, settledAt, traceIds }) => {
    const timed = traceIds.flatMap((id) => traced.get(id)?.statements ?? []);
    return tries.map(({ at }, index) => {
      const submittedMs = Date.parse(at);
      const own = timed.find(({ startMs }) => Math.abs(startMs - submittedMs) < CLOCKS_DIFFER_MS);
      if (own !== undefined) return { feed, createdMs: own.startMs, updatedMs: own.endMs };
      const endMs =
        index === tries.length - 1 && settledAt !== undefined ? Date.parse(settledAt) : submittedMs;
      return { feed, createdMs: submittedMs, updatedMs: Math.max(submittedMs, endMs) };
    });
  });

interface Told extends Ran {
  readonly wakeUps: number;
  readonly billedSeconds: number;
  readonly work: readonly BatchWork[];
  readonly extracts: Traced;
}

const GIB = 2 ** 30;

const toUse = (told: Told, feedsThatRan: number, { sinceMs, nowMs, rpu = 0 }: Asked): FeedUse => {
  const { feed, plans, stories, work, wakeUps } = told;
  const fromMs = Math.max(sinceMs, plans.firstMs ?? sinceMs);
  const months = toMonths(nowMs - fromMs);
  const stagedBytes = work.reduce((sum, one) => sum + one.stagedBytes, 0);
  const traced = new Map([...told.extracts, ...told.traced]);
  return {
    ...{ feed, fromMs, wakeUps, batches: work.length, loads: stories.length },
    rows: work.reduce((sum, { rows }) => sum + rows, 0),
    amounts: addAmounts(
      ...[...traced.values()].map(({ amounts }) => amounts),
      {
        rpuHours: (told.billedSeconds * rpu) / 3600,
        // The sweep removes part files 30 days after they are loaded.
        storageGbMonths: stagedBytes / GIB,
      },
      {
        metricMonths: months * (1 + MONITORING.metrics / feedsThatRan),
        alarmMonths: (months * MONITORING.alarmMetrics) / feedsThatRan,
        dashboardMonths: (months * MONITORING.dashboards) / feedsThatRan,
      },
    ),
    missing: toMissing([...work, ...stories], traced),
  };
};

const toMissing = (
  all: readonly { readonly traceIds: readonly string[] }[],
  traced: Traced,
): readonly string[] => {
  const named = new Set(all.flatMap(({ traceIds }) => traceIds));
  const lost = [...named].filter((id) => !traced.has(id)).length;
  const nameless = all.filter(({ traceIds }) => traceIds.length === 0).length;
  return [
    ...(lost === 0 ? [] : [`the traces of ${lost} of ${named.size} executions are not kept: ${OF_TRACES}`]),
    ...(nameless === 0 ? [] : [`${nameless} of ${all.length} batches and loads name no trace: ${OF_TRACES}`]),
  ];
};

const OF_TRACES = 'what they used of Lambda, Step Functions, S3, logs and X-Ray is left out';
