import type { ColumnType } from '../model/column-type.ts';
import { SAFE_DIGITS } from './numbers.ts';

/**
 * Values whose bytes are those of their canonical text, or only change places, as most are: they need no string. What is not seen at once to be
 * such is left to the functions that type texts, which would have made the same of it.
 */

/**
 * Writes the canonical text of the bytes from `start` to `end`, which is ASCII and no longer than they are by more than `MOST_ADDED`, and gives
 * where it ends; -1 where the bytes are to be typed as a text.
 */
export type CopyTyped = (from: Uint8Array, start: number, end: number, to: Uint8Array, at: number) => number;

export const MOST_ADDED = 5;

const NONE = -1;

const ZERO = 0x30;
const SPACE = 0x20;
const PLUS = 0x2b;
const DASH = 0x2d;
const POINT = 0x2e;
const COLON = 0x3a;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;

/** Copies digits; gives whether there is nothing else. */
const copyDigits = (from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): boolean => {
  for (let index = start; index < end; index += 1) {
    const code = from[index] as number;
    if (code < ZERO || code > ZERO + 9) return false;
    to[at + index - start] = code;
  }
  return true;
};

/** Whether a number with a leading zero begins there, or none. */
const isOddStart = (from: Uint8Array, start: number, end: number): boolean =>
  start >= end || (from[start] === ZERO && end - start > 1);

const integerOf =
  (mostDigits: number): CopyTyped =>
  (from, start, end, to, at) => {
    if (end - start > mostDigits || isOddStart(from, start, end)) return NONE;
    return copyDigits(from, start, end, to, at) ? at + end - start : NONE;
  };

const decimalOf =
  (precision: number, scale: number): CopyTyped =>
  (from, start, end, to, at) => {
    const point = end - scale - 1;
    if (point - start > precision - scale || isOddStart(from, start, point) || from[point] !== POINT)
      return NONE;
    if (!copyDigits(from, start, point, to, at)) return NONE;
    to[at + point - start] = POINT;
    return copyDigits(from, point + 1, end, to, at + point + 1 - start) ? at + end - start : NONE;
  };

/** A number of two digits; one that is in no range where they are none. */
const twoDigits = (from: Uint8Array, at: number): number => {
  const tens = (from[at] as number) - ZERO;
  const ones = (from[at + 1] as number) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? 10 * tens + ones : 1000;
};

const DATE_LENGTH = 10;
const SECONDS_LENGTH = 19;

/** Days that every month has, of years from 1000 to 2999. */
const isDate = (from: Uint8Array, at: number): boolean => {
  const century = twoDigits(from, at);
  const month = twoDigits(from, at + 5);
  const day = twoDigits(from, at + 8);
  return (
    century >= 10 &&
    century <= 29 &&
    twoDigits(from, at + 2) <= 99 &&
    from[at + 4] === DASH &&
    month >= 1 &&
    month <= 12 &&
    from[at + 7] === DASH &&
    day >= 1 &&
    day <= 28
  );
};

const isClock = (from: Uint8Array, at: number): boolean =>
  twoDigits(from, at) <= 23 &&
  from[at + 2] === COLON &&
  twoDigits(from, at + 3) <= 59 &&
  from[at + 5] === COLON &&
  twoDigits(from, at + 6) <= 59;

const copyDate: CopyTyped = (from, start, end, to, at) =>
  end - start === DATE_LENGTH && isDate(from, start) ? copyAll(from, start, end, to, at) : NONE;

const copyAll: CopyTyped = (from, start, end, to, at) => {
  for (let index = start; index < end; index += 1) to[at + index - start] = from[index] as number;
  return at + end - start;
};

/** Whether the text ends there, or `Z` or an offset of nothing stands there and ends it. */
const isUtc = (from: Uint8Array, at: number, end: number): boolean => {
  const length = end - at;
  if (length === 1) return from[at] === LETTER_Z;
  const isColon = length === 6 && from[at + 3] === COLON;
  if ((length !== 5 && !isColon) || from[at] !== PLUS) return false;
  return twoDigits(from, at + 1) === 0 && twoDigits(from, end - 2) === 0;
};

/** A time in UTC, to the second or to the millisecond. */
const copyTimestamptz: CopyTyped = (from, start, end, to, at) => {
  const seconds = start + SECONDS_LENGTH;
  if (end <= seconds || !isDate(from, start) || from[start + DATE_LENGTH] !== LETTER_T) return NONE;
  if (!isClock(from, start + DATE_LENGTH + 1)) return NONE;
  const hasMillis = from[seconds] === POINT;
  if (!isUtc(from, hasMillis ? seconds + 4 : seconds, end)) return NONE;
  let behind = copyAll(from, start, seconds, to, at);
  to[at + DATE_LENGTH] = SPACE;
  if (hasMillis) {
    if (twoDigits(from, seconds + 1) > 99 || !copyDigits(from, seconds + 3, seconds + 4, to, behind))
      return NONE;
    if (twoDigits(from, seconds + 1) > 0 || from[seconds + 3] !== ZERO) {
      behind = copyAll(from, seconds, seconds + 4, to, behind);
      for (let zero = 0; zero < 3; zero += 1) to[behind++] = ZERO;
    }
  }
  to[behind] = PLUS;
  to[behind + 1] = ZERO;
  to[behind + 2] = ZERO;
  return behind + 3;
};

const words = (...all: readonly string[]): CopyTyped => {
  const known = all.map((word) => Buffer.from(word));
  return (from, start, end, to, at) => {
    for (const word of known) {
      if (word.length !== end - start) continue;
      if (word.every((code, index) => from[start + index] === code)) return copyAll(from, start, end, to, at);
    }
    return NONE;
  };
};
const copyBoolean = words('true', 'false');

/** How values of a type that has no options are copied; undefined where none is. Texts have a way of their own: any byte may be in them. */
export const copyOfType = (type: ColumnType): CopyTyped | undefined => {
  switch (type.kind) {
    case 'smallint':
    case 'integer':
    case 'bigint':
      return integerOf(SAFE_DIGITS[type.kind]);
    case 'decimal':
      return type.scale > 0 ? decimalOf(type.precision, type.scale) : undefined;
    case 'boolean':
      return copyBoolean;
    case 'date':
      return copyDate;
    case 'timestamptz':
      return copyTimestamptz;
    default:
      return undefined;
  }
};
