import { parseKeyIfOurs, toKey } from '../../shared/state/keys.ts';
import {
  batchRecord,
  type LoadRecord,
  loadRecord,
  type PlanRecord,
  parkedRecord,
  planRecord,
  settledRecord,
  stepRecord,
  submissionRecord,
} from '../../shared/state/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readEach } from '../read-each.ts';
import { readRecord } from '../records.ts';

/** What a batch's records say of its executions: their traces, and the words that its log lines have. */
export interface BatchTraces {
  readonly feed: string;
  readonly batch: string;
  /** Ids of the traces by the machine, in the order in which the records tell of them; none where nothing was traced. */
  readonly traces: Readonly<Record<'Extract' | 'Load' | 'SettleLoad', readonly string[]>>;
  /** Of its chain of executions, and of its loads. */
  readonly correlations: readonly string[];
  readonly state: 'being read' | 'sealed' | 'loaded' | 'parked';
}

/** The feeds that have planned a batch of this name. */
export const findFeedsOf = async (batch: string, records: RecordStore): Promise<readonly string[]> => {
  const feeds = (await records.list('plans/', '/')).folders.map((folder) => folder.split('/')[1] ?? '');
  const planned = await readEach(feeds, async (feed) => (await readPlans(feed, batch, records)).length > 0);
  return feeds.filter((_, i) => planned[i]);
};

/** Finds the traces of a batch; undefined where no plan of it is kept. */
export const findBatchTraces = async (
  feed: string,
  batch: string,
  records: RecordStore,
): Promise<BatchTraces | undefined> => {
  const plans = await readPlans(feed, batch, records);
  const [plan] = plans;
  if (plan === undefined) return undefined;
  const key = toKey({ kind: 'batch', feed, date: plan.date, batch });
  const sealed = await readRecord(records, key, batchRecord);
  const loads = sealed === undefined ? [] : await findLoads(plan, records);
  const parked = await readRecord(records, toKey({ kind: 'parked', feed, batch }), parkedRecord);
  const steps = await readSteps(feed, batch, records);
  const ofExtract = [...plans, ...steps, ...(sealed === undefined ? [parked, sealed] : [sealed])];
  const isLoaded = loads.some(({ outcome }) => outcome === 'loaded');
  return {
    feed,
    batch,
    traces: {
      Extract: idsOf(ofExtract),
      Load: idsOf(loads.flatMap(({ begun }) => begun)),
      SettleLoad: idsOf(loads.map(({ settled }) => settled)),
    },
    correlations: [
      ...(sealed === undefined ? [] : [sealed.correlation]),
      ...loads.map(({ key: load }) => load.replace(/\.json$/, '')),
    ],
    state:
      parked !== undefined ? 'parked' : isLoaded ? 'loaded' : sealed === undefined ? 'being read' : 'sealed',
  };
};

/** Days between two batches that are compared. */
const DAY_MS = 24 * 60 * 60_000;

/** The batch of the feed whose time is nearest to a day before this one's, of half a day at most beside it; undefined where there is none. */
export const findDayBefore = async (
  { feed, batch }: Pick<BatchTraces, 'feed' | 'batch'>,
  records: RecordStore,
): Promise<string | undefined> => {
  const [plan] = await readPlans(feed, batch, records);
  if (plan === undefined) return undefined;
  const wantedMs = timeOf(plan) - DAY_MS;
  const days = [-1, 0, 1].map((add) => toDay(wantedMs + add * DAY_MS));
  const listed = await Promise.all(days.map((day) => records.list(`batches/${feed}/${day}/`)));
  const names = listed
    .flatMap(({ keys }) => keys.map(parseKeyIfOurs))
    .flatMap((key) => (key?.kind === 'batch' && key.batch !== batch ? key.batch : []));
  const alike = names.filter((name) => name.slice(0, 2) === batch.slice(0, 2)).slice(-MOST_COMPARED);
  const distances = await readEach(alike, async (name) => {
    const [other] = await readPlans(feed, name, records);
    return { name, ms: other === undefined ? Number.POSITIVE_INFINITY : Math.abs(timeOf(other) - wantedMs) };
  });
  const near = distances.filter(({ ms }) => ms <= DAY_MS / 2).sort((a, b) => a.ms - b.ms);
  return near[0]?.name;
};

/** Batches of three days that are looked at, a quarter-hourly feed's. */
const MOST_COMPARED = 300;

/** What a batch is for: its window's end; of a landed object when it came. */
const timeOf = ({ window, observed }: PlanRecord): number => Date.parse(window?.to ?? observed);

const toDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10).replaceAll('-', '/');

const readPlans = async (
  feed: string,
  batch: string,
  records: RecordStore,
): Promise<readonly PlanRecord[]> => {
  const { keys } = await records.list(`plans/${feed}/${batch}/`);
  const plans = await readEach(keys, (key) => readRecord(records, key, planRecord));
  return plans.filter((plan) => plan !== undefined);
};

const readSteps = async (feed: string, batch: string, records: RecordStore) => {
  const { keys } = await records.list(`slices/${feed}/${batch}/`);
  const ofSteps = keys.filter((key) => parseKeyIfOurs(key)?.kind === 'step');
  return readEach(ofSteps, (key) => readRecord(records, key, stepRecord));
};

interface LoadOfBatch {
  readonly key: string;
  readonly begun: readonly ({ readonly traceId?: string | undefined } | undefined)[];
  readonly settled: { readonly traceId?: string | undefined } | undefined;
  readonly outcome: string | undefined;
}

/** The loads that took the batch, the oldest first: several where it was taken apart from others, or tried again after it was parked. */
const findLoads = async (
  { feed, batch, observed }: PlanRecord,
  records: RecordStore,
): Promise<readonly LoadOfBatch[]> => {
  const from = observed.slice(0, 10).replaceAll('-', '/');
  const { keys } = await records.list(`loads/${feed}/`);
  const since = keys.filter((key) => {
    const name = parseKeyIfOurs(key);
    return name?.kind === 'load' && name.date >= from;
  });
  const loads = await readEach(since, async (key) => ({
    key,
    record: await readRecord(records, key, loadRecord),
  }));
  const taking = loads.filter(({ record }) => record?.batches.some((one) => one.batch === batch));
  return readEach(taking, ({ key, record }) => readLoadOf(key, record, keys, records));
};

const readLoadOf = async (
  key: string,
  record: LoadRecord | undefined,
  keys: readonly string[],
  records: RecordStore,
): Promise<LoadOfBatch> => {
  const folder = key.replace(/\.json$/, '/');
  const own = keys.filter((one) => one.startsWith(folder));
  const submissions = await readEach(
    own.filter((one) => parseKeyIfOurs(one)?.kind === 'submission'),
    (one) => readRecord(records, one, submissionRecord),
  );
  const end = own.find((one) => parseKeyIfOurs(one)?.kind === 'settled');
  const settled = end === undefined ? undefined : await readRecord(records, end, settledRecord);
  return { key, begun: [record, ...submissions], settled, outcome: settled?.outcome };
};

const idsOf = (
  records: readonly ({ readonly traceId?: string | undefined } | undefined)[],
): readonly string[] => [...new Set(records.flatMap((record) => record?.traceId ?? []))];
