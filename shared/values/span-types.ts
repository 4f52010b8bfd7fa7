import type { ColumnType } from '../model/column-type.ts';
import { lengthOf, NO_SPAN, type Span, startOf, TIMESTAMP, TIMESTAMPTZ, withForm } from './spans.ts';

/**
 * Spans that are values of a type as they stand. Nothing is refused here, and nothing else is known: what is not recognized becomes a text,
 * of which its type says what it is.
 */
export type SpanReader = (bytes: Uint8Array, span: Span) => Span;

const ZERO = 0x30;
const NINE = 0x39;
const POINT = 0x2e;

/** Integers of so few digits are in range whatever they are. */
const SAFE_DIGITS = { smallint: 4, integer: 9, bigint: 18 } as const;

const areDigits = (bytes: Uint8Array, from: number, to: number): boolean => {
  for (let at = from; at < to; at += 1) {
    const code = bytes[at] ?? 0;
    if (code < ZERO || code > NINE) return false;
  }
  return true;
};

/** Digits without a zero before others. */
const isWhole = (bytes: Uint8Array, from: number, to: number): boolean =>
  from < to && (bytes[from] !== ZERO || to - from === 1) && areDigits(bytes, from, to);

const integer =
  (kind: keyof typeof SAFE_DIGITS): SpanReader =>
  (bytes, span) => {
    const start = startOf(span);
    const length = lengthOf(span);
    return length <= SAFE_DIGITS[kind] && isWhole(bytes, start, start + length) ? span : NO_SPAN;
  };

const decimal =
  (precision: number, scale: number): SpanReader =>
  (bytes, span) => {
    const start = startOf(span);
    const end = start + lengthOf(span);
    const whole = scale === 0 ? end : end - scale - 1;
    const isRight =
      whole - start <= precision - scale &&
      isWhole(bytes, start, whole) &&
      (scale === 0 || (bytes[whole] === POINT && areDigits(bytes, whole + 1, end)));
    return isRight ? span : NO_SPAN;
  };

const text =
  (length: number): SpanReader =>
  (_, span) =>
    lengthOf(span) <= length ? span : NO_SPAN;

/** Whether a text stands there; a closure would cost more than the look. */
const isText = (text: Uint8Array | undefined, bytes: Uint8Array, start: number, length: number): boolean => {
  if (text === undefined || text.length !== length) return false;
  for (let index = 0; index < length; index += 1) if (bytes[start + index] !== text[index]) return false;
  return true;
};

const WORDS = [Buffer.from('true'), Buffer.from('false')];

const boolean: SpanReader = (bytes, span) => {
  const start = startOf(span);
  const length = lengthOf(span);
  for (let index = 0; index < WORDS.length; index += 1)
    if (isText(WORDS[index], bytes, start, length)) return span;
  return NO_SPAN;
};

/** What stands in a time: `0` is a digit, and all else itself. */
const TIME = Buffer.from('0000-00-00T00:00:00');
const DATE_LENGTH = 10;
const FRACTION = Buffer.from('.000');
const NO_OFFSETS = ['Z', '+0000', '+00:00'].map((one) => Buffer.from(one));

const isOf = (pattern: Uint8Array, bytes: Uint8Array, at: number, length: number): boolean => {
  for (let index = 0; index < length; index += 1) {
    const code = bytes[at + index] ?? 0;
    if (pattern[index] === ZERO ? code < ZERO || code > NINE : code !== pattern[index]) return false;
  }
  return true;
};

/** Two digits as a number. */
const numberAt = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) - ZERO) * 10 + ((bytes[at + 1] ?? 0) - ZERO);

/** Whether there is such a day whatever the month and the year; the others are left to the calendar. */
const isDate = (bytes: Uint8Array, at: number): boolean => {
  const month = numberAt(bytes, at + 5);
  const day = numberAt(bytes, at + 8);
  const century = numberAt(bytes, at);
  return century >= 10 && century < 30 && month >= 1 && month <= 12 && day >= 1 && day <= 28;
};

const isClock = (bytes: Uint8Array, at: number): boolean =>
  numberAt(bytes, at) < 24 && numberAt(bytes, at + 3) < 60 && numberAt(bytes, at + 6) < 60;

const date: SpanReader = (bytes, span) => {
  const start = startOf(span);
  const isRight =
    lengthOf(span) === DATE_LENGTH && isOf(TIME, bytes, start, DATE_LENGTH) && isDate(bytes, start);
  return isRight ? span : NO_SPAN;
};

/** A time in UTC, to the second or the millisecond. */
const time =
  (form: typeof TIMESTAMP | typeof TIMESTAMPTZ, isWithoutOffset: boolean): SpanReader =>
  (bytes, span) => {
    const start = startOf(span);
    const end = start + lengthOf(span);
    let at = start + TIME.length;
    if (at > end || !isOf(TIME, bytes, start, TIME.length)) return NO_SPAN;
    if (!isDate(bytes, start) || !isClock(bytes, start + DATE_LENGTH + 1)) return NO_SPAN;
    if (at + FRACTION.length <= end && isOf(FRACTION, bytes, at, FRACTION.length)) at += FRACTION.length;
    return (at === end && isWithoutOffset) || isUtc(bytes, at, end) ? withForm(span, form) : NO_SPAN;
  };

const isUtc = (bytes: Uint8Array, at: number, end: number): boolean => {
  for (let index = 0; index < NO_OFFSETS.length; index += 1)
    if (isText(NO_OFFSETS[index], bytes, at, end - at)) return true;
  return false;
};

type Readers = { readonly [K in ColumnType['kind']]?: (type: ColumnType & { kind: K }) => SpanReader };

const READERS: Readers = {
  smallint: () => integer('smallint'),
  integer: () => integer('integer'),
  bigint: () => integer('bigint'),
  decimal: ({ precision, scale }) => decimal(precision, scale),
  boolean: () => boolean,
  varchar: ({ length }) => text(length),
  char: ({ length }) => text(length),
  date: () => date,
  timestamp: () => time(TIMESTAMP, true),
  timestamptz: () => time(TIMESTAMPTZ, false),
};

/** What recognizes a type's values; undefined where they are always made of texts. */
export const toSpanReader = <K extends ColumnType['kind']>(
  type: ColumnType & { kind: K },
): SpanReader | undefined => READERS[type.kind]?.(type);
