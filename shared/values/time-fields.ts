import { InvalidInput } from '../errors.ts';

/** The fields of a time pattern, by the letters of Java's DateTimeFormatter. */

export type FieldName =
  | 'year'
  | 'month'
  | 'day'
  | 'hour'
  | 'half'
  | 'minute'
  | 'second'
  | 'fraction'
  | 'weekday'
  | 'offset';

/** A time taken apart, in UTC: fraction in nanoseconds, half 0 am and 1 pm, weekday 0 Sunday, offset in minutes. */
export type FieldValues = Readonly<Record<FieldName, number>>;

export interface Field {
  readonly name: FieldName;
  /** The field without which this one says nothing. */
  readonly needs?: FieldName;
  /** Source of the regular expression of what the field may read. */
  readonly pattern: string;
  format(values: FieldValues): string;
  /** Undefined where the text, though it matches, is no value. */
  parse(text: string): number | undefined;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

const ALLOWED =
  "iso iso-offset date epoch-seconds epoch-millis rfc822, or a pattern of yyyy yy M MM MMM d dd EEE H HH h hh a m mm s ss S to SSSSSSSSS Z X XX XXX x xx xxx and 'text'";

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

const numeric = (name: FieldName, width: number, toShown = (value: number) => value): Field => ({
  name,
  pattern: width === 1 ? '\\d{1,2}' : `\\d{${width}}`,
  format: (values) => pad(toShown(values[name]), width),
  parse: Number,
});

const named = (name: FieldName, names: readonly string[], first: number): Field => ({
  name,
  pattern: names.join('|'),
  format: (values) => names[values[name] - first] ?? '',
  parse: (text) => names.findIndex((one) => one.toLowerCase() === text.toLowerCase()) + first,
});

const halfDayHour = (width: number): Field => ({
  ...numeric('hour', width, (hour) => hour % 12 || 12),
  needs: 'half',
  parse: (text) => (Number(text) >= 1 && Number(text) <= 12 ? Number(text) : undefined),
});

const fraction = (width: number): Field => ({
  name: 'fraction',
  pattern: `\\d{${width}}`,
  format: (values) => pad(values.fraction, 9).slice(0, width),
  parse: (text) => Number(text.padEnd(9, '0')),
});

/** Writes UTC in its own way; reads every way, since sources mix them. */
const offset = (utc: string): Field => ({
  name: 'offset',
  pattern: 'Z|[+-]\\d{2}(?::?\\d{2})?',
  format: () => utc,
  parse: (text) => {
    const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(text) ?? [];
    if (Number(hours) > 18 || Number(minutes) > 59) return undefined;
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  },
});

const twoDigitYear: Field = {
  ...numeric('year', 2, (year) => year % 100),
  parse: (text) => 2000 + Number(text),
};

const BY_LETTERS: Readonly<Record<string, Field>> = {
  yyyy: numeric('year', 4),
  yy: twoDigitYear,
  M: numeric('month', 1),
  MM: numeric('month', 2),
  MMM: named('month', MONTHS, 1),
  d: numeric('day', 1),
  dd: numeric('day', 2),
  EEE: named('weekday', WEEKDAYS, 0),
  H: numeric('hour', 1),
  HH: numeric('hour', 2),
  h: halfDayHour(1),
  hh: halfDayHour(2),
  a: named('half', ['AM', 'PM'], 0),
  m: numeric('minute', 1),
  mm: numeric('minute', 2),
  s: numeric('second', 1),
  ss: numeric('second', 2),
  Z: offset('+0000'),
  X: offset('Z'),
  XX: offset('Z'),
  XXX: offset('Z'),
  x: offset('+00'),
  xx: offset('+0000'),
  xxx: offset('+00:00'),
};

/** The field of one run of equal letters. Throws InvalidInput for letters that no format has. */
export const fieldOf = (letters: string, pattern: string): Field => {
  if (/^S{1,9}$/.test(letters)) return fraction(letters.length);
  const field = Object.hasOwn(BY_LETTERS, letters) ? BY_LETTERS[letters] : undefined;
  if (field === undefined)
    throw new InvalidInput(`time format '${pattern}': got ${letters}, allowed ${ALLOWED}`);
  return field;
};

/** A time taken apart, in UTC. */
export const fieldsOfMs = (ms: number): FieldValues => {
  const date = new Date(ms);
  const hour = date.getUTCHours();
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour,
    half: hour < 12 ? 0 : 1,
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    fraction: date.getUTCMilliseconds() * 1e6,
    weekday: date.getUTCDay(),
    offset: 0,
  };
};
