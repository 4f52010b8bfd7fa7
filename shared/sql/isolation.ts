import { LEDGER_TABLE } from './names.ts';
import { prepareMutex } from './prepare/own-tables.ts';

/** What loads need of a database by its isolation level. */

/**
 * One row: `Serializable` or `Snapshot Isolation`, which is the default of new databases. Every user sees it
 * (https://docs.aws.amazon.com/redshift/latest/dg/r_STV_DB_ISOLATION_LEVEL.html).
 */
export const isolationQuery = (): string =>
  'SELECT isolation_level FROM stv_db_isolation_level WHERE db_name = current_database()';

/**
 * Under SERIALIZABLE two loads that both read and write the ledger cannot stand beside each other in any order, whatever their targets
 * (https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html); under SNAPSHOT only writes of the same rows conflict, and a
 * ledger is only added to.
 */
export const isSerializable = (rows: readonly (readonly unknown[])[]): boolean =>
  rows.some(([level]) => /^serializable\s*$/i.test(String(level)));

/** The ledger's mutex, as far as it is not there. */
export const prepareLedgerMutex = (): readonly string[] => prepareMutex(LEDGER_TABLE, []);
