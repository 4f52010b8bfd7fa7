import { fail, quoted, type Typed } from './failure.ts';
import { parseOffset, parsePattern, type TimeFields } from './time-pattern.ts';

/** Dates and times in canonical text, timestamps to the microsecond, timestamptz in UTC. */

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?(?: ?(Z|z|[+-]\d\d(?::?\d\d)?))?$/;

const parseIso = (text: string): TimeFields | undefined => {
  const m = ISO.exec(text);
  if (m === null) return undefined;
  return {
    year: Number(m[1]),
    month: Number(m[2]),
    day: Number(m[3]),
    hour: Number(m[4] ?? 0),
    minute: Number(m[5] ?? 0),
    second: Number(m[6] ?? 0),
    fraction: m[7] ?? '',
    offsetMinutes: m[8] === undefined ? undefined : parseOffset(m[8]),
  };
};

const EPOCH = /^([+-]?\d{1,17})(?:\.(\d+))?$/;

const parseEpoch = (text: string, unit: 'seconds' | 'millis'): TimeFields | undefined => {
  const m = EPOCH.exec(text);
  if (m === null) return undefined;
  const micros =
    BigInt(m[1] ?? 0) * (unit === 'seconds' ? 1_000_000n : 1000n) +
    BigInt((m[2] ?? '').padEnd(6, '0').slice(0, unit === 'seconds' ? 6 : 3)) *
      (text.startsWith('-') ? -1n : 1n);
  const millis = Number((micros - (((micros % 1000n) + 1000n) % 1000n)) / 1000n);
  if (Math.abs(millis) > 8.64e15) return undefined;
  const at = new Date(millis);
  return {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
    fraction:
      String(at.getUTCMilliseconds()).padStart(3, '0') +
      String(((micros % 1000n) + 1000n) % 1000n).padStart(3, '0'),
    offsetMinutes: 0,
  };
};

/** Reads a time by a format of the feed file; undefined means that it is not of the format. */
export type TimeReader = (text: string) => TimeFields | undefined;

/** Makes the reader of a format: none, iso and iso-offset are ISO 8601; a pattern is compiled once. Throws InvalidInput. */
export const toTimeReader = (format: string | undefined): TimeReader => {
  switch (format) {
    case undefined:
    case 'iso':
    case 'iso-offset':
    case 'date':
      return parseIso;
    case 'epoch-seconds':
      return (text) => parseEpoch(text, 'seconds');
    case 'epoch-millis':
      return (text) => parseEpoch(text, 'millis');
    default:
      return parsePattern(format);
  }
};

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const daysIn = (year: number, month: number): number =>
  month === 2 && isLeap(year) ? 29 : (DAYS[month - 1] ?? 0);

const isReal = (t: TimeFields): boolean =>
  t.year >= 1 &&
  t.year <= 9999 &&
  t.day >= 1 &&
  t.day <= daysIn(t.year, t.month) &&
  t.minute <= 59 &&
  t.second <= 59 &&
  (t.hour <= 23 || (t.hour === 24 && t.minute === 0 && t.second === 0 && !/[1-9]/.test(t.fraction))) &&
  Math.abs(t.offsetMinutes ?? 0) <= 18 * 60;

const two = (n: number): string => (n < 10 ? `0${n}` : String(n));
const toDay = (year: number, month: number, day: number): string =>
  `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;

/** Microseconds at most: further digits are cut off, a fraction of zeros is dropped. */
const toFraction = (digits: string): string => {
  const micros = digits.slice(0, 6).padEnd(6, '0');
  return micros === '000000' ? '' : `.${micros}`;
};

const toTimestampText = (t: TimeFields): string | undefined => {
  const offset = t.offsetMinutes ?? 0;
  if (offset === 0 && t.hour < 24) {
    return `${toDay(t.year, t.month, t.day)} ${two(t.hour)}:${two(t.minute)}:${two(t.second)}${toFraction(t.fraction)}`;
  }
  // Date.UTC takes years under 100 for the twentieth century's; 2000 years on the calendar is the same.
  const at = new Date(Date.UTC(t.year + 2000, t.month - 1, t.day, t.hour, t.minute - offset, t.second));
  at.setUTCFullYear(at.getUTCFullYear() - 2000);
  return at.getUTCFullYear() >= 1 && at.getUTCFullYear() <= 9999
    ? `${at.toISOString().slice(0, 19).replace('T', ' ')}${toFraction(t.fraction)}`
    : undefined;
};

const notATime = (text: string, kind: string, format: string | undefined): Typed =>
  fail(`${quoted(text)} is not a ${kind}${format === undefined ? ' of ISO 8601' : ` of format ${format}`}`);

/** Types a date; a time of day in the text is refused, since the column would lose it. */
export const toDate = (text: string, read: TimeReader, format: string | undefined): Typed => {
  const t = read(text);
  if (t === undefined || !isReal(t)) return notATime(text, 'date', format);
  if (format === undefined && /[Tt ]\d/.test(text))
    return fail(`${quoted(text)} has a time of day, the column is a date`);
  return toDay(t.year, t.month, t.day);
};

/** Types a timestamp; an offset in the text is applied, so that the column is in UTC. */
export const toTimestamp = (text: string, read: TimeReader, format: string | undefined): Typed => {
  const t = read(text);
  const at = t === undefined || !isReal(t) ? undefined : toTimestampText(t);
  return at ?? notATime(text, 'timestamp', format);
};

/** Types a timestamptz, in UTC; a text without offset is refused. */
export const toTimestamptz = (text: string, read: TimeReader, format: string | undefined): Typed => {
  const quick = format === undefined ? quickUtc(text) : undefined;
  if (quick !== undefined) return quick;
  const t = read(text);
  const at = t === undefined || !isReal(t) ? undefined : toTimestampText(t);
  if (t === undefined || at === undefined) return notATime(text, 'timestamptz', format);
  return t.offsetMinutes === undefined ? fail(`${quoted(text)} has no offset from UTC`) : `${at}+00`;
};

const QUICK =
  /^([12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8]))T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{3}))?(?:Z|\+00:?00)$/;

/** Most timestamps are in UTC to the millisecond: their digits only change places. */
const quickUtc = (text: string): string | undefined => {
  const m = QUICK.exec(text);
  if (m === null) return undefined;
  return m[3] === undefined || m[3] === '000' ? `${m[1]} ${m[2]}+00` : `${m[1]} ${m[2]}.${m[3]}000+00`;
};

/** Epoch milliseconds of a date, timestamp or timestamptz in canonical text, cut down to the millisecond. */
export const toEpochMs = (canonical: string): number => {
  const date = canonical.slice(0, 10);
  const time = canonical.length > 10 ? canonical.slice(11, 19) : '00:00:00';
  const dot = canonical.charAt(19) === '.' ? canonical.slice(19, 23) : '.000';
  return Date.parse(`${date}T${time}${dot}Z`);
};
