import type { DistinctPool } from './distinct.ts';
import type { Values } from './values.ts';

/** What the comments of the feed say: counts, and never a value. */

export const toCount = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',');

export const toPlural = (n: number, one: string): string => `${toCount(n)} ${one}${n === 1 ? '' : 's'}`;

/** Whether no value came twice, as far as is known; one value says nothing. */
export const isDistinct = ({ filled, distinct }: Values): boolean => filled > 1 && !distinct.isOver;

const tellDistinct = (values: Values, { level }: DistinctPool): string => {
  if (!isDistinct(values)) return '';
  return level === 0 ? ', all distinct' : `, all distinct in a sample of one value in ${toCount(2 ** level)}`;
};

const tellSize = ({ mostBytes }: Values, type: string): string =>
  type.startsWith('varchar') ? `, at most ${toPlural(mostBytes, 'byte')}` : '';

export const tellValues = (values: Values, rows: number, type: string, pool: DistinctPool): string =>
  `${toCount(values.filled)} of ${toPlural(rows, 'row')}${tellDistinct(values, pool)}${tellSize(values, type)}`;
