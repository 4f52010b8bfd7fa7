import { HASH_NAME } from '../../model/record-hash.ts';
import { BOOKKEEPING, MILLRACE_SCHEMA, PARENT_ROW, VALIDITY } from '../../sql/names.ts';
import type { KeyPath } from '../document/yaml-source.ts';
import type { Check } from './check.ts';

/** Names that a warehouse or a row of ours already has. The form of names is the schema's. */

/** Columns that every row gets besides its own. */
export const RESERVED_COLUMNS = [
  ...[...BOOKKEEPING, PARENT_ROW].map(({ name }) => name),
  HASH_NAME,
  ...VALIDITY.map(({ name }) => name),
];

/** Hidden columns of every Redshift table (https://docs.aws.amazon.com/redshift/latest/dg/r_names.html). */
export const SYSTEM_COLUMNS = ['oid', 'tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid'];

/** Besides those that begin with pg_: Redshift's own, and the one that our ledger is in. */
export const SYSTEM_SCHEMAS = ['information_schema', MILLRACE_SCHEMA];

/** Columns that a Redshift table may have. */
const MOST_COLUMNS = 1600;

export const checkColumnName = (name: string, at: KeyPath, check: Check): void => {
  if (RESERVED_COLUMNS.includes(name))
    check.refuse(at, `allowed any name but ${RESERVED_COLUMNS.join(' ')}, which each row gets`, 'key');
  if (SYSTEM_COLUMNS.includes(name))
    check.refuse(
      at,
      `allowed any name but ${SYSTEM_COLUMNS.join(' ')}, which Redshift keeps for itself`,
      'key',
    );
};

/** Whether a table may have so many columns; a problem is noted where it may not. */
export const checkColumnCount = (count: number, at: KeyPath, check: Check): boolean => {
  const most = MOST_COLUMNS - RESERVED_COLUMNS.length;
  const isAllowed = count > 0 && count <= most;
  if (!isAllowed) check.refuse(at, `got ${count} columns, allowed 1 to ${most}`, 'key');
  return isAllowed;
};

export const checkSchemaName = (schema: string, at: KeyPath, check: Check): void => {
  if (schema.startsWith('pg_') || SYSTEM_SCHEMAS.includes(schema))
    check.refuse(at, `got the schema '${schema}', allowed one of your own`, 'key');
};
