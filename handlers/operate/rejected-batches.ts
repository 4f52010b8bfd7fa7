import { parseKeyIfOurs, refusalsPrefix, stepsPrefix, toKey } from '../../shared/state/keys.ts';
import {
  type BatchRecord,
  batchRecord,
  type Part,
  type PlanRecord,
  parkedRecord,
  planRecord,
} from '../../shared/state/records.ts';
import { planNameOf } from '../extract/plan-name.ts';
import { readSteps } from '../extract/read-steps.ts';
import { parseStepNames } from '../extract/slice-position.ts';
import { newestKeys } from '../newest-keys.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readKnownRecord, readRecord } from '../records.ts';
import { readSealed } from '../sweep/staged-batches.ts';
import type { KnownFeed } from './list-feeds.ts';
import { type Objects, tellSuperseded } from './superseded.ts';

/** The batches of a feed that rejected rows, and where those are. */

/**
 * `sealed`: it is, or will be, loaded without these rows. `parked`: it is set aside for a person, and nothing of it is loaded. `refused`: it was unfit to seal, and is read again by the next
 * execution. `unfinished`: it is being read. `superseded`: parked, and nobody has to look at it, as what took its place is loaded.
 */
export type BatchState = 'sealed' | 'parked' | 'refused' | 'unfinished' | 'superseded';

export interface RejectedBatch {
  readonly batch: string;
  readonly state: BatchState;
  /** Folder of its record, `yyyy/mm/dd`: batches are told by it, the newest first. */
  readonly date: string;
  readonly rows: number;
  readonly parts: readonly Part[];
}

const isParked = async (records: RecordStore, feed: string, batch: string): Promise<boolean> =>
  (await readRecord(records, toKey({ kind: 'parked', feed, batch }), parkedRecord)) !== undefined;

/** Whatever parks a batch once it is sealed, its rejects do not. */
const ofSealed = ({ batch, rejects }: BatchRecord, date: string): RejectedBatch => ({
  batch,
  state: 'sealed',
  date,
  ...rejects,
});

/** What the steps of each slice's last restart rejected: those before it were read again. */
const ofPlan = async (plan: PlanRecord, records: RecordStore): Promise<RejectedBatch> => {
  const { feed, batch, date } = plan;
  const name = planNameOf(plan);
  const names = parseStepNames((await records.list(stepsPrefix(name))).keys);
  const last = new Map(names.map(({ slice, restart }) => [slice, restart]));
  const counted = names.filter(({ slice, restart }) => last.get(slice) === restart);
  const steps = await readSteps(records, counted);
  const wasRefused = (await records.list(refusalsPrefix(name))).keys.length > 0;
  return {
    batch,
    state: (await isParked(records, feed, batch)) ? 'parked' : wasRefused ? 'refused' : 'unfinished',
    date,
    rows: steps.reduce((sum, { step }) => sum + step.rejects.rows, 0),
    parts: steps.flatMap(({ step }) => step.rejects.parts),
  };
};

/**
 * One batch, whether or not it rejected anything; undefined where the feed has none of that name. Before it is sealed, a batch has a plan for each
 * definition of its feed: the one that rejected the most is told.
 */
export const findRejectedBatch = async (
  feed: string,
  batch: string,
  records: RecordStore,
): Promise<RejectedBatch | undefined> => {
  const sealed = await readSealed(feed, batch, records);
  let found: RejectedBatch | undefined;
  for (const key of (await records.list(`plans/${feed}/${batch}/`)).keys) {
    const plan = await readKnownRecord(records, key, planRecord);
    if (sealed !== undefined) return ofSealed(sealed, plan.date);
    const one = await ofPlan(plan, records);
    if (found === undefined || one.rows > found.rows) found = one;
  }
  return found;
};

/** Names of batches that may be unsealed: what is parked, and of windows, which are sealed in turn, all after the newest sealed. */
async function* unsealedNames(feed: string, records: RecordStore): AsyncGenerator<string> {
  for (const key of (await records.list(`parked/${feed}/`)).keys) {
    const name = parseKeyIfOurs(key);
    if (name?.kind === 'parked') yield name.batch;
  }
  const { folders } = await records.list(`plans/${feed}/`, '/');
  const names = folders.map((folder) => folder.split('/')[2] ?? '').filter((name) => /^[ws]-/.test(name));
  for (const name of names.toReversed()) {
    if ((await readSealed(feed, name, records)) !== undefined) return;
    yield name;
  }
}

const readUnsealed = async (feed: string, records: RecordStore): Promise<readonly RejectedBatch[]> => {
  const found = new Map<string, RejectedBatch>();
  for await (const batch of unsealedNames(feed, records)) {
    if (found.has(batch) || (await readSealed(feed, batch, records)) !== undefined) continue;
    const one = await findRejectedBatch(feed, batch, records);
    if (one !== undefined && one.rows > 0) found.set(batch, one);
  }
  return [...found.values()].sort((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0));
};

/** The batch of that name, whether or not it rejected anything; where none is named, all that rejected rows. */
export async function* chooseRejected(
  known: KnownFeed,
  batch: string | undefined,
  objects: Objects,
): AsyncGenerator<RejectedBatch> {
  if (batch === undefined) return yield* rejectedBatches(known, objects);
  const found = await findRejectedBatch(known.name, batch, objects.records);
  if (found !== undefined) yield* await tellSuperseded([found], known.feed, objects);
}

/**
 * The batches that rejected rows, by their day, the newest first, and of a day the unsealed before the others. The superseded come behind
 * all: however many they are, they keep none out of sight that still counts.
 */
async function* rejectedBatches(
  { name: feed, feed: definition }: KnownFeed,
  objects: Objects,
): AsyncGenerator<RejectedBatch> {
  const { records } = objects;
  const told = await tellSuperseded(await readUnsealed(feed, records), definition, objects);
  const unsealed = told.filter(({ state }) => state !== 'superseded');
  for await (const key of newestKeys(records, `batches/${feed}/`)) {
    const name = parseKeyIfOurs(key);
    if (name?.kind !== 'batch') continue;
    while (unsealed[0] !== undefined && unsealed[0].date >= name.date) yield* unsealed.splice(0, 1);
    const sealed = await readKnownRecord(records, key, batchRecord);
    if (sealed.rejects.rows > 0) yield ofSealed(sealed, name.date);
  }
  yield* unsealed;
  yield* told.filter(({ state }) => state === 'superseded');
}
