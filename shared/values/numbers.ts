import { MOST_DECIMALS, MOST_DIGITS } from '../model/column-type.ts';
import { type Failure, fail, quoted, type Typed } from './failure.ts';

/** Numbers in canonical text: no plus, no leading zeros, decimals with their scale; by string arithmetic, so exact. */

/**
 * Characters of a number: the longest that a double is written with digit by digit has 1,077. What is longer is refused
 * unread, so that no expression below meets a text of any length.
 */
const LONGEST_NUMBER = 1100;

const refuseLength = (text: string): Failure | undefined =>
  text.length > LONGEST_NUMBER
    ? fail(`${quoted(text)} is ${text.length} characters long, allowed for a number ${LONGEST_NUMBER}`)
    : undefined;

const INTEGER = /^([+-]?)(\d+)$/;
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/;

const RANGES = {
  smallint: [-(2n ** 15n), 2n ** 15n - 1n],
  integer: [-(2n ** 31n), 2n ** 31n - 1n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
} as const;
/** Integers of so few digits are in range whatever they are. */
export const SAFE_DIGITS = { smallint: 4, integer: 9, bigint: 18 } as const;

/** Whether a text is digits alone without a leading zero: most numbers are canonical as they come. */
const isPlain = (text: string, start: number, end: number): boolean => {
  if (start >= end || (text.charCodeAt(start) === 0x30 && end - start > 1)) return false;
  return areDigits(text, start, end);
};

const areDigits = (text: string, start: number, end: number): boolean => {
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
};

/** Types an integer of one of Redshift's three widths. */
export const toInteger = (text: string, kind: keyof typeof RANGES, mayBeNull = true): Typed => {
  if (text.length <= SAFE_DIGITS[kind] && isPlain(text, 0, text.length)) return text;
  const match = text.length > LONGEST_NUMBER ? null : INTEGER.exec(text);
  if (match === null) return refuseLength(text) ?? notANumber(text, 'an integer', mayBeNull);
  const digits = (match[2] ?? '').replace(/^0+(?=\d)/, '');
  const canonical = match[1] === '-' && digits !== '0' ? `-${digits}` : digits;
  if (digits.length <= SAFE_DIGITS[kind]) return canonical;
  const [least, most] = RANGES[kind];
  // Far too long digits are not worth a BigInt.
  const value = digits.length > 19 ? undefined : BigInt(canonical);
  if (value === undefined || value < least || value > most) {
    return fail(`${quoted(text)} is not in the range of ${kind}, ${least} to ${most}`);
  }
  return canonical;
};

/** Types a decimal(p, s). More fraction digits than the scale are refused unless they are zeros: COPY would cut them off. */
export const toDecimal = (text: string, precision: number, scale: number, mayBeNull = true): Typed => {
  const point0 = text.length - scale - 1;
  const isCanonical =
    scale > 0 && point0 <= precision - scale && text.charCodeAt(point0) === 0x2e && isPlain(text, 0, point0);
  if (isCanonical && areDigits(text, point0 + 1, text.length)) return text;
  const excess = refuseLength(text);
  if (excess !== undefined) return excess;
  const match = DECIMAL.exec(text);
  const whole = match?.[2] ?? '';
  const fraction = match?.[3] ?? '';
  if (match === null || (whole === '' && fraction === '')) return notANumber(text, 'a number', mayBeNull);
  const exponent = Number(match[4] ?? 0);
  // A shift of more than the widest decimal's digits cannot fit, unless all digits are zeros.
  if (Math.abs(exponent) > 1000) {
    return /[1-9]/.test(whole + fraction)
      ? fail(notIn(text, precision, scale))
      : toDecimal('0', precision, scale);
  }
  const digits = whole + fraction;
  const point = whole.length + exponent;
  const shifted = point < 0 ? '0'.repeat(-point) + digits : digits.padEnd(point, '0');
  const units = shifted.slice(0, Math.max(point, 0)).replace(/^0+/, '');
  const rest = shifted.slice(Math.max(point, 0));
  if (/[1-9]/.test(rest.slice(scale))) return fail(tooFine(text, rest, precision, scale));
  if (units.length > precision - scale) return fail(notIn(text, precision, scale));
  const kept = rest.slice(0, scale).padEnd(scale, '0');
  const canonical = `${units === '' ? '0' : units}${scale === 0 ? '' : `.${kept}`}`;
  return match[1] === '-' && /[1-9]/.test(canonical) ? `-${canonical}` : canonical;
};

const notIn = (text: string, precision: number, scale: number): string =>
  `${quoted(text)} is not in the range of decimal(${precision},${scale})`;

/** The digits that the scale cuts off would be lost; what the feed can say to keep them, where a type is wide enough. */
const tooFine = (text: string, rest: string, precision: number, scale: number): string => {
  let digits = rest.length;
  while (rest.charCodeAt(digits - 1) === 0x30) digits -= 1;
  const wider = precision - scale + digits;
  const remedy =
    wider <= MOST_DIGITS && digits <= MOST_DECIMALS ? `decimal(${wider},${digits})` : 'varchar(n)';
  return `${quoted(text)} has more than ${scale} fraction digits; write type ${remedy} to keep them`;
};

const NOT_FINITE = /^[+-]?(?:inf|infinity|nan)$/i;

/** XML Schema's INF and NaN are numbers to many sources, and to no column here. */
const notANumber = (text: string, allowed: string, mayBeNull: boolean): Failure => {
  if (text.length > 9 || !NOT_FINITE.test(text)) return fail(`${quoted(text)} is not ${allowed}`);
  const none = mayBeNull ? 'onError: setNull to load null in its place, or ' : '';
  return fail(`${quoted(text)} is not a finite number; write ${none}type varchar(n) to keep the text`);
};

const FLOAT = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Types a binary floating point number, as the shortest text that reads back as the same number. */
export const toFloat = (text: string, kind: 'real' | 'double precision', mayBeNull = true): Typed => {
  const excess = refuseLength(text);
  if (excess !== undefined) return excess;
  if (!FLOAT.test(text)) return notANumber(text, 'a number', mayBeNull);
  const value = Number(text);
  const stored = kind === 'real' ? Math.fround(value) : value;
  const isLost = !Number.isFinite(stored) || (stored === 0 && /^[^eE]*[1-9]/.test(text));
  if (isLost) return fail(`${quoted(text)} is not in the range of ${kind}`);
  return Object.is(value, -0) ? '0' : String(value).replace('e+', 'e');
};

/** What a boolean is read from, besides 1 and 0: words, in any case. */
const TRUE = ['true', 't', 'yes', 'y', 'on'];
const FALSE = ['false', 'f', 'no', 'n', 'off'];
const BOOLEANS: ReadonlyMap<string, string> = new Map([
  ...[...TRUE, '1'].map((word) => [word, 'true'] as const),
  ...[...FALSE, '0'].map((word) => [word, 'false'] as const),
]);
const LONGEST_BOOLEAN = 5;

/** Types a boolean. */
export const toBoolean = (text: string): Typed =>
  (text === 'true' || text === 'false' ? text : undefined) ??
  (text.length <= LONGEST_BOOLEAN ? BOOLEANS.get(text.toLowerCase()) : undefined) ??
  fail(`${quoted(text)} is not a boolean; allowed: ${[...TRUE, ...FALSE].join(', ')} in any case, 1, 0`);

/** A number cut to so many fraction digits, half of the last away from zero; any other text as it is. */
export const roundHalfUp = (text: string, scale: number): string => {
  const match = text.length > LONGEST_NUMBER ? null : DECIMAL.exec(text);
  const exponent = Number(match?.[4] ?? 0);
  if (match === null || Math.abs(exponent) > LONGEST_NUMBER) return text;
  const whole = match[2] ?? '';
  const digits = whole + (match[3] ?? '');
  // Places of the digits that are kept, counted from the first; those before it are zeros.
  const kept = whole.length + exponent + scale;
  if (digits === '' || kept >= digits.length) return text;
  const isUp = kept >= 0 && digits.charCodeAt(kept) >= 0x35;
  const units = BigInt(digits.slice(0, Math.max(kept, 0)) || '0') + (isUp ? 1n : 0n);
  const shown = String(units).padStart(scale + 1, '0');
  const point = shown.length - scale;
  return `${match[1] ?? ''}${shown.slice(0, point)}.${shown.slice(point)}`;
};
