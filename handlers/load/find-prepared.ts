import { ledgerMutexQuery } from '../../shared/sql/isolation.ts';
import type { PrepareWarehouseOutput } from '../../shared/state/messages.ts';
import type { LoadRecord } from '../../shared/state/records.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Warehouse } from '../ports/warehouse.ts';
import { withTimeLimit } from '../time-limit.ts';
import { askForContract } from './look-at-warehouse.ts';
import { needsLedgerLock } from './needs-ledger-lock.ts';
import { readForeign } from './read-foreign.ts';
import { lacksLoaded } from './restore-lost.ts';

export interface FindPreparedDeps {
  readonly records: RecordStore;
  readonly warehouse: Warehouse;
  /** Its name, as the warehouse's system views have it. */
  readonly database: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A warehouse that is waking up may take minutes, for which PrepareWarehouse has the time. The questions notice it when they have waited, 20 s. */
const LOOK_MS = 15_000;

/**
 * What PrepareWarehouse would answer of a warehouse in which it would change nothing, all asked at once; undefined where there is something for it to do, or to tell: a
 * contract that is not recorded, a warehouse that lacks what was loaded, a swap, and whatever kept the answer away.
 */
export const findPrepared = async (
  { feed, contract }: LoadRecord,
  deps: FindPreparedDeps,
): Promise<PrepareWarehouseOutput | undefined> => {
  if (contract.swaps !== undefined) return undefined;
  const { warehouse, database, clock } = deps;
  const ask = async (signal: AbortSignal): Promise<PrepareWarehouseOutput | undefined> => {
    const questions = [
      askForContract(contract, warehouse, signal),
      needsLedgerLock(warehouse, database, signal),
      readForeign(contract, warehouse, signal),
      lacksLoaded(feed, { ...deps, signal }),
    ] as const;
    // Where one fails the others are waited for: no call is to outlive the function's answer.
    await Promise.allSettled(questions);
    const [isRecorded, locksLedger, foreign, isLacking] = await Promise.all(questions);
    if (!isRecorded || isLacking) return undefined;
    if (!locksLedger) return { statements: 0, ...foreign };
    const hasMutex = (await warehouse.execute(ledgerMutexQuery(), signal)).length > 0;
    return hasMutex ? { statements: 0, ...foreign, locksLedger } : undefined;
  };
  try {
    return await withTimeLimit({ clock, atMs: clock.now() + LOOK_MS, outer: deps.signal }, ask);
  } catch {
    deps.signal.throwIfAborted();
    // PrepareWarehouse mends it, or says what it is.
    return undefined;
  }
};
