import type { DistinctPool } from './distinct.ts';
import type { Kind } from './kinds.ts';
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

/** Values at least for each one that is of another kind: of fewer the others say nothing. */
const FOR_EACH = 10;

/** What a text would be without a few values, and where the first of them is: that is looked up there, since no value is shown. */
const tellNear = ({ filled, kinds, near }: Values, type: string): string => {
  if (!type.startsWith('varchar') || kinds.length > 0) return '';
  const [nearest] = [...near].sort((a, b) => a.misses - b.misses);
  if (nearest === undefined || filled < nearest.misses * FOR_EACH) return '';
  const { kind, misses, line } = nearest;
  return `; ${toCount(filled - misses)} of ${toPlural(filled, 'value')} are ${WORDS[kind]}, the first that is not is at line ${toCount(line)}`;
};

const WORDS: Readonly<Record<Kind, string>> = {
  boolean: 'boolean',
  integer: 'bigint',
  decimal: 'decimal',
  double: 'double precision',
  date: 'date',
  timestamp: 'timestamp',
  timestamptz: 'timestamptz',
  rfc822: 'timestamptz of format rfc822',
};

export const tellValues = (values: Values, rows: number, type: string, pool: DistinctPool): string =>
  `${toCount(values.filled)} of ${toPlural(rows, 'row')}${tellDistinct(values, pool)}${tellSize(values, type)}${tellNear(values, type)}`;
