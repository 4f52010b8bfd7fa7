import type { Contract } from '../../shared/model/contract.ts';
import { adoptQueries } from '../../shared/sql/adopt-query.ts';
import { columnsBelowQuery, toForeignColumns } from '../../shared/sql/foreign-columns.ts';
import { prepareLedgerMutex } from '../../shared/sql/isolation.ts';
import {
  checkPreparation,
  recordedContractQuery,
  refuseOtherRules,
} from '../../shared/sql/prepare-statements.ts';
import type { PrepareWarehouseInput, PrepareWarehouseOutput } from '../../shared/state/messages.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Warehouse } from '../ports/warehouse.ts';
import { isRefusal } from './load-errors.ts';
import { readLoad } from './load-records.ts';
import { needsLedgerLock } from './needs-ledger-lock.ts';
import { prepareSwap } from './prepare-swap.ts';
import { readFound, readRules } from './read-found.ts';
import { restoreLost } from './restore-lost.ts';
import { runForReaders } from './run-for-readers.ts';

export interface PrepareWarehouseDeps {
  readonly records: RecordStore;
  readonly warehouse: Warehouse;
  /** Its name, as the warehouse's system views have it. */
  readonly database: string;
  /** This invocation, named in the records. */
  readonly invocation: string;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Lets the user that loads into the warehouse, where its admin is ours to act as. @default - somebody else sees to that */
  readonly admit?: (() => Promise<void>) | undefined;
}

/** Another feed's load may make the same schema or table at the same time; looking again settles it. */
const MAX_ROUNDS = 3;

/**
 * Makes the warehouse ready for a load's contract. One that is recorded was prepared to the last statement; for another, what
 * is missing is worked out from the warehouse's own catalog, and each statement runs by itself. Throws WarehouseRefused for
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
  const { locksLedger, isKnown } = await lookAtWarehouse(contract, deps);
  const prepared = async (refused: readonly string[]): Promise<PrepareWarehouseOutput> => {
    if (locksLedger) for (const sql of prepareLedgerMutex()) await run(sql);
    const [lost, foreign] = await Promise.all([
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
    const { statements, forReaders, record } = checkPreparation(contract, found);
    for (const { sql, check } of adoptQueries(contract, found))
      for (const row of await warehouse.execute(sql, signal)) check(row);
    try {
      for (const sql of statements) await run(sql);
      const warnings = await runForReaders(forReaders, run);
      if (warnings.length === 0) await run(record);
      await expectRules(contract, warehouse, signal);
      return await prepared(warnings);
    } catch (error) {
      if (!isRefusal(error) || round === MAX_ROUNDS) throw error;
    }
  }
};

interface Looked {
  readonly locksLedger: boolean;
  readonly isKnown: boolean;
}

/** A new warehouse refuses the question for contracts; so does one that has not let the user in, in whatever words. Both are asked again. */
const lookAtWarehouse = async (
  contract: Contract,
  { warehouse, database, signal, admit }: PrepareWarehouseDeps,
): Promise<Looked> => {
  const look = async (isFirst: boolean): Promise<Looked> => {
    const [locksLedger, isKnown] = await Promise.all([
      needsLedgerLock(warehouse, database, signal),
      isRecorded(contract, warehouse, signal).catch((error: unknown) => {
        // A new warehouse has no table of contracts.
        if (!isFirst && isRefusal(error)) return false;
        throw error;
      }),
    ]);
    return { locksLedger, isKnown };
  };
  if (admit === undefined) return look(false);
  return look(true).catch(async () => {
    signal.throwIfAborted();
    await admit();
    return look(false);
  });
};

const readForeign = async (
  contract: Contract,
  warehouse: Warehouse,
  signal: AbortSignal,
): Promise<Pick<PrepareWarehouseOutput, 'foreign'>> => {
  const query = columnsBelowQuery(contract);
  if (query === undefined) return {};
  const foreign = toForeignColumns(contract, await warehouse.execute(query, signal));
  return Object.keys(foreign).length === 0 ? {} : { foreign };
};

/** Two feeds may have recorded rules for one target at the same moment: neither loads by its own then. */
const expectRules = async (contract: Contract, warehouse: Warehouse, signal: AbortSignal): Promise<void> =>
  refuseOtherRules(contract, await readRules(contract, warehouse, signal));

const isRecorded = async (contract: Contract, warehouse: Warehouse, signal: AbortSignal): Promise<boolean> =>
  (await warehouse.execute(recordedContractQuery(contract), signal)).length > 0;
