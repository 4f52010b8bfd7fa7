import type { Contract } from '../../shared/model/contract.ts';
import { adoptQueries } from '../../shared/sql/adopt-query.ts';
import { prepareLedgerMutex } from '../../shared/sql/isolation.ts';
import { checkPreparation, refuseOtherRules } from '../../shared/sql/prepare-statements.ts';
import type { PrepareWarehouseInput, PrepareWarehouseOutput } from '../../shared/state/messages.ts';
import { putDayMark } from '../attention/marks.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Warehouse } from '../ports/warehouse.ts';
import { isRefusal } from './load-errors.ts';
import { readLoad } from './load-records.ts';
import { type LookDeps, lookAtWarehouse } from './look-at-warehouse.ts';
import { prepareSwap } from './prepare-swap.ts';
import { readForeign } from './read-foreign.ts';
import { readFound, readRules } from './read-found.ts';
import { restoreLost } from './restore-lost.ts';
import { runForReaders } from './run-for-readers.ts';

export interface PrepareWarehouseDeps extends LookDeps {
  readonly records: RecordStore;
  /** This invocation, named in the records. */
  readonly invocation: string;
  readonly clock: Clock;
}

/** Another feed's load may make the same schema or table at the same time; looking again settles it. */
const MAX_ROUNDS = 3;

/**
 * Makes the warehouse ready for a load's contract. One that is recorded was prepared to the last statement, and a load's first try relies on that; for another,
 * and for each later try, what is missing is worked out from the warehouse's own catalog, and each statement runs by itself. Throws WarehouseRefused for
 * a column that cannot become what the contract says and a table that is not ours, TargetChanged for a target of other rules.
 */
export const prepareWarehouse = async (
  { thread }: PrepareWarehouseInput,
  deps: PrepareWarehouseDeps,
): Promise<PrepareWarehouseOutput> => {
  const { records, warehouse, signal } = deps;
  const { contract, batches } = (await readLoad(records, thread.loadKey)).record;
  if (contract.swaps !== undefined) return prepareSwap({ contract, batches }, deps);
  let ran = 0;
  const run = async (sql: string): Promise<void> => {
    await warehouse.execute(sql, signal);
    ran += 1;
  };
  const { locksLedger, isRecorded } = await lookAtWarehouse(contract, deps);
  // A load that failed is not prepared by what is recorded: somebody may have dropped a table since.
  const isKnown = isRecorded && thread.try === 1;
  const prepared = async (refused: readonly string[]): Promise<PrepareWarehouseOutput> => {
    if (locksLedger) for (const sql of prepareLedgerMutex()) await run(sql);
    const [{ warnings: lost }, foreign] = await Promise.all([
      restoreLost(contract.feed, deps),
      readForeign(contract, warehouse, signal),
    ]);
    const warnings = [...refused, ...lost];
    return {
      statements: ran,
      ...foreign,
      ...(locksLedger ? { locksLedger } : {}),
      ...(warnings.length === 0 ? {} : { warnings }),
    };
  };
  if (isKnown) return prepared([]);
  for (let round = 1; ; round += 1) {
    const found = await readFound(contract, warehouse, signal);
    const { statements, forReaders, record, tables } = checkPreparation(contract, found);
    for (const { sql, check } of adoptQueries(contract, found))
      for (const row of await warehouse.execute(sql, signal)) check(row);
    try {
      for (const sql of statements) await run(sql);
      const warnings = await runForReaders(forReaders, run);
      if (warnings.length === 0) await run(record);
      await expectRules(contract, warehouse, signal);
      const emptied = isRecorded ? tables.flatMap(({ isNew, table }) => (isNew ? [table.table] : [])) : [];
      return await prepared([...warnings, ...(await tellEmptied(contract.feed, emptied, deps))]);
    } catch (error) {
      if (!isRefusal(error) || round === MAX_ROUNDS) throw error;
    }
  }
};

/** A table that was dropped is made anew, and its rows of before are not in it: the ledger has their batches. */
const tellEmptied = async (
  feed: string,
  tables: readonly string[],
  deps: PrepareWarehouseDeps,
): Promise<readonly string[]> => {
  const [first] = tables;
  if (first === undefined) return [];
  const message = `${tables.join(', ')} had been dropped in the warehouse, and ${tables.length === 1 ? 'is' : 'are'} made anew without the rows of before: npx millrace rebuild ${first} reads its rows again`;
  await putDayMark(feed, 'lost', { table: first, message }, deps);
  return [message];
};

/** Two feeds may have recorded rules for one target at the same moment: neither loads by its own then. */
const expectRules = async (contract: Contract, warehouse: Warehouse, signal: AbortSignal): Promise<void> =>
  refuseOtherRules(contract, await readRules(contract, warehouse, signal));
