import { loadedBeforeQuery } from '../../shared/sql/ledger-query.ts';
import { isTurnOf } from '../../shared/state/sweep-turn.ts';
import { readEach } from '../read-each.ts';
import { oldStagedBatches, readSealed, type StagedBatch, waitingBatches } from './staged-batches.ts';
import type { SweepDeps } from './sweep-deps.ts';

/** What the ledger has is kept so long, to look at and to load again. */
const KEEP_LOADED_MS = 30 * 24 * 3_600_000;

/** Names of one statement: some 40 bytes each of the 100 KB that it may have. */
const MAX_ASKED = 1_000;

interface Sealed extends StagedBatch {
  readonly feed: string;
  readonly seal: string;
}

/**
 * Removes the staged files of batches that the ledger has had for 30 days. All feeds have one turn a day and one question, and none
 * where nothing is old: a query wakes a Serverless warehouse and is billed a minute then, which describing a statement is not
 * (https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-billing.html: nothing while no query runs). Batches that are
 * parked or pending are not asked for: they have no place in the ledger, and their files wait for a person or a load.
 */
export const removeLoaded = async (
  feeds: readonly string[],
  sweepNumber: number,
  deps: SweepDeps,
): Promise<number> => {
  if (!isTurnOf('loaded files', sweepNumber)) return 0;
  let removed = 0;
  let waiting: readonly Sealed[] = [];
  for (const feed of feeds) {
    waiting = [...waiting, ...(await findSealed(feed, deps))];
    for (; waiting.length >= MAX_ASKED; waiting = waiting.slice(MAX_ASKED))
      removed += await removeThose(waiting.slice(0, MAX_ASKED), deps);
  }
  return waiting.length === 0 ? removed : removed + (await removeThose(waiting, deps));
};

/** Asks for batches once, and removes the files of those that the ledger has. */
const removeThose = async (asked: readonly Sealed[], deps: SweepDeps): Promise<number> => {
  const before = new Date(deps.clock.now() - KEEP_LOADED_MS).toISOString();
  const byFeed = Map.groupBy(asked, ({ feed }) => feed);
  const names = new Map([...byFeed].map(([feed, some]) => [feed, some.map(({ batch }) => batch)]));
  const rows = await deps.warehouse.execute(loadedBeforeQuery(names, before), deps.signal);
  const loaded = new Set(rows.map((row) => row.join(' ')));
  let removed = 0;
  for (const { feed, batch, seal, keys } of asked) {
    if (!loaded.has(`${feed} ${batch} ${seal}`)) continue;
    deps.signal.throwIfAborted();
    await deps.inventory.remove(keys);
    removed += keys.length;
  }
  return removed;
};

/** Files are older than their load, so that younger ones need not be asked for. */
const findSealed = async (feed: string, deps: SweepDeps): Promise<readonly Sealed[]> => {
  const isWaiting = await waitingBatches(feed, deps.records);
  const old: StagedBatch[] = [];
  for await (const staged of oldStagedBatches(feed, KEEP_LOADED_MS, deps)) {
    if (!isWaiting(staged.batch)) old.push(staged);
  }
  const sealed = await readEach(old, async (staged): Promise<readonly Sealed[]> => {
    const record = await readSealed(feed, staged.batch, deps.records);
    return record === undefined ? [] : [{ ...staged, feed, seal: record.seal }];
  });
  return sealed.flat();
};
