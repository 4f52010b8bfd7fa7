import { type Failure, fail, quoted, type Typed } from './failure.ts';
import { isFailure } from './found.ts';
import { compileTimeFormat, type ParsedTime } from './time-format.ts';
import { hintOfFormat } from './time-hints.ts';

/** Dates and times in canonical text, timestamps to the microsecond, timestamptz in UTC. */

/** Reads a time by a column's format; undefined means that it is not of the format, a failure that there is no such time. */
export type TimeReader = (text: string) => ParsedTime | Failure | undefined;

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?(?: ?(Z|z|[+-]\d\d(?::?\d\d)?))?$/;

/** Minutes ahead of UTC of `Z`, `+0100`, `+01:00` or `+01`; NaN past the farthest zone there is. */
const parseOffset = (text: string): number => {
  if (text === 'Z' || text === 'z') return 0;
  const digits = text.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  if (minutes > 18 * 60 || Number(digits.slice(2)) > 59) return Number.NaN;
  return text.startsWith('-') ? -minutes : minutes;
};

/** Epoch milliseconds of a day that the calendar has; NaN otherwise. */
const dayMs = (year: number, month: number, day: number): number => {
  // Date.UTC takes years under 100 for the twentieth century's; 2000 years on the calendar is the same.
  const at = new Date(Date.UTC(year + 2000, month - 1, day));
  if (year < 1 || at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day) return Number.NaN;
  return at.setUTCFullYear(year);
};

const parseIso = (text: string): ParsedTime | undefined => {
  const m = ISO.exec(text);
  if (m === null) return undefined;
  const [hour, minute, second] = [Number(m[4] ?? 0), Number(m[5] ?? 0), Number(m[6] ?? 0)];
  // Digits past the microsecond are cut off: no type of the warehouse holds them.
  const fraction = (m[7] ?? '').slice(0, 6).padEnd(6, '0');
  const isMidnight = hour === 24 && minute === 0 && second === 0 && !/[1-9]/.test(m[7] ?? '');
  if ((hour > 23 && !isMidnight) || minute > 59 || second > 59) return undefined;
  const offset = m[8] === undefined ? 0 : parseOffset(m[8]);
  const clock = ((hour * 60 + minute - offset) * 60 + second) * 1000 + Number(fraction.slice(0, 3));
  const ms = dayMs(Number(m[1]), Number(m[2]), Number(m[3])) + clock;
  return Number.isNaN(ms)
    ? undefined
    : { ms, micros: Number(fraction.slice(3)), hasOffset: m[8] !== undefined, offsetMinutes: offset };
};

/** Characters of a time; what is longer is refused unread. */
const LONGEST_TIME = 256;

/** Makes the reader of a format; without one, ISO 8601 with or without colon in the offset. Throws InvalidInput. */
export const toTimeReader = (format: string | undefined): TimeReader => {
  const read = format === undefined ? parseIso : compileTimeFormat(format).parse;
  return (text) => (text.length > LONGEST_TIME ? undefined : read(text));
};

const FIRST_MS = -62_135_596_800_000;
const AFTER_LAST_MS = 253_402_300_800_000;

/** `YYYY-MM-DD HH:MM:SS.ffffff`, the fraction dropped when zero; undefined outside the years 1 to 9999. */
const toText = ({ ms, micros }: Pick<ParsedTime, 'ms' | 'micros'>): string | undefined => {
  if (!(ms >= FIRST_MS && ms < AFTER_LAST_MS)) return undefined;
  const iso = new Date(ms).toISOString();
  const fraction = iso.slice(20, 23) + String(micros).padStart(3, '0');
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}${fraction === '000000' ? '' : `.${fraction}`}`;
};

const notATime = (
  text: string,
  kind: 'date' | 'timestamp' | 'timestamptz',
  format: string | undefined,
): Typed => {
  const allowed = format === undefined ? 'ISO 8601' : `format ${format}`;
  return fail(`${quoted(text)} is not a ${kind} of ${allowed}${hintOf(text, kind, format)}`);
};

const hintOf = (
  text: string,
  kind: 'date' | 'timestamp' | 'timestamptz',
  format: string | undefined,
): string => {
  if (text.length > LONGEST_TIME) return '';
  if (format !== undefined && parseIso(text) !== undefined) return '; it is ISO 8601: leave format out';
  return hintOfFormat(text, kind);
};

/** How ISO 8601 begins when a time of day follows the date. */
const WITH_TIME = /^\d{4}-\d\d-\d\d[Tt ]\d/;

/**
 * Types a date: the day as written, whatever day its offset makes it in UTC. Without a format a time of day in the text is refused,
 * since the column would lose it.
 */
export const toDate = (text: string, read: TimeReader, format: string | undefined): Typed => {
  const at = read(text);
  if (isFailure(at)) return at;
  if (at === undefined) return notATime(text, 'date', format);
  if (format === undefined && WITH_TIME.test(text))
    return fail(`${quoted(text)} has a time of day, which a date would lose; write type timestamp`);
  const written = { ms: at.ms + at.offsetMinutes * 60_000, micros: at.micros };
  return toText(written)?.slice(0, 10) ?? notATime(text, 'date', format);
};

/** Types a timestamp; an offset in the text is applied, so that the column is in UTC. */
export const toTimestamp = (text: string, read: TimeReader, format: string | undefined): Typed => {
  const at = read(text);
  if (isFailure(at)) return at;
  return (at === undefined ? undefined : toText(at)) ?? notATime(text, 'timestamp', format);
};

/** Types a timestamptz, in UTC; a text without offset is refused. */
export const toTimestamptz = (text: string, read: TimeReader, format: string | undefined): Typed => {
  const quick = format === undefined ? quickUtc(text) : undefined;
  if (quick !== undefined) return quick;
  const at = read(text);
  if (isFailure(at)) return at;
  const utc = at === undefined ? undefined : toText(at);
  if (at === undefined || utc === undefined) return notATime(text, 'timestamptz', format);
  return at.hasOffset
    ? `${utc}+00`
    : fail(
        `${quoted(text)} has no offset from UTC; write zone: UTC, or the zone of its clocks, or type timestamp to load it as it stands`,
      );
};

const QUICK =
  /^[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?(?:Z|\+00:?00)$/;

/** Most timestamps are in UTC to the millisecond: their digits only change places. */
const quickUtc = (text: string): string | undefined => {
  if (!QUICK.test(text)) return undefined;
  const seconds = `${text.slice(0, 10)} ${text.slice(11, 19)}`;
  const isWhole = text.charCodeAt(19) !== 0x2e || text.startsWith('.000', 19);
  return isWhole ? `${seconds}+00` : `${seconds}${text.slice(19, 23)}000+00`;
};

/** Epoch milliseconds of a date, timestamp or timestamptz in canonical text, cut down to the millisecond. */
export const toEpochMs = (canonical: string): number => {
  const date = canonical.slice(0, 10);
  const time = canonical.length > 10 ? canonical.slice(11, 19) : '00:00:00';
  const fraction = canonical.charAt(19) === '.' ? canonical.slice(19, 23) : '.000';
  return Date.parse(`${date}T${time}${fraction}Z`);
};
