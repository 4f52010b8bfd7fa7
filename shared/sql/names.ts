import { createHash } from 'node:crypto';
import type { ColumnType } from '../model/contract.ts';
import { quoteIdentifier } from './quote.ts';

/** The names of what Millrace keeps in the warehouse beside the users' tables. */

export const MILLRACE_SCHEMA = 'millrace';
export const LEDGER = `${quoteIdentifier(MILLRACE_SCHEMA)}."ledger"`;
/** The ledger as its mutex is named by. */
export const LEDGER_TABLE = `${MILLRACE_SCHEMA}.ledger`;
export const CONTRACTS = `${quoteIdentifier(MILLRACE_SCHEMA)}."contracts"`;
export const TARGETS = `${quoteIdentifier(MILLRACE_SCHEMA)}."targets"`;

/** A column that Millrace keeps beside the users' own. */
export interface Bookkeeping {
  readonly name: string;
  readonly type: ColumnType;
}

/** Columns that Millrace adds to every target, in their order; no feed may use their names. */
export const BOOKKEEPING: readonly Bookkeeping[] = [
  { name: '_batch', type: { kind: 'varchar', length: 256 } },
  { name: '_row', type: { kind: 'bigint' } },
  { name: '_observed', type: { kind: 'timestamptz' } },
  { name: '_loaded_at', type: { kind: 'timestamptz' } },
];

/** And in child tables the `_row` of the parent. */
export const PARENT_ROW: Bookkeeping = { name: '_parent_row', type: { kind: 'bigint' } };

/** And in tables that keep every version of a key, the time for which each held: until `_valid_to`, or still where that is null. */
export const VALIDITY: readonly Bookkeeping[] = [
  { name: '_valid_from', type: { kind: 'timestamptz' } },
  { name: '_valid_to', type: { kind: 'timestamptz' } },
  { name: '_is_current', type: { kind: 'boolean' } },
];
/** And in targets whose rows are marked as deleted, when that was. */
export const DELETED_AT: Bookkeeping = { name: '_deleted_at', type: { kind: 'timestamptz' } };

/**
 * A target's mutex: readable as far as names go, and distinct by its hash (`a_b.c` is not `a.b_c`). It has at most 63
 * bytes, which the local warehouse holds; Redshift holds 127.
 */
export const mutexName = (table: string): string => ownName('mutex', table);

/** Where a target's tombstones are kept. */
export const tombstonesName = (table: string): string => ownName('deleted', table);

const ownName = (kind: 'mutex' | 'deleted', table: string): string => {
  const readable = table
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, 48);
  return `${kind}_${readable}_${createHash('sha256').update(table.toLowerCase()).digest('hex').slice(0, 8)}`;
};

export const quoteMutex = (table: string): string =>
  `${quoteIdentifier(MILLRACE_SCHEMA)}.${quoteIdentifier(mutexName(table))}`;

/**
 * Temporary tables of one load; the session ends with it. Numbered as the contract's tables are, from 1. No table of a feed may have a
 * dollar sign in its name (https://docs.aws.amazon.com/redshift/latest/dg/r_names.html allows it).
 */
export const BATCHES = '"millrace$batches"';
export const stageName = (n: number): string => `"millrace$stage_${n}"`;
export const planName = (n: number): string => `"millrace$plan_${n}"`;
export const heldName = (n: number): string => `"millrace$held_${n}"`;
export const spansName = (n: number): string => `"millrace$spans_${n}"`;
export const goneName = (n: number): string => `"millrace$gone_${n}"`;
export const touchedName = (n: number): string => `"millrace$touched_${n}"`;
export const keptName = (n: number): string => `"millrace$kept_${n}"`;
