import { inLedgerQuery } from '../../shared/sql/ledger-query.ts';
import { parseKeyIfOurs, toKey } from '../../shared/state/keys.ts';
import { type BatchRecord, batchRecord, type LoadRecord, pendingRecord } from '../../shared/state/records.ts';
import { putDayMark } from '../attention/marks.ts';
import { newestKeys } from '../newest-keys.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Warehouse } from '../ports/warehouse.ts';
import { readEach } from '../read-each.ts';
import { putRecord, readKnownRecord } from '../records.ts';
import { newestLoads, readLoad } from './load-records.ts';
import { isEmpty } from './plan-load.ts';

/**
 * What a warehouse lost that was restored from an older snapshot, replaced or emptied. S3 knows what was loaded, and the ledger, which is
 * written with the rows, what of it the warehouse holds: one question a load tells whether they agree.
 */

/** The one in flight when the warehouse was restored is in its ledger; those before it are not. */
const LOADS_TO_COMPARE = 3;

/** Loads that are looked at for them: others were parked or taken apart. */
const MOST_LOADS = 20;

/** Batches that are looked at, the newest first: a read each, 32 at once, and a LIST for each that is lost. PrepareWarehouse has 4 minutes. */
export const MOST_BATCHES = 5_000;

/** Names of one statement: some 40 bytes each of the 100 KB that it may have. */
const MAX_ASKED = 1_000;

const MOST_NAMED = 5;

export interface RestoreDeps {
  readonly records: RecordStore;
  readonly warehouse: Pick<Warehouse, 'execute'>;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** This invocation, named in the records. */
  readonly invocation: string;
}

/** What the warehouse lacked. */
export interface Restored {
  /** They are pending again. */
  readonly found: readonly BatchRecord[];
  /** They have no part files any more. */
  readonly gone: readonly BatchRecord[];
  /** For people. */
  readonly warnings: readonly string[];
}

type Named = LoadRecord['batches'][number];

interface Sealed extends Named {
  readonly record: BatchRecord;
}

/**
 * Makes a feed's batches pending again that were loaded and are not in the ledger, as far as their part files stand; says so, and what is lost.
 * Loading one again that is there after all changes nothing. The newest loads' own batches come last: who dies before that finds the loss again.
 */
export const restoreLost = async (feed: string, deps: RestoreDeps): Promise<Restored> => {
  const newest = await readNewestBatches(feed, deps.records);
  if ((await findLost(feed, newest, deps)).length === 0) return { found: [], gone: [], warnings: [] };

  const { sealed, isAll } = await readSealed(feed, deps);
  const lost = await findLost(feed, sealed, deps);
  const standing = await readEach(lost, ({ record }) => hasFiles(record, deps.records));
  const found = lost.filter((_, n) => standing[n] === true);
  const gone = lost.filter((_, n) => standing[n] !== true);
  const isNewest = ({ key }: Sealed): boolean => newest.some((one) => one.key === key);
  for (const one of [...found.filter((one) => !isNewest(one)), ...found.filter(isNewest)]) {
    deps.signal.throwIfAborted();
    await makePending(one, deps);
  }
  const [first] = gone;
  if (first !== undefined)
    await putDayMark(feed, 'lost', { batch: first.batch, message: toLostText(feed, gone) }, deps);
  const recordsOf = (lost: readonly Sealed[]) => lost.map(({ record }) => record);
  return { found: recordsOf(found), gone: recordsOf(gone), warnings: tell(feed, { found, gone, isAll }) };
};

/** Whether the warehouse lacks a batch of the feed's newest loads: one question, and none of a feed without a load. */
export const lacksLoaded = async (
  feed: string,
  deps: Pick<RestoreDeps, 'records' | 'warehouse' | 'signal'>,
): Promise<boolean> => (await findLost(feed, await readNewestBatches(feed, deps.records), deps)).length > 0;

/** The batches of the newest loads that S3 says are loaded. */
const readNewestBatches = async (feed: string, records: RecordStore): Promise<readonly Named[]> => {
  const batches: Named[] = [];
  let [looked, compared] = [0, 0];
  for await (const key of newestLoads(records, feed)) {
    const { settled, record } = await readLoad(records, key);
    looked += 1;
    if (settled?.outcome === 'loaded') {
      batches.push(...record.batches);
      compared += 1;
    }
    if (compared === LOADS_TO_COMPARE || looked === MOST_LOADS) break;
  }
  const waits = await readWaiting(feed, records);
  return batches.filter(({ batch }) => !waits(batch));
};

