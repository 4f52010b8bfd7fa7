import type { Feed } from '../../shared/model/feed.ts';
import { STATEMENT_TIMEOUT_MS } from '../../shared/sql/load-statements.ts';
import { toStatementName, toThread } from '../../shared/state/load-name.ts';
import { EVENT } from '../../shared/state/messages.ts';
import { type Load, newestLoads, readLoad, readNewestSubmission } from '../load/load-records.ts';
import { PLAN_PATIENCE_MS } from '../load/plan-load.ts';
import { pausedReason } from '../paused.ts';
import type { SweepDeps } from './sweep-deps.ts';

/** Two at most are ever unsettled, planned to both sides of midnight; the others are looked at for good measure. */
const LOADS_TO_LOOK_AT = 3;

/** Time that a completion event gets to arrive by itself: "a minute or longer", says S3 of its own. */
const EVENT_PATIENCE_MS = 3 * 60_000;

/** The warehouse ends a statement itself at its timeout; what is still running then is cancelled. */
const CANCEL_AFTER_MS = STATEMENT_TIMEOUT_MS + 10 * 60_000;

interface Settling {
  loadsStarted: number;
  settled: number;
  cancelled: number;
}

/**
 * Takes up a feed's loads that nobody submitted, settled or ended, and starts one where work waits and none is in flight. Of a paused feed
 * what the warehouse has is settled, and nothing is started. `definition` is as it is deployed, undefined where the deployment does not run it.
 */
export const settleLoads = async (
  feed: string,
  definition: Feed | undefined,
  deps: SweepDeps,
): Promise<Settling> => {
  const total: Settling = { loadsStarted: 0, settled: 0, cancelled: 0 };
  const unsettled = await readUnsettled(feed, deps);
  for (const load of unsettled) {
    const did = await settleLoad(load, definition, deps);
    if (did !== undefined) total[did] += 1;
  }
  const isWaiting = unsettled.length === 0 && (await deps.records.list(`pending/${feed}/`)).keys.length > 0;
  if (isWaiting && (await pausedReason(deps.records, feed, definition)) === undefined) {
    await deps.events.put(EVENT.loadNext, { feed });
    total.loadsStarted += 1;
  }
  return total;
};

const readUnsettled = async (feed: string, { records }: SweepDeps): Promise<readonly Load[]> => {
  const unsettled: Load[] = [];
  let looked = 0;
  for await (const key of newestLoads(records, feed)) {
    const load = await readLoad(records, key);
    if (load.settled === undefined) unsettled.push(load);
    looked += 1;
    if (looked === LOADS_TO_LOOK_AT) break;
  }
  return unsettled;
};

const settleLoad = async (
  load: Load,
  definition: Feed | undefined,
  { records, warehouse, events, clock, statementPrefix }: SweepDeps,
): Promise<keyof Settling | undefined> => {
  const ageOf = (iso: string): number => clock.now() - Date.parse(iso);
  const submission = await readNewestSubmission(records, load.name);
  if (submission === undefined) {
    if (ageOf(load.record.plannedAt) <= PLAN_PATIENCE_MS) return undefined;
    if ((await pausedReason(records, load.record.feed, definition)) !== undefined) return undefined;
    await events.put(EVENT.loadNext, { feed: load.record.feed });
    return 'loadsStarted';
  }
  const age = ageOf(submission.submittedAt);
  if (age <= EVENT_PATIENCE_MS) return undefined;
  const state = await warehouse.describe(submission.statementId);
  if (state?.status === 'running') {
    if (age <= CANCEL_AFTER_MS) return undefined;
    await warehouse.cancel(submission.statementId);
    return 'cancelled';
  }
  const thread = toThread(load.name, submission.number);
  const statementName = toStatementName({ prefix: statementPrefix, thread });
  await events.put(EVENT.settle, { statementId: submission.statementId, statementName });
  return 'settled';
};
