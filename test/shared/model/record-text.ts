import { hash } from 'node:crypto';
import { BETWEEN } from '../../../shared/model/record-hash.ts';

/** A record's hash by texts: what the one by bytes is held against. */

/** One row, as it goes into its record's hash. */
export const rowText = (table: number, values: readonly (string | null)[]): string =>
  `${table}${BETWEEN.values}${values.map((value) => value ?? BETWEEN.null).join(BETWEEN.values)}${BETWEEN.rows}`;

export const recordHash = (family: string, rows: readonly string[]): string =>
  hash('sha256', family + BETWEEN.rows + rows.join(''), 'base64url').slice(0, 22);
