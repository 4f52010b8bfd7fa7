import type { Facts, Trouble } from '../../shared/attention/facts.ts';
import { InvalidInput, RecordTooNew } from '../../shared/errors.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { markRecord } from '../../shared/state/attention-records.ts';
import { parseKeyIfOurs, toKey } from '../../shared/state/keys.ts';
import { readRecordText } from '../../shared/state/record-text.ts';
import { parkedRecord } from '../../shared/state/records.ts';
import { newestDays } from '../newest-keys.ts';
import { findSuperseded, mayBeSuperseded } from '../operate/superseded.ts';
import type { Clock } from '../ports/clock.ts';
import type { ObjectInventory } from '../ports/object-inventory.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { putRecord } from '../records.ts';
import { readDayMark, readMark } from './marks.ts';
import { readFailures } from './read-failures.ts';
import type { Overview } from './read-overview.ts';

export interface FactsDeps {
  readonly records: RecordStore;
  readonly inventory: ObjectInventory;
  readonly clock: Clock;
  /** This invocation, named in records. */
  readonly invocation: string;
}

/** Reads what records say of one feed: six LISTs and a GET where all is in order, and more of a day with more than a thousand batches. */
export const readFacts = async (feed: Feed, overview: Overview, deps: FactsDeps): Promise<Facts> => {
  const { feed: name } = feed;
  const nowMs = deps.clock.now();
  const marks = overview.marks.get(name) ?? [];
  const pending = await readPending(name, deps);
  const sealedMs = await readSealedMs(feed, overview, deps);
  const parked = await readParked(feed, overview, deps);
  const context = {
    records: deps.records,
    nowMs,
    sealedMs,
    pending: new Set(pending.batches),
    parked: new Set(overview.parked.get(name) ?? []),
    hasSchedule: feed.source.kind === 'http',
  };
  const failed = overview.failed.has(name)
    ? await readFailures(name, context)
    : { failures: [], loadFailures: [] };
  return {
    feed: name,
    nowMs,
    isPaused: overview.paused.has(name),
    staleAfterMs: feed.alerts?.staleAfterMs,
    loadEveryMs: feed.load?.everyMs ?? 0,
    seenMs: (await see(name, marks, deps)) ?? nowMs,
    sealedMs,
    pending: { count: pending.batches.length, oldestMs: pending.oldestMs },
    parked,
    ...failed,
    rejects: await readDayMark(name, 'rejects', marks, deps),
    lost: await readDayMark(name, 'lost', marks, deps),
  };
};

const readPending = async (feed: string, { inventory }: FactsDeps) => {
  const batches: string[] = [];
  let oldestMs: number | undefined;
  for await (const { key, lastModifiedMs } of inventory.list(`pending/${feed}/`)) {
    batches.push(key.slice(`pending/${feed}/`.length));
    oldestMs = Math.min(oldestMs ?? lastModifiedMs, lastModifiedMs);
  }
  return { batches, oldestMs };
};

/** When the newest batch of the feed's own rhythm was sealed, or found to be the one before it: backfills and comparisons bring nothing new. */
const readSealedMs = async (
  { feed }: Feed,
  overview: Overview,
  deps: FactsDeps,
): Promise<number | undefined> => {
  const sealed = await newestOf(`batches/${feed}/`, deps);
  const unchanged = overview.unchanged.has(feed) ? await newestOf(`unchanged/${feed}/`, deps) : undefined;
  const times = [sealed, unchanged].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.max(...times);
};

/** The last time of the newest day: within a day names of landed files are in no order of time. */
const newestOf = async (prefix: string, { records, inventory }: FactsDeps): Promise<number | undefined> => {
  for await (const day of newestDays(records, prefix)) {
    let newest: number | undefined;
    for await (const item of inventory.list(day))
      if (isOwn(item.key)) newest = Math.max(newest ?? 0, item.lastModifiedMs);
    if (newest !== undefined) return newest;
  }
  return undefined;
};

const isOwn = (key: string): boolean => {
  const name = parseKeyIfOurs(key);
  return (name?.kind === 'batch' || name?.kind === 'unchanged') && /^[wsf]-/.test(name.batch);
};

/** Those that a newer batch has taken the place of need nobody; it is found once, and marked. */
const readParked = async (feed: Feed, overview: Overview, deps: FactsDeps): Promise<Facts['parked']> => {
  const marks = new Set(overview.marks.get(feed.feed) ?? []);
  const markOf = (batch: string): string => `superseded-${batch}`;
  const open = (overview.parked.get(feed.feed) ?? []).filter((batch) => !marks.has(markOf(batch)));
  const superseded = open.some(mayBeSuperseded) ? await findSuperseded(deps, feed, open) : new Map();
  for (const [batch, { what }] of superseded) {
    const key = toKey({ kind: 'mark', feed: feed.feed, mark: markOf(batch) });
    const at = new Date(deps.clock.now()).toISOString();
    await putRecord(deps.records, key, { invocation: deps.invocation, at, batch, message: what }, markRecord);
  }
  const left = open.filter((batch) => !superseded.has(batch));
  const [first] = left;
  if (first === undefined) return { count: 0, first: undefined };
  return { count: left.length, first: await readTrouble(feed.feed, first, deps) };
};

const readTrouble = async (
  feed: string,
  batch: string,
  { records, clock }: FactsDeps,
): Promise<Trouble | undefined> => {
  const key = toKey({ kind: 'parked', feed, batch });
  const text = await records.read(key);
  if (text === undefined) return undefined;
  try {
    const { state, error, message, parkedAt } = readRecordText(key, text, parkedRecord);
    return { atMs: Date.parse(parkedAt), batch, state, error, message };
  } catch (error) {
    // A record by hand, or of a newer release: the batch is parked all the same.
    if (!(error instanceof InvalidInput || error instanceof RecordTooNew)) throw error;
    return { atMs: clock.now(), batch, state: '', error: error.name, message: error.message };
  }
};

const SEEN = 'seen';

/** When a sweep first saw the feed; this may be the one. */
const see = async (
  feed: string,
  marks: readonly string[],
  { records, clock, invocation }: FactsDeps,
): Promise<number | undefined> => {
  if (!marks.includes(SEEN)) {
    const key = toKey({ kind: 'mark', feed, mark: SEEN });
    const at = new Date(clock.now()).toISOString();
    await putRecord(records, key, { invocation, at, message: 'a sweep saw the feed' }, markRecord);
  }
  return (await readMark(feed, SEEN, records))?.atMs;
};
