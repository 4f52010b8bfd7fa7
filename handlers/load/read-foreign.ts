import type { Contract } from '../../shared/model/contract.ts';
import { columnsBelowQuery, toForeignColumns } from '../../shared/sql/foreign-columns.ts';
import type { PrepareWarehouseOutput } from '../../shared/state/messages.ts';
import type { Warehouse } from '../ports/warehouse.ts';

/** Columns of child tables that the contract does not have: one question, and none of a contract without child tables. */
export const readForeign = async (
  contract: Contract,
  warehouse: Pick<Warehouse, 'execute'>,
  signal: AbortSignal,
): Promise<Pick<PrepareWarehouseOutput, 'foreign'>> => {
  const query = columnsBelowQuery(contract);
  if (query === undefined) return {};
  const foreign = toForeignColumns(contract, await warehouse.execute(query, signal));
  return Object.keys(foreign).length === 0 ? {} : { foreign };
};
