import { LEDGER } from './names.ts';
import { quoteLiteral, timeLiteral } from './quote.ts';

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

/** Which of a feed's batches were loaded before a time, in ISO 8601 and UTC: one row each, of batch and seal. */
export const loadedBeforeQuery = (feed: string, batches: readonly string[], before: string): string =>
  `SELECT DISTINCT batch, seal FROM ${LEDGER} WHERE feed = ${quoteLiteral(feed)} AND batch IN (${batches.map(quoteLiteral).join(', ')}) AND loaded_at < ${timeLiteral(before)}`;
