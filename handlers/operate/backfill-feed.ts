import { InvalidInput } from '../../shared/errors.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { type Backfill, toBackfill } from '../../shared/state/backfill.ts';
import { toKey } from '../../shared/state/keys.ts';
import { EVENT } from '../../shared/state/messages.ts';
import { backfillRecord } from '../../shared/state/operate-records.ts';
import { compileTimeFormat } from '../../shared/values/time-format.ts';
import { endBackfill } from '../end-backfill.ts';
import { readBackfillProgress } from '../extract/backfill-progress.ts';
import { putRecord, readRecord } from '../records.ts';
import { backfillLanded } from '../sweep/backfill-landed.ts';
import { toFirstLink } from '../sweep/continue-backfills.ts';
import { findAskedAgain } from './asked-range.ts';
import { toRequest } from './backfill-request.ts';
import type { ChangeDeps } from './operate-deps.ts';
import { whyNoRange } from './range-rules.ts';

/** A range again, beside the live feed. */

export interface BackfillDeps extends ChangeDeps {
  /** Of the deployment's own. */
  readonly bucket: string;
  readonly signal: AbortSignal;
}

export interface AskedRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly partition?: string | undefined;
  /** Tells this request from others of the same range; the same text is the same request. @default '' */
  readonly again?: string;
  /** `again` was made up for this question: where one like it is not read yet, it is that. @default false */
  readonly isNew?: boolean;
}

/** `done`: the same was asked for before, and all of it is sealed. `running`: it was, and is not. */
export interface Backfilled {
  readonly backfill: Backfill;
  readonly outcome: 'asked' | 'running' | 'done';
  /** Of a feed of landed files, how many are read. */
  readonly objects?: number;
}

/** Asks for a range of a feed. The same question is one request, however often it is asked. Throws InvalidInput where a range would give wrong rows. */
export const backfillFeed = async (
  feed: Feed,
  asked: AskedRange,
  deps: BackfillDeps,
): Promise<Backfilled> => {
  const { records, invocation, clock } = deps;
  refuseRange(feed, asked, clock.now());
  const question = await toQuestion(feed, asked, deps);
  const name = { feed: feed.feed, request: question.request };
  const done = await readRecord(records, toKey({ kind: 'backfilled', ...name }), backfillRecord);
  if (done !== undefined && done.cancelledAt === undefined)
    return { backfill: toBackfill(done), outcome: 'done' };
  // A cancelled one goes on where it stopped: files that were read since it was asked for first count.
  const since = done?.asked ?? new Date(clock.now()).toISOString();
  const record = { feed: feed.feed, ...question, asked: since, invocation };
  const standing = await putRecord(records, toKey({ kind: 'backfill', ...name }), record, backfillRecord);
  if (done !== undefined) await records.remove(toKey({ kind: 'backfilled', ...name }));
  const backfill = toBackfill(standing);
  const outcome = standing.invocation === invocation ? 'asked' : 'running';
  if (feed.source.kind === 's3') {
    const objects = await backfillLanded(feed.feed, feed.source, backfill, deps);
    if (objects === 0) await endBackfill(feed.feed, backfill, invocation, records);
    return { backfill, outcome: objects === 0 ? 'done' : outcome, objects };
  }
  // A seal that died right behind its last stretch has not said so.
  if ((await readBackfillProgress(feed.feed, backfill, records)).nextMs >= Date.parse(backfill.to)) {
    await endBackfill(feed.feed, backfill, invocation, records);
    return { backfill, outcome: 'done' };
  }
  await deps.events.put(EVENT.continue, toFirstLink(feed.feed, backfill));
  return { backfill, outcome };
};

/** Throws InvalidInput where a range of a feed would give wrong rows, or none. */
export const refuseRange = (feed: Feed, asked: AskedRange, nowMs: number): void => {
  refuseMixing(feed, asked);
  refuseRevival(feed, asked, nowMs);
  if (asked.toMs > nowMs)
    throw new InvalidInput(
      `the range ends at ${new Date(asked.toMs).toISOString()}, allowed up to now: what comes later is read by the feed's schedule`,
    );
  toBounds(feed, asked);
};

/** Bounds are cut down to the unit that the source sees, as those of windows are. */
const toBounds = (feed: Feed, { fromMs, toMs }: AskedRange): Pick<Backfill, 'from' | 'to'> => {
  const unitMs = feed.window === undefined ? 1 : compileTimeFormat(feed.window.format).unitMs;
  const floor = (ms: number): string => new Date(Math.floor(ms / unitMs) * unitMs).toISOString();
  const [from, to] = [floor(fromMs), floor(toMs)];
  if (from >= to)
    throw new InvalidInput(`the range from ${from} to ${to} is empty, allowed a from before the to`);
  return { from, to };
};

const toQuestion = async (
  feed: Feed,
  asked: AskedRange,
  { records }: ChangeDeps,
): Promise<Omit<Backfill, 'asked'>> => {
  const { partition, again = '', isNew = false } = asked;
  const range = { ...toBounds(feed, asked), ...(partition === undefined ? {} : { partition }) };
  // Who types a command again that was killed means what it had asked for.
  const open = isNew ? await findAskedAgain(feed.feed, range, records) : undefined;
  return { request: open ?? toRequest(feed.feed, range, again), ...range };
};

/** Tombstones stay so long beside their table: rows that were deleted before that would come back. */
const TOMBSTONES_MS = 30 * 24 * 3_600_000;

const refuseRevival = ({ feed, source, contract }: Feed, { fromMs }: AskedRange, nowMs: number): void => {
  const hasDeletes = contract.tables.some(({ deletes }) => deletes !== undefined);
  if (source.kind !== 's3' || !hasDeletes || nowMs - fromMs <= TOMBSTONES_MS) return;
  throw new InvalidInput(
    `feed ${feed} has deletes, and what was deleted is known for 30 days: files that landed before ${new Date(nowMs - TOMBSTONES_MS).toISOString()} would bring rows back`,
  );
};

const refuseMixing = (
  { feed, source, window, partitions, listing, contract }: Feed,
  asked: AskedRange,
): void => {
  if (source.kind === 'http' && window === undefined)
    throw InvalidInput.withNext(
      `feed ${feed} has no window, so that each run reads all that the source has`,
      `npx millrace trigger ${feed}`,
    );
  if (source.kind === 's3' && asked.partition !== undefined)
    throw new InvalidInput(`feed ${feed} reads landed files, which have no partitions`);
  const names = partitions.map(({ name }) => name);
  if (asked.partition !== undefined && listing === undefined && !names.includes(asked.partition))
    throw new InvalidInput(
      `feed ${feed} has no partition ${JSON.stringify(asked.partition)}, allowed ${names.map((name) => JSON.stringify(name)).join(' ') || 'none'}`,
    );
  const isBefore = window !== undefined && asked.toMs <= window.startMs;
  const why = whyNoRange(contract, source.kind === 's3', isBefore);
  if (why !== undefined) throw new InvalidInput(why);
};
