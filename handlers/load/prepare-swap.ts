import { rebuiltContract, swappedContract } from '../../shared/model/rebuilt.ts';
import { prepareLedgerMutex } from '../../shared/sql/isolation.ts';
import { inLedgerQuery } from '../../shared/sql/ledger-query.ts';
import { grantStatements } from '../../shared/sql/prepare/grants.ts';
import { missingTargets } from '../../shared/sql/prepare-statements.ts';
import type { PrepareWarehouseOutput } from '../../shared/state/messages.ts';
import type { LoadRecord } from '../../shared/state/records.ts';
import type { Warehouse } from '../ports/warehouse.ts';
import { isRefusal } from './load-errors.ts';
import { needsLedgerLock } from './needs-ledger-lock.ts';
import { readFound } from './read-found.ts';
import { runForReaders } from './run-for-readers.ts';

export interface PrepareSwapDeps {
  readonly warehouse: Warehouse;
  readonly database: string;
  readonly signal: AbortSignal;
}

/**
 * Makes the warehouse ready for the end of a rebuild: its transaction gives names away and takes names, so that both tables of each pair
 * have to be there. A swap that the ledger has is over: whoever asks again, for an end that nobody heard of, does nothing.
 */
export const prepareSwap = async (
  { contract, batches: [swap] }: Pick<LoadRecord, 'contract' | 'batches'>,
  { warehouse, database, signal }: PrepareSwapDeps,
): Promise<PrepareWarehouseOutput> => {
  const live = swappedContract(contract);
  const beside = rebuiltContract(live, contract.swaps?.request ?? '');
  if (await isSwapped(live.feed, swap, { warehouse, signal })) return { statements: 0, isSwapped: true };
  let ran = 0;
  const run = async (sql: string): Promise<void> => {
    await warehouse.execute(sql, signal);
    ran += 1;
  };
  for (const made of [live, beside])
    for (const sql of missingTargets(made, await readFound(made, warehouse, signal))) await run(sql);
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
const isSwapped = async (
  feed: string,
  swap: LoadRecord['batches'][number] | undefined,
  { warehouse, signal }: Pick<PrepareSwapDeps, 'warehouse' | 'signal'>,
): Promise<boolean> => {
  if (swap === undefined) return false;
  try {
    const rows = await warehouse.execute(inLedgerQuery(feed, [swap.batch]), signal);
    return rows.some(([, seal]) => seal === swap.seal);
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
};
