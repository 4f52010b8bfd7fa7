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
