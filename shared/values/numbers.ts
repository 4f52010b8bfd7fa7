import { fail, quoted, type Typed } from './failure.ts';

/** Numbers in canonical text: no plus, no leading zeros, decimals with their scale; by string arithmetic, so exact. */

const INTEGER = /^([+-]?)0*(\d+)$/;
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/;

const RANGES = {
  smallint: [-(2n ** 15n), 2n ** 15n - 1n],
  integer: [-(2n ** 31n), 2n ** 31n - 1n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
} as const;
/** Integers of so few digits are in range whatever they are. */
const SAFE_DIGITS = { smallint: 4, integer: 9, bigint: 18 } as const;

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
export const toInteger = (text: string, kind: keyof typeof RANGES): Typed => {
  if (text.length <= SAFE_DIGITS[kind] && isPlain(text, 0, text.length)) return text;
  const match = INTEGER.exec(text);
  if (match === null) return fail(`${quoted(text)} is not an integer`);
  const digits = match[2] ?? '';
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
export const toDecimal = (text: string, precision: number, scale: number): Typed => {
  const point0 = text.length - scale - 1;
  const isCanonical =
    scale > 0 && point0 <= precision - scale && text.charCodeAt(point0) === 0x2e && isPlain(text, 0, point0);
  if (isCanonical && areDigits(text, point0 + 1, text.length)) return text;
  const match = DECIMAL.exec(text);
  const whole = match?.[2] ?? '';
  const fraction = match?.[3] ?? '';
  if (match === null || (whole === '' && fraction === '')) return fail(`${quoted(text)} is not a number`);
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
  if (/[1-9]/.test(rest.slice(scale))) return fail(`${quoted(text)} has more than ${scale} fraction digits`);
  if (units.length > precision - scale) return fail(notIn(text, precision, scale));
  const kept = rest.slice(0, scale).padEnd(scale, '0');
  const canonical = `${units === '' ? '0' : units}${scale === 0 ? '' : `.${kept}`}`;
  return match[1] === '-' && /[1-9]/.test(canonical) ? `-${canonical}` : canonical;
};

const notIn = (text: string, precision: number, scale: number): string =>
  `${quoted(text)} is not in the range of decimal(${precision},${scale})`;

const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Types a binary floating point number, as the shortest text that reads back as the same number. */
export const toFloat = (text: string, kind: 'real' | 'double precision'): Typed => {
  if (!FLOAT.test(text)) return fail(`${quoted(text)} is not a finite number`);
  const value = Number(text);
  const stored = kind === 'real' ? Math.fround(value) : value;
  const isLost = !Number.isFinite(stored) || (stored === 0 && /^[^eE]*[1-9]/.test(text));
  if (isLost) return fail(`${quoted(text)} is not in the range of ${kind}`);
  return Object.is(value, -0) ? '0' : String(value).replace('e+', 'e');
};

const BOOLEANS: ReadonlyMap<string, string> = new Map([
  ['true', 'true'],
  ['1', 'true'],
  ['false', 'false'],
  ['0', 'false'],
]);

/** Types a boolean as XML Schema writes it, in any case. */
export const toBoolean = (text: string): Typed =>
  (text === 'true' || text === 'false' ? text : undefined) ??
  BOOLEANS.get(text) ??
  BOOLEANS.get(text.toLowerCase()) ??
  fail(`${quoted(text)} is not a boolean; allowed: true, false, 1, 0`);
