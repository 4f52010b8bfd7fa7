import { isolationQuery, isSerializable } from '../../shared/sql/isolation.ts';
import type { Warehouse } from '../ports/warehouse.ts';
import { isRefusal } from './load-errors.ts';

/** Whether loads lock the ledger too. Where the level cannot be asked, loads that conflict are tried again, as everywhere. */
export const needsLedgerLock = async (
  warehouse: Warehouse,
  database: string,
  signal: AbortSignal,
): Promise<boolean> => {
  try {
    return isSerializable(await warehouse.execute(isolationQuery(), signal), database);
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
};
