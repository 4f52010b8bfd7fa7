import { toFloat } from '../values/numbers.ts';
import { compileTimeFormat } from '../values/time-format.ts';
import { toDate, toTimeReader, toTimestamp, toTimestamptz } from '../values/times.ts';

/** Which types of the warehouse all values of a path are of: a kind that one value is not of is asked no more. */

export type Kind =
  | 'boolean'
  | 'integer'
  | 'decimal'
  | 'double'
  | 'date'
  | 'timestamp'
  | 'timestamptz'
  | 'rfc822';

const iso = toTimeReader(undefined);
const rfc822 = compileTimeFormat('rfc822');

/** A leading zero, a plus, a minus before zero alone: such digits are a code or a telephone number, and no number keeps them. */
const INTEGER = /^(?:0|-?[1-9]\d{0,17})$/;
const DECIMAL = /^(?:0|-?[1-9]\d{0,37}|-?(?:0|[1-9]\d{0,37})\.\d{1,37})$/;
const DOUBLE =
  /^-?(?:0|[1-9]\d{0,14})\.\d{1,15}[eE][+-]?\d{1,3}$|^(?:0|-?[1-9]\d{0,14}|-?(?:0|[1-9]\d{0,14})\.\d{1,15})$/;
const BOOLEAN = /^(?:true|false)$/i;
const DATE = /^\d{4}-\d\d-\d\d$/;
const TIME = /^\d{4}-\d\d-\d\d[Tt ]\d\d:/;
const OFFSET = /(?:[Zz]|[+-]\d\d(?::?\d\d)?)$/;
const RFC822 = /[A-Za-z]{3},? \d{2,4} \d\d:\d\d/;

const isOf = (typed: unknown): boolean => typeof typed === 'string';

/** Digits that a double keeps whatever they are. */
const DOUBLE_DIGITS = 15;
const isDouble = (text: string): boolean =>
  DOUBLE.test(text) &&
  text.replace(/[eE].*$/, '').replace(/\D/g, '').length <= DOUBLE_DIGITS &&
  isOf(toFloat(text, 'double precision'));

const TESTS: Readonly<Record<Kind, (text: string) => boolean>> = {
  boolean: (text) => BOOLEAN.test(text),
  integer: (text) => INTEGER.test(text),
  decimal: (text) => DECIMAL.test(text),
  double: isDouble,
  date: (text) => DATE.test(text) && isOf(toDate(text, iso, undefined)),
  timestamp: (text) =>
    TIME.test(text) && !OFFSET.test(text.slice(16)) && isOf(toTimestamp(text, iso, undefined)),
  timestamptz: (text) =>
    TIME.test(text) && OFFSET.test(text.slice(16)) && isOf(toTimestamptz(text, iso, undefined)),
  rfc822: (text) => RFC822.test(text) && isOf(toTimestamptz(text, rfc822.parse, 'rfc822')),
};

export const ALL_KINDS = Object.keys(TESTS) as readonly Kind[];

/** Of the kinds that the values before are of, those that this one is of too. */
export const narrow = (kinds: readonly Kind[], text: string): readonly Kind[] => {
  if (kinds.length === 0) return kinds;
  const left = kinds.filter((kind) => TESTS[kind](text));
  return left.length === kinds.length ? kinds : left;
};

/** Digits of a number before and after its point. */
export const digitsOf = (text: string): { readonly whole: number; readonly fraction: number } => {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  return { whole: whole.length, fraction: fraction.length };
};

/** A kind that all values are of but a few. */
export interface Near {
  readonly kind: Kind;
  readonly misses: number;
  /** Where the document has the first value that is of another kind. */
  readonly line: number;
}

/** A kind that more values than this are not of is asked no more. */
const MOST_MISSES = 5;

/** The kinds that are near, after one more value; `lost` are those that all values before it were of. */
export const toNear = (
  near: readonly Near[],
  lost: readonly Kind[],
  isOfKind: (kind: Kind) => boolean,
  line: () => number,
): readonly Near[] => {
  if (near.length === 0 && lost.length === 0) return near;
  const kept = near
    .map((one) => (isOfKind(one.kind) ? one : { ...one, misses: one.misses + 1 }))
    .filter(({ misses }) => misses <= MOST_MISSES);
  return [...kept, ...lost.map((kind) => ({ kind, misses: 1, line: line() }))];
};

export const isOfKind = (kind: Kind, text: string): boolean => TESTS[kind](text);
