import { RebuildLost, WarehouseRefused } from '../../shared/errors.ts';
import type { Contract } from '../../shared/model/contract.ts';
import { rebuiltContract, swappedContract } from '../../shared/model/rebuilt.ts';
import { prepareLedgerMutex } from '../../shared/sql/isolation.ts';
import { inLedgerQuery } from '../../shared/sql/ledger-query.ts';
import { grantStatements } from '../../shared/sql/prepare/grants.ts';
import { missingTargets } from '../../shared/sql/prepare-statements.ts';
import type { PrepareWarehouseOutput } from '../../shared/state/messages.ts';
import type { BatchRecord, LoadRecord } from '../../shared/state/records.ts';
import type { Warehouse } from '../ports/warehouse.ts';
import { type Admitting, askAdmitted } from './admitting.ts';
import { isRefusal } from './load-errors.ts';
import { needsLedgerLock } from './needs-ledger-lock.ts';
import { readFound } from './read-found.ts';
import { type RestoreDeps, restoreLost } from './restore-lost.ts';
import { runForReaders } from './run-for-readers.ts';

export interface PrepareSwapDeps extends Admitting, RestoreDeps {
  readonly warehouse: Warehouse;
  readonly database: string;
}

/**
 * Makes the warehouse ready for the end of a rebuild: its transaction gives names away and takes names, so that both tables of each pair
 * have to be there. A swap that the ledger has is over: whoever asks again, for an end that nobody heard of, does nothing. Throws RebuildLost.
 */
export const prepareSwap = async (
  { contract, batches: [swap] }: Pick<LoadRecord, 'contract' | 'batches'>,
  deps: PrepareSwapDeps,
): Promise<PrepareWarehouseOutput> => {
  const { warehouse, database, signal } = deps;
  const live = swappedContract(contract);
  const beside = rebuiltContract(live, contract.swaps?.request ?? '');
  if (await isSwapped(live.feed, swap, deps)) return { statements: 0, isSwapped: true };
  let ran = 0;
  const run = async (sql: string): Promise<void> => {
    await warehouse.execute(sql, signal);
    ran += 1;
  };
  for (const made of [live, beside])
    for (const sql of missingTargets(made, await readFound(made, warehouse, signal))) await run(sql);
  await expectRead(beside, deps);
  const locksLedger = await needsLedgerLock(warehouse, database, signal);
  if (locksLedger) for (const sql of prepareLedgerMutex()) await run(sql);
  const warnings = await runForReaders(grantStatements(beside), run);
  return {
    statements: ran,
    ...(locksLedger ? { locksLedger } : {}),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
};

/** A warehouse without a ledger has no swap either. */
const isSwapped = (
  feed: string,
  swap: LoadRecord['batches'][number] | undefined,
  deps: PrepareSwapDeps,
): Promise<boolean> =>
  askAdmitted(async (mayRefuse) => {
    if (swap === undefined) return false;
    try {
      const rows = await deps.warehouse.execute(inLedgerQuery(feed, [swap.batch]), deps.signal);
      return rows.some(([, seal]) => seal === swap.seal);
    } catch (error) {
      if (mayRefuse && isRefusal(error)) return false;
      throw error;
    }
  }, deps);

/** Tables that were made anew just now are empty: they take no names before they have the rows of the rebuild again. */
const expectRead = async ({ feed, hash }: Contract, deps: PrepareSwapDeps): Promise<void> => {
  const { found, gone, warnings } = await restoreLost(feed, deps);
  const isRead = ({ contract }: BatchRecord): boolean => contract.hash === hash;
  if (gone.some(isRead)) throw new WarehouseRefused(`the rebuild cannot end: ${warnings.join('; ')}`);
  if (found.some(isRead))
    throw new RebuildLost(`the rebuild ends once they are loaded: ${warnings.join('; ')}`);
};
