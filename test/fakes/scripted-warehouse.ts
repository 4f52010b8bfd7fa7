import type { Row, StatementBatch, StatementState, Warehouse } from '../../handlers/ports/warehouse.ts';

/** A Warehouse that keeps what it is given, and whose statements end as a test says. */
export const scriptedWarehouse = (answer: (sql: string) => readonly Row[] = () => []) => {
  const submitted: (StatementBatch & { readonly id: string })[] = [];
  const states = new Map<string, StatementState>();
  const cancelled: string[] = [];
  const executed: string[] = [];
  const warehouse: Warehouse = {
    submit: async (batch) => {
      const known = submitted.find(({ token }) => token === batch.token);
      if (known !== undefined) return known.id;
      const id = `statement-${submitted.length + 1}`;
      submitted.push({ ...batch, id });
      states.set(id, { status: 'running', error: '', failedQuery: undefined });
      return id;
    },
    describe: async (id) => states.get(id),
    cancel: async (id) => {
      cancelled.push(id);
    },
    execute: async (sql, signal) => {
      signal.throwIfAborted();
      executed.push(sql);
      return answer(sql);
    },
  };
  const end = (id: string, status: StatementState['status'], error = '', failedQuery?: number): void => {
    states.set(id, { status, error, failedQuery });
  };
  return { ...warehouse, submitted, states, cancelled, executed, end };
};
