import type { Contract } from '../../shared/model/contract.ts';
import { recordedContractQuery } from '../../shared/sql/prepare-statements.ts';
import type { Warehouse } from '../ports/warehouse.ts';
import { type Admitting, askAdmitted } from './admitting.ts';
import { isRefusal } from './load-errors.ts';
import { needsLedgerLock } from './needs-ledger-lock.ts';

export interface LookDeps extends Admitting {
  readonly warehouse: Warehouse;
  /** Its name, as the warehouse's system views have it. */
  readonly database: string;
}

export interface Looked {
  readonly locksLedger: boolean;
  /** Whether the warehouse has recorded the contract, whose statements had all run then. */
  readonly isRecorded: boolean;
}

/** A new warehouse refuses the question for contracts; so does one that has not let the user in, in whatever words. Both are asked again. */
export const lookAtWarehouse = (contract: Contract, deps: LookDeps): Promise<Looked> => {
  const { warehouse, database, signal } = deps;
  return askAdmitted(async (mayRefuse) => {
    const [locksLedger, isRecorded] = await Promise.all([
      needsLedgerLock(warehouse, database, signal),
      askForContract(contract, warehouse, signal).catch((error: unknown) => {
        // A new warehouse has no table of contracts.
        if (mayRefuse && isRefusal(error)) return false;
        throw error;
      }),
    ]);
    return { locksLedger, isRecorded };
  }, deps);
};

/** Whether the warehouse has recorded a contract. Throws what it throws where Millrace's own tables are not there. */
export const askForContract = async (
  contract: Contract,
  warehouse: Pick<Warehouse, 'execute'>,
  signal: AbortSignal,
): Promise<boolean> => (await warehouse.execute(recordedContractQuery(contract), signal)).length > 0;
