/** Statements at the warehouse, each asked for once and looked after by its id. */
export interface Warehouse {
  /**
   * Hands over statements to be run in one transaction, and does not wait: the warehouse tells the end by an event. Of
   * several calls with one token within 8 hours all answer the first one's id. Throws ServiceUnavailable, ServiceRefused.
   */
  submit(batch: StatementBatch): Promise<string>;

  /** What became of a statement; undefined for one that the warehouse has forgotten, as it does after 24 hours. */
  describe(statementId: string): Promise<StatementState | undefined>;

  /** Asks for a running statement's end; one that has ended is left alone. */
  cancel(statementId: string): Promise<void>;

  /**
   * Runs one statement by itself, autocommitted, and answers its rows: few and small ones. Throws WarehouseRefused
   * or WarehouseUnready with the warehouse's message, ServiceUnavailable, ServiceRefused, and the signal's reason.
   */
  execute(sql: string, signal: AbortSignal): Promise<readonly Row[]>;
}

export interface StatementBatch {
  readonly statements: readonly string[];
  /** Comes back in the completion event. */
  readonly name: string;
  /** At most 64 characters. */
  readonly token: string;
}

export type Row = readonly (string | number | boolean | null)[];

export interface StatementState {
  readonly status: 'running' | 'finished' | 'failed' | 'aborted';
  /** The warehouse's message; empty unless failed or aborted. */
  readonly error: string;
  /** The query that failed, as the system views know it, where there is one. */
  readonly failedQuery: number | undefined;
  /** When it was asked for, when that changed last, and how long it ran: the rest between the two it waited for its turn. Epoch milliseconds. */
  readonly times?:
    | { readonly createdMs: number; readonly updatedMs: number; readonly ranMs: number }
    | undefined;
}
