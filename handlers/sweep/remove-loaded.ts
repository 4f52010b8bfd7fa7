import { loadedBeforeQuery } from '../../shared/sql/ledger-query.ts';
import { toKey } from '../../shared/state/keys.ts';
import { isTurnOf } from '../../shared/state/sweep-turn.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { oldStagedBatches, readSealed, type StagedBatch } from './staged-batches.ts';
import type { SweepDeps } from './sweep-deps.ts';

/** What the ledger has is kept so long, to look at and to load again. */
const KEEP_LOADED_MS = 30 * 24 * 3_600_000;

/** Names of one statement: some 40 bytes each of the 100 KB that it may have. */
const MAX_ASKED = 1_000;

interface Sealed extends StagedBatch {
  readonly seal: string;
}

/**
 * Removes the staged files of batches that the ledger has had for 30 days. A feed has one turn a day and asks once for
 * all of its batches: each question may wake the warehouse, and is billed a minute then. Batches that are
 * parked or pending are not asked for: they have no place in the ledger, and their files wait for a person or a load.
 */
export const removeLoaded = async (feed: string, sweepNumber: number, deps: SweepDeps): Promise<number> => {
  if (!isTurnOf(feed, sweepNumber)) return 0;
  const sealed = await findSealed(feed, deps);
  const before = new Date(deps.clock.now() - KEEP_LOADED_MS).toISOString();
  let removed = 0;
  for (let i = 0; i < sealed.length; i += MAX_ASKED) {
    const asked = sealed.slice(i, i + MAX_ASKED);
    const query = loadedBeforeQuery(
      feed,
      asked.map(({ batch }) => batch),
      before,
    );
    const loaded = new Set((await deps.warehouse.execute(query, deps.signal)).map((row) => row.join(' ')));
    for (const { batch, seal, keys } of asked) {
      if (!loaded.has(`${batch} ${seal}`)) continue;
      deps.signal.throwIfAborted();
      await deps.inventory.remove(keys);
      removed += keys.length;
    }
  }
  return removed;
};

/** Files are older than their load, so that younger ones need not be asked for. */
const findSealed = async (feed: string, deps: SweepDeps): Promise<readonly Sealed[]> => {
  const isWaiting = await waitingBatches(feed, deps.records);
  const sealed: Sealed[] = [];
  for await (const staged of oldStagedBatches(feed, KEEP_LOADED_MS, deps)) {
    if (isWaiting(staged.batch)) continue;
    const record = await readSealed(feed, staged.batch, deps.records);
    if (record !== undefined) sealed.push({ ...staged, seal: record.seal });
  }
  return sealed;
};

const waitingBatches = async (feed: string, records: RecordStore) => {
  const parked = new Set((await records.list(`parked/${feed}/`)).keys);
  const pending = new Set((await records.list(`pending/${feed}/`)).keys);
  return (batch: string): boolean =>
    parked.has(toKey({ kind: 'parked', feed, batch })) ||
    pending.has(toKey({ kind: 'pending', feed, batch }));
};
