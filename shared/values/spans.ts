/**
 * A value that is no string yet: bytes of ASCII where the reader has them, held as one small integer. It counts as long as these bytes
 * stand there; what outlives them is made a string before.
 */
export type Span = number;

/** A value of a row on its way to CSV. */
export type Field = string | Span | null;

/** The start has 18 bits, the length 11, and the form 2: V8 keeps an integer of 31 bits without an object. */
const START_BITS = 18;
const LENGTH_BITS = 11;
const FORM_SHIFT = START_BITS + LENGTH_BITS;
const START_MASK = 2 ** START_BITS - 1;
const LENGTH_MASK = 2 ** LENGTH_BITS - 1;
const PLACE_MASK = 2 ** FORM_SHIFT - 1;

export const NO_SPAN: Span = -1;

/** How the bytes are written: as they are, or as the canonical text of the time that they are. */
export const AS_IS = 0;
export const TIMESTAMP = 1;
export const TIMESTAMPTZ = 2;
export type SpanForm = typeof AS_IS | typeof TIMESTAMP | typeof TIMESTAMPTZ;

/** Longest span, and the bytes of the longest text that one becomes: a time gets more digits and an offset. */
export const LONGEST_SPAN = LENGTH_MASK;
export const MOST_WRITTEN = LONGEST_SPAN + 16;

/** The span of some bytes, not empty; NO_SPAN where they are too many or too far behind. */
export const toSpan = (start: number, end: number): Span =>
  end - start > LENGTH_MASK || start > START_MASK ? NO_SPAN : ((end - start) << START_BITS) | start;

export const startOf = (span: Span): number => span & START_MASK;
export const lengthOf = (span: Span): number => (span >> START_BITS) & LENGTH_MASK;
export const formOf = (span: Span): number => span >> FORM_SHIFT;
export const withForm = (span: Span, form: SpanForm): Span => (span & PLACE_MASK) | (form << FORM_SHIFT);

const SPACE = 0x20;
const DOT = 0x2e;
const ZERO = 0x30;
const PLUS = 0x2b;
const TIME_AT = 10;
const FRACTION_AT = 19;
const FRACTION = '.000'.length;

/** Writes the text of a span, and gives where it ends. There has to be room for MOST_WRITTEN bytes. */
export const writeSpan = (into: Uint8Array, at: number, bytes: Uint8Array, span: Span): number => {
  const form = formOf(span);
  const start = startOf(span);
  if (form !== AS_IS) return writeTime(into, at, bytes, start, form === TIMESTAMPTZ);
  return copyBytes(into, at, bytes, start, lengthOf(span));
};

/** A call to copy a few bytes costs more than they do. */
const copyBytes = (
  into: Uint8Array,
  at: number,
  bytes: Uint8Array,
  start: number,
  length: number,
): number => {
  for (let index = 0; index < length; index += 1) into[at + index] = bytes[start + index] ?? 0;
  return at + length;
};

/** A time of `YYYY-MM-DDTHH:MM:SS` with a fraction of three digits or without, in UTC whatever follows. */
const writeTime = (
  into: Uint8Array,
  from: number,
  bytes: Uint8Array,
  start: number,
  hasOffset: boolean,
): number => {
  let at = copyBytes(into, from, bytes, start, FRACTION_AT);
  into[from + TIME_AT] = SPACE;
  const fraction = start + FRACTION_AT;
  const isZero = bytes[fraction + 1] === ZERO && bytes[fraction + 2] === ZERO && bytes[fraction + 3] === ZERO;
  if (bytes[fraction] === DOT && !isZero) {
    at = copyBytes(into, at, bytes, fraction, FRACTION);
    for (let digit = 0; digit < 3; digit += 1) into[at + digit] = ZERO;
    at += 3;
  }
  if (!hasOffset) return at;
  into[at] = PLUS;
  into[at + 1] = ZERO;
  into[at + 2] = ZERO;
  return at + 3;
};
