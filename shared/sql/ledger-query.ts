import { LEDGER } from './names.ts';
import { quoteLiteral } from './quote.ts';

/** The columns that ledgerQuery answers, in their order. */
export const LEDGER_REPORT_COLUMNS = [
  'batch',
  'seal',
  'target',
  'load_key',
  'staged',
  'duplicate',
  'stale',
  'inserted',
  'updated',
  'deleted',
  'rejected',
] as const;

/**
 * What became of batches of a feed: one row a batch and table, in LEDGER_REPORT_COLUMNS. `duplicate` rows equalled what the
 * target held; a batch without rows and rejects never was in a load, and has none.
 */
export const ledgerQuery = (feed: string, batches: readonly string[]): string =>
  `SELECT ${LEDGER_REPORT_COLUMNS.join(', ')} FROM ${LEDGER} WHERE feed = ${quoteLiteral(feed)} AND batch IN (${batches.map(quoteLiteral).join(', ')}) ORDER BY batch, target`;
