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

/** Which of these batches, by feed, were loaded before a time, in ISO 8601 and UTC: one row each, of feed, batch and seal. */
export const loadedBeforeQuery = (
  batches: ReadonlyMap<string, readonly string[]>,
  before: string,
): string => {
  const asked = [...batches].map(
    ([feed, names]) => `feed = ${quoteLiteral(feed)} AND batch IN (${names.map(quoteLiteral).join(', ')})`,
  );
  return `SELECT DISTINCT feed, batch, seal FROM ${LEDGER} WHERE loaded_at < ${timeLiteral(before)} AND (${asked.join(' OR ')})`;
};

/** Which of a feed's batches the ledger has: one row each, of batch and seal. */
export const inLedgerQuery = (feed: string, batches: readonly string[]): string =>
  `SELECT DISTINCT batch, seal FROM ${LEDGER} WHERE feed = ${quoteLiteral(feed)} AND batch IN (${batches.map(quoteLiteral).join(', ')})`;

/** When the newest load was committed: one row, null where there was none. */
export const newestLoadQuery = (): string => `SELECT MAX(loaded_at) FROM ${LEDGER}`;
