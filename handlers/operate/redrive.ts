import { toAskingCommand } from '../../shared/attention/asking.ts';
import { SliceStuck } from '../../shared/errors.ts';
import type { Feed, FeedsFile } from '../../shared/model/feed.ts';
import { isOfRange } from '../../shared/state/backfill.ts';
import { isComparison, parseKeyIfOurs, stepsPrefix, toKey } from '../../shared/state/keys.ts';
import { EVENT } from '../../shared/state/messages.ts';
import {
  type BatchRecord,
  batchRecord,
  type ParkedRecord,
  type PlanRecord,
  parkedRecord,
  pendingRecord,
  planRecord,
} from '../../shared/state/records.ts';
import { stagedBytes } from '../../shared/state/staged-bytes.ts';
import { readOverview } from '../attention/read-overview.ts';
import { readParked } from '../attention/read-parked.ts';
import { planNameOf } from '../extract/plan-name.ts';
import { readNewestLoad } from '../load/load-records.ts';
import { readEach } from '../read-each.ts';
import { isSwap, readRebuild } from '../rebuild/standing.ts';
import { putRecord, readKnownRecord, readRecord } from '../records.ts';
import { readAskedRange, readCancelled } from './asked-range.ts';
import { toAsking } from './backfill-request.ts';
import { toContinueDetail } from './extract-again.ts';
import type { ChangeDeps, LookDeps } from './operate-deps.ts';
import { listSkipped } from './skip-batch.ts';

/** Parked batches again: a sealed one is loaded, any other is extracted. */

export interface RedriveDeps extends ChangeDeps {
  /** As they are deployed; undefined where that is not known. */
  readonly feeds: FeedsFile | undefined;
}

/** `left`: nothing was done, and `why` says what to do instead. `gone`: another command has taken it up since it was listed. */
export interface Redriven {
  readonly batch: string;
  readonly outcome: 'load' | 'extract' | 'left' | 'gone';
  /** What it was parked for, or why it was left. */
  readonly why: string;
  /** What to type instead, without the words that say which deployment is meant. */
  readonly next?: string;
}

/** The parked batches of a feed. */
export interface ParkedBatches {
  /** Those that a person has to look at, as `status` tells them. */
  readonly open: readonly string[];
  /** Those in whose place a newer batch is loaded: what they have would change nothing. */
  readonly superseded: readonly string[];
  /** Those that a person leaves for good. */
  readonly skipped: readonly string[];
}

/** `definition` is as it is deployed; undefined where the deployment does not run it: then nothing is known to be superseded. */
export const listParked = async (
  feed: string,
  definition: Feed | undefined,
  deps: LookDeps,
): Promise<ParkedBatches> => {
  const overview = await readOverview(deps.records);
  const { all, batches: open } = await readParked(feed, definition, overview, deps);
  const skipped = [...(await listSkipped(feed, deps))];
  return { open, superseded: all.filter((batch) => !open.includes(batch)), skipped };
};

/** Takes parked batches up again. One that is not parked any more is left. */
export const redrive = async (
  feed: string,
  batches: readonly string[],
  deps: RedriveDeps,
): Promise<readonly Redriven[]> => {
  const done: Redriven[] = [];
  for (const batch of batches) done.push(await redriveOne(feed, batch, deps));
  if (done.some(({ outcome }) => outcome === 'load')) await deps.events.put(EVENT.loadNext, { feed });
  return done;
};

const redriveOne = async (feed: string, batch: string, deps: RedriveDeps): Promise<Redriven> => {
  const left = (why: string): Redriven => ({ batch, outcome: 'left', why });
  const parked = await readRecord(deps.records, toKey({ kind: 'parked', feed, batch }), parkedRecord);
  if (parked === undefined) return { batch, outcome: 'gone', why: 'another command has taken it up' };
  if (isSwap(batch)) return swapAgain(parked, deps);
  const plans = await readPlans(feed, batch, deps);
  const [plan] = plans;
  if (plan !== undefined && isOver(plan, await readRebuild(feed, deps.records)))
    return left('its rebuild is over or given up, and nothing of it is read or loaded any more');
  if (plan === undefined) return left(`it has no plan under plans/${feed}/${batch}/`);
  const seal = await readSeal(plan, deps);
  return seal === undefined ? extractAgain(plans, parked, deps) : loadAgain(seal, parked, deps);
};

const readPlans = async (
  feed: string,
  batch: string,
  { records }: ChangeDeps,
): Promise<readonly PlanRecord[]> => {
  const { keys } = await records.list(`plans/${feed}/${batch}/`);
  return readEach(keys, (key) => readKnownRecord(records, key, planRecord));
};

interface Seal {
  readonly key: string;
  readonly record: BatchRecord;
}