/** Batches that wait for a load or a person have no place in the ledger. */
const readWaiting = async (feed: string, records: RecordStore): Promise<(batch: string) => boolean> => {
  const { keys: pending } = await records.list(`pending/${feed}/`);
  const { keys: parked } = await records.list(`parked/${feed}/`);
  const waiting = new Set([...pending, ...parked]);
  return (batch) =>
    waiting.has(toKey({ kind: 'pending', feed, batch })) ||
    waiting.has(toKey({ kind: 'parked', feed, batch }));
};

/**
 * The feed's sealed batches that no load is due for, the newest first. What is pending is listed before the ledger is asked: a batch that a load in flight
 * takes off it meanwhile is in the ledger by then.
 */
const readSealed = async (
  feed: string,
  { records }: RestoreDeps,
): Promise<{ readonly sealed: readonly Sealed[]; readonly isAll: boolean }> => {
  const waits = await readWaiting(feed, records);
  const keys: string[] = [];
  let isAll = true;
  for await (const key of newestKeys(records, `batches/${feed}/`)) {
    const name = parseKeyIfOurs(key);
    if (name?.kind !== 'batch' || waits(name.batch)) continue;
    isAll = keys.length < MOST_BATCHES;
    if (!isAll) break;
    keys.push(key);
  }
  const batches = await readEach(keys, async (key) => {
    const record = await readKnownRecord(records, key, batchRecord);
    return { key, batch: record.batch, seal: record.seal, record };
  });
  // Empty ones never were in a load.
  return { sealed: batches.filter(({ record }) => !isEmpty(record)), isAll };
};

const findLost = async <Batch extends Named>(
  feed: string,
  sealed: readonly Batch[],
  { warehouse, signal }: Pick<RestoreDeps, 'warehouse' | 'signal'>,
): Promise<readonly Batch[]> => {
  const has = new Set<string>();
  for (let at = 0; at < sealed.length; at += MAX_ASKED) {
    const names = sealed.slice(at, at + MAX_ASKED).map(({ batch }) => batch);
    for (const row of await warehouse.execute(inLedgerQuery(feed, names), signal)) has.add(row.join(' '));
  }
  return sealed.filter(({ batch, seal }) => !has.has(`${batch} ${seal}`));
};

const hasFiles = async ({ feed, batch, tables }: BatchRecord, records: RecordStore): Promise<boolean> => {
  const standing = new Set((await records.list(`staged/${feed}/${batch}/`)).keys);
  return Object.values(tables).every(({ parts }) =>
    parts.every(({ key, rows }) => rows === 0 || standing.has(key)),
  );
};

const makePending = async (
  { key, record: { feed, batch } }: Sealed,
  { records, invocation }: RestoreDeps,
): Promise<void> => {
  await putRecord(records, toKey({ kind: 'pending', feed, batch }), { invocation, key }, pendingRecord);
};

const tell = (
  feed: string,
  {
    found,
    gone,
    isAll,
  }: { readonly found: readonly Sealed[]; readonly gone: readonly Sealed[]; readonly isAll: boolean },
): readonly string[] => [
  `the warehouse lacks ${found.length + gone.length} batches of ${feed} that were loaded: it was restored, replaced or emptied; ${found.length} are pending again`,
  ...(gone.length === 0 ? [] : [toLostText(feed, gone)]),
  ...(isAll ? [] : [`only the newest ${MOST_BATCHES} batches of ${feed} were looked at`]),
];

const toLostText = (feed: string, gone: readonly Sealed[]): string => {
  const named = gone.slice(0, MOST_NAMED).map(({ batch }) => batch);
  const names = `${named.join(' ')}${gone.length > MOST_NAMED ? ' …' : ''}`;
  return `the warehouse lacks ${gone.length === 1 ? 'a batch' : `${gone.length} batches`} of ${feed} whose part files are gone, since they are removed 30 days after their load: ${names}; read the range of each again`;
};
