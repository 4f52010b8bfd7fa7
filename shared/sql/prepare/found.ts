import type { TableContract } from '../../model/contract.ts';
import { targetOf } from '../../model/target-rules.ts';
import { MILLRACE_SCHEMA, mutexName } from '../names.ts';
import type { ExistingColumn } from '../types.ts';

export type Existing = readonly ExistingColumn[];

/** What the warehouse has of a contract already. */
export interface Found {
  readonly columns: Existing;
  /** Rows of targetRulesQuery. */
  readonly rules: readonly (readonly [target: string, rules: string])[];
}

export const NOTHING: Found = { columns: [], rules: [] };

/** A table's columns by their names in lower case; empty where there is no such table. */
export type Columns = ReadonlyMap<string, ExistingColumn>;

export const columnsOf = (existing: Existing, schema: string, table: string): Columns =>
  new Map(
    existing
      .filter((column) => column.schema === schema.toLowerCase() && column.table === table.toLowerCase())
      .map((column) => [column.column, column]),
  );

/** A target that an earlier release made has a mutex of its own, and no rules yet. */
export const isOurs = (table: TableContract, { columns, rules }: Found): boolean =>
  rules.some(([target]) => target === targetOf(table)) ||
  columnsOf(columns, MILLRACE_SCHEMA, mutexName(table.table)).size > 0;