/** A batch's seal lies under its plans' date. */
const readSeal = async (plan: PlanRecord, { records }: ChangeDeps): Promise<Seal | undefined> => {
  const { feed, date, batch } = plan;
  const key = toKey({ kind: 'batch', feed, date, batch });
  const record = await readRecord(records, key, batchRecord);
  return record === undefined ? undefined : { key, record };
};

/** It is pending again, as its seal made it; whatever the feed's cadence, it is due at once. */
const loadAgain = async (
  { key, record }: Seal,
  parked: ParkedRecord,
  deps: ChangeDeps,
): Promise<Redriven> => {
  const { records, invocation } = deps;
  const { feed, batch } = record;
  if (isComparison(batch)) {
    const why = 'it is a comparison of keys, and another one lists them anew';
    return { batch, outcome: 'left', why, next: `npx millrace trigger ${feed} --compare` };
  }
  const newest = await readNewestLoad(records, feed);
  const isInFlight =
    newest?.settled === undefined && newest?.record.batches.some((one) => one.batch === batch);
  if (isInFlight === true)
    return {
      batch,
      outcome: 'left',
      why: `${newest?.key} has it and is not settled yet: try again in a minute`,
    };
  const pending = toKey({ kind: 'pending', feed, batch });
  const put = () =>
    putRecord(records, pending, { invocation, key, bytes: stagedBytes(record) }, pendingRecord);
  // A load that is planned meanwhile takes a parked batch off what is pending: so it is put again behind the removal. Whenever this
  // command dies, the batch is parked, or pending, or both, and never neither.
  await put();
  await records.remove(toKey({ kind: 'parked', feed, batch }));
  await put();
  await records.remove(toKey({ kind: 'skipped', feed, batch }));
  return { batch, outcome: 'load', why: toWhy(parked) };
};

/** What was to end a rebuild that is under way is planned again once it is not parked. */
const swapAgain = async (parked: ParkedRecord, { records }: ChangeDeps): Promise<Redriven> => {
  const { feed, batch } = parked;
  if ((await readRebuild(feed, records)) === undefined)
    return { batch, outcome: 'left', why: 'its rebuild is over or given up' };
  await records.remove(toKey({ kind: 'parked', feed, batch }));
  await records.remove(toKey({ kind: 'skipped', feed, batch }));
  return { batch, outcome: 'load', why: toWhy(parked) };
};

/** Whether a plan is of a rebuild that is not under way. */
const isOver = (
  { batch, definition }: PlanRecord,
  rebuild: Awaited<ReturnType<typeof readRebuild>>,
): boolean =>
  definition.contract.tables.some(({ beside }) => beside !== undefined) &&
  (rebuild === undefined || !isOfRange(batch, rebuild));

const toWhy = ({ error, message }: ParkedRecord): string => `${error}: ${message.split('\n')[0]}`;

const extractAgain = async (
  plans: readonly PlanRecord[],
  parked: ParkedRecord,
  deps: RedriveDeps,
): Promise<Redriven> => {
  const { feed, batch } = parked;
  const left = (why: string): Redriven => ({ batch, outcome: 'left', why });
  if (deps.feeds !== undefined && !Object.hasOwn(deps.feeds, feed))
    return left('its feed is not deployed any more, and it was not sealed');
  const cancelled = await readCancelled(feed, batch, deps.records);
  if (cancelled !== undefined)
    return {
      ...left('its range was cancelled; to have it after all'),
      next: toAskingCommand(feed, toAsking(feed, cancelled)),
    };
  const [plan] = plans;
  const detail = plan && toContinueDetail(plan, await readAskedRange(plan, deps.records), deps.clock.now());
  if (detail === undefined) return left('no event extracts a batch of its kind again');
  if (parked.error === STUCK) for (const plan of plans) await forgetStalls(plan, deps);
  await deps.records.remove(toKey({ kind: 'parked', feed, batch }));
  await deps.records.remove(toKey({ kind: 'skipped', feed, batch }));
  await deps.events.put(EVENT.continue, detail);
  return { batch, outcome: 'extract', why: toWhy(parked) };
};

const STUCK = new SliceStuck('').name;

/** Else the first step that moves nothing would park the batch at once: what moved nothing before does not count, nor a copy that was of no use. */
const forgetStalls = async (plan: PlanRecord, { records }: ChangeDeps): Promise<void> => {
  const { keys } = await records.list(stepsPrefix(planNameOf(plan)));
  const stalls = keys.filter((key) => parseKeyIfOurs(key)?.kind === 'stall');
  const spooled = (await records.list(`spool/${plan.feed}/${plan.batch}/`)).keys;
  for (const key of [...stalls, ...spooled]) await records.remove(key);
};
