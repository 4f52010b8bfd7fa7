import type { Row } from './warehouse.ts';

/** What one statement answered. */
export interface QueryRows {
  readonly columns: readonly string[];
  /** Numbers that a double cannot hold exactly, and all decimals, are text. */
  readonly rows: readonly Row[];
}

/**
 * Runs one statement by itself and answers all of its rows, with the names of their columns. Throws WarehouseRefused with the warehouse's
 * own message, ServiceUnavailable, ServiceRefused, and the signal's reason.
 */
export type QueryWarehouse = (sql: string, signal: AbortSignal) => Promise<QueryRows>;
