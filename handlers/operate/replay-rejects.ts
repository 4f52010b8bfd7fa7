import { toAskingCommand } from '../../shared/attention/asking.ts';
import { landedAgain, toLook, type, type Way } from '../../shared/attention/remedies/remedy.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { isOfRange } from '../../shared/state/backfill.ts';
import { isComparison, toKey } from '../../shared/state/keys.ts';
import type { RebuildRecord } from '../../shared/state/operate-records.ts';
import { type BatchRecord, batchRecord } from '../../shared/state/records.ts';
import { listRebuilt, readStanding } from '../rebuild/standing.ts';
import { readRecord } from '../records.ts';
import { SECOND_MS } from './asked-range.ts';
import { type AskedRange, type BackfillDeps, backfillFeed } from './backfill-feed.ts';
import { chooseRejected, type RejectedBatch } from './rejected-batches.ts';
import { findSuperseded, supersederOf } from './superseded.ts';

/**
 * Rejected rows again, by a mapping that was mended. A reject has a row's place and reason, not the row: so what the batch was made of is read again, as a
 * batch of its own. What was loaded of it before is told by its key and changes only where the mapping gives other values.
 */

/** Batches of one command; a person looks at what comes of it before the rest. */
const MOST_REPLAYED = 200;

/** `left`: nothing was done, and `why` says what to do instead. `superseded`: nothing was done, and nothing is to be done. */
export interface Replayed {
  readonly batch: string;
  readonly rows: number;
  readonly outcome: 'asked' | 'running' | 'done' | 'left' | 'superseded';
  readonly why: string;
  /** What to do instead, where there is something. */
  readonly next?: Way;
}

/** Of one batch, or of the newest with rejects. Gives none where there are none. Throws InvalidInput as backfillFeed does. */
export const replayRejects = async (
  feed: Feed,
  only: string | undefined,
  deps: BackfillDeps,
): Promise<readonly Replayed[]> => {
  const replayed: Replayed[] = [];
  for await (const rejected of chooseRejected({ name: feed.feed, feed }, only, deps)) {
    deps.signal.throwIfAborted();
    if (rejected.rows === 0) continue;
    replayed.push(await replayOne(feed, rejected, deps));
    if (replayed.length === MOST_REPLAYED) break;
  }
  const left = replayed.filter(({ outcome }) => outcome === 'left').map(({ batch }) => batch);
  const superseded = await findSuperseded(deps, feed, left);
  return replayed.map((one) => (superseded.has(one.batch) ? toSuperseded(one) : one));
};

/** Parked or loaded, its rows count no more. */
const toSuperseded = ({ batch, rows }: Replayed): Replayed => ({
  ...{ batch, rows, outcome: 'superseded' },
  why: `${supersederOf(batch)} is loaded`,
});

const replayOne = async (
  feed: Feed,
  { batch, state, date, rows }: RejectedBatch,
  deps: BackfillDeps,
): Promise<Replayed> => {
  const left = (why: string, ...next: Way): Replayed => ({ batch, rows, outcome: 'left', why, next });
  if (state === 'parked')
    return left('it is parked, and its story says what to do', type(toLook({ feed: feed.feed, batch })));
  if (state !== 'sealed') return left('it is not sealed, and is read again by itself');
  const key = toKey({ kind: 'batch', feed: feed.feed, date, batch });
  const record = await readRecord(deps.records, key, batchRecord);
  const range = record && toRange(record);
  if (record === undefined || range === undefined)
    return isComparison(batch)
      ? left('another comparison lists the keys anew', type(`npx millrace trigger ${feed.feed} --compare`))
      : left('it was read whole, as the next run will be', type(`npx millrace trigger ${feed.feed}`));
  const rebuilds = await readRebuilds(feed, deps.records);
  const isOfNow = rebuilds.all.some((one) => isOfRange(batch, one));
  if (record.contract.hash === feed.contract.hash || isOfNow) return left(...toMended(feed, range));
  // What a rebuild reads need not be read twice.
  const { standing, all } = rebuilds;
  if (standing !== undefined)
    return { batch, rows, outcome: 'running', why: `by the rebuild of ${standing.table}` };
  const over = all.find(({ asked }) => record.observed <= asked);
  if (over !== undefined) return { batch, rows, outcome: 'done', why: `by the rebuild of ${over.table}` };
  const again = `replay ${batch} ${feed.contract.hash}`;
  const { outcome } = await backfillFeed(feed, { ...range, again }, deps);
  return { batch, rows, outcome, why: '' };
};

const SAME =
  'the deployed mapping is still that by which its rows were rejected: mend the feed and deploy it';

/** A range has the version of a landed file that was there: a mended one is landed. */
const toMended = ({ feed, source }: Feed, { fromMs, toMs }: AskedRange): readonly [string, ...Way] => {
  if (source.kind === 's3') return [`${SAME}; where the file is wrong`, ...landedAgain];
  const asking = { from: toText(fromMs), to: toText(toMs), isAgain: true };
  return [`${SAME}; where the source was mended`, type(toAskingCommand(feed, asking))];
};

/** The rebuilds by the mapping that is deployed: each reads all that was sealed by another one. */
const readRebuilds = async (
  feed: Feed,
  records: BackfillDeps['records'],
): Promise<{ readonly standing: RebuildRecord | undefined; readonly all: readonly RebuildRecord[] }> => {
  const standing = await readStanding(feed.feed, feed, records);
  const over = await listRebuilt(feed, records);
  return { standing, all: standing === undefined ? over : [standing, ...over] };
};

const toText = (ms: number): string => new Date(ms).toISOString();

/** What the batch was made of. */
const toRange = ({ window, object }: BatchRecord): AskedRange | undefined => {
  if (window !== undefined) return { fromMs: Date.parse(window.from), toMs: Date.parse(window.to) };
  if (object === undefined) return undefined;
  const fromMs = Date.parse(object.lastModified);
  return { fromMs, toMs: fromMs + SECOND_MS };
};
