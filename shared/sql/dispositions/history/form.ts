import { keyExpression, type Target } from '../../target.ts';
import type { Disposition } from '../disposition.ts';

/** What tells versions of a key apart: their cursor, or the snapshots that have them. */
export type HistoryForm = Pick<Disposition, 'batches' | 'createPlan' | 'change'> &
  Required<Pick<Disposition, 'meet'>>;

/** The columns of these names as `key_1`, `key_2`, …, as a plan has them. */
export const asKeys = (root: Target, alias: string, names: readonly string[]): string =>
  names.map((name, at) => `${keyExpression(root, alias, name)} AS key_${at + 1}`).join(', ');

/** The condition that a row has the keys that another has under those names. */
export const hasKeys = (root: Target, row: string, names: readonly string[], keyed: string): string =>
  names.map((name, at) => `${keyExpression(root, row, name)} = ${keyed}.key_${at + 1}`).join(' AND ');

export const keyList = (names: readonly string[], alias: string): string =>
  names.map((_, at) => `${alias}.key_${at + 1}`).join(', ');
