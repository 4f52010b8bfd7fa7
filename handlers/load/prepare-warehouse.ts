import { WarehouseRefused } from '../../shared/errors.ts';
import type { Contract } from '../../shared/feed/contract.ts';
import type { PrepareWarehouseInput, PrepareWarehouseOutput } from '../../shared/messages.ts';
import { parseExistingColumn } from '../../shared/sql/existing-columns.ts';
import {
  type ExistingState,
  existingColumnsQuery,
  hasContracts,
  prepareStatements,
  recordedContractQuery,
} from '../../shared/sql/prepare-statements.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Warehouse } from '../ports/warehouse.ts';
import { readLoad } from './load-records.ts';

export interface PrepareWarehousePorts {
  readonly records: RecordStore;
  readonly warehouse: Warehouse;
  readonly signal: AbortSignal;
}

/** Another feed's load may make the same schema or table at the same time; looking again settles it. */
const MAX_ROUNDS = 3;

/**
 * Makes the warehouse ready for a load's contract: what is missing is worked out from the warehouse's own catalog, and each
 * statement runs by itself. Throws WarehouseRefused for a column that cannot become what the contract says.
 */
export const prepareWarehouse = async (
  { thread }: PrepareWarehouseInput,
  { records, warehouse, signal }: PrepareWarehousePorts,
): Promise<PrepareWarehouseOutput> => {
  const { contract } = (await readLoad(records, thread.loadKey)).record;
  let ran = 0;
  for (let round = 1; ; round += 1) {
    const statements = prepareStatements(contract, await readExisting(contract, warehouse, signal));
    try {
      for (const sql of statements) {
        await warehouse.execute(sql, signal);
        ran += 1;
      }
      return { statements: ran };
    } catch (error) {
      if (!(error instanceof WarehouseRefused) || round === MAX_ROUNDS) throw error;
    }
  }
};

const readExisting = async (
  contract: Contract,
  warehouse: Warehouse,
  signal: AbortSignal,
): Promise<ExistingState> => {
  const columns = (await warehouse.execute(existingColumnsQuery(contract), signal)).map(parseExistingColumn);
  const recorded = hasContracts(columns)
    ? await warehouse.execute(recordedContractQuery(contract), signal)
    : [];
  return { columns, isRecorded: recorded.length > 0 };
};
