import type { FeedsFile } from '../../shared/model/feed.ts';
import { dueUntil, isDue, MAX_LOAD_BYTES, type Waiting } from '../../shared/model/load-cadence.ts';
import { EVENT, type LoadTrigger } from '../../shared/state/messages.ts';
import { type PendingRecord, pendingRecord } from '../../shared/state/records.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readEach } from '../read-each.ts';
import { readRecord } from '../records.ts';

/** Which of a feed's pending batches are due, where the feed has a cadence. */

/** Pending records by their keys. */
type Pending = ReadonlyMap<string, PendingRecord>;

/** What waited of each feed when this process looked last. */
export type SeenPending = Map<string, Pending>;

export interface DueDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly feeds: FeedsFile;
  readonly pending: SeenPending;
}

export interface Due {
  readonly pending: Pending;
  /** Epoch milliseconds: what was sealed until then. */
  readonly untilMs: number;
  readonly hasSome: boolean;
  /** For people: until when the others wait. */
  readonly reason: string;
}

/** How many bytes of part files one load of a feed may have. */
export const maxBytesOf = (feed: string, feeds: FeedsFile): number =>
  feeds[feed]?.load?.maxBytes ?? MAX_LOAD_BYTES;

/**
 * What is due of a feed; undefined where it has no cadence, and so everything is. A seal costs one LIST, and a GET for each record
 * that this process has not seen: in a warm one that of the batch that was sealed.
 */
export const findDue = async (
  feed: string,
  trigger: LoadTrigger,
  deps: DueDeps,
): Promise<Due | undefined> => {
  const everyMs = deps.feeds[feed]?.load?.everyMs;
  if (everyMs === undefined) return undefined;
  const pending = (await readPending(feed, deps)) ?? new Map();
  const nowMs = deps.clock.now();
  const maxBytes = maxBytesOf(feed, deps.feeds);
  const waiting = [...pending.values()].map(toWaiting);
  const isSchedule = 'detail-type' in trigger && trigger['detail-type'] === EVENT.loadDue;
  const untilMs = dueUntil(everyMs, waiting, { nowMs, maxBytes, isSchedule });
  return {
    pending,
    untilMs,
    hasSome: waiting.some((one) => isDue(one, untilMs)),
    reason: toReason(waiting, new Date((Math.floor(nowMs / everyMs) + 1) * everyMs), maxBytes),
  };
};

/** What a pending record says of its batch. */
export const toWaiting = ({ at, bytes }: PendingRecord): Waiting => ({
  sealedMs: at === undefined ? undefined : Date.parse(at),
  bytes,
});

/** What waits of a feed; undefined where that is `enough` or more, and its records are not read. */
export const readPending = async (
  feed: string,
  { records, pending: seen }: DueDeps,
  enough = Number.POSITIVE_INFINITY,
): Promise<Pending | undefined> => {
  const before = seen.get(feed);
  const { keys } = await records.list(`pending/${feed}/`);
  if (keys.length >= enough) return undefined;
  const read = await readEach(keys, async (key): Promise<readonly (readonly [string, PendingRecord])[]> => {
    const record = before?.get(key) ?? (await readRecord(records, key, pendingRecord));
    return record === undefined ? [] : [[key, record]];
  });
  const pending = new Map(read.flat());
  seen.set(feed, pending);
  return pending;
};

const MIB = 1024 ** 2;
const toMiB = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`;

const toReason = (waiting: readonly Waiting[], next: Date, maxBytes: number): string => {
  if (waiting.length === 0) return 'nothing is pending';
  const bytes = waiting.reduce((sum, one) => sum + (one.bytes ?? 0), 0);
  const batches = `${waiting.length} ${waiting.length === 1 ? 'batch' : 'batches'}`;
  return `waits for ${next.toISOString().slice(0, 16)}Z: ${batches} of ${toMiB(bytes)} pending, maxBytes ${toMiB(maxBytes)}`;
};
