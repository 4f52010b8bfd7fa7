import { LEDGER_TABLE, quoteMutex } from './names.ts';
import { prepareMutex } from './prepare/own-tables.ts';

/** What loads need of a database by its isolation level. */

/**
 * One row a database: its name, and `Serializable` or `Snapshot Isolation`, which is the default of new ones. Every user sees it
 * (https://docs.aws.amazon.com/redshift/latest/dg/r_STV_DB_ISOLATION_LEVEL.html).
 */
export const isolationQuery = (): string => 'SELECT db_name, isolation_level FROM stv_db_isolation_level';

/**
 * Under SERIALIZABLE two loads that both read and write the ledger cannot stand beside each other in any order, whatever their targets
 * (https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html); under SNAPSHOT only writes of the same rows conflict, and a
 * ledger is only added to.
 */
export const isSerializable = (rows: readonly (readonly unknown[])[], database: string): boolean =>
  rows.some(([name, level]) => nameOf(name) === nameOf(database) && nameOf(level) === 'serializable');

/** The view pads its names with blanks. */
const nameOf = (text: unknown): string => String(text).trim().toLowerCase();

/** The ledger's mutex, as far as it is not there. */
export const prepareLedgerMutex = (): readonly string[] => prepareMutex(LEDGER_TABLE, []);

/** A row where the ledger's mutex is there; refused where it is not. */
export const ledgerMutexQuery = (): string => `SELECT loads FROM ${quoteMutex(LEDGER_TABLE)}`;
