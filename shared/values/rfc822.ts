import type { TimeFormat } from './parsed-time.ts';

/** Times of mail and feeds: RFC 822, its four-digit years of RFC 1123, and RFC 5322 with its zone names. */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Hours ahead of UTC of the names that RFC 5322 gives a meaning; other letters say nothing (section 4.3). */
const ZONES: Readonly<Record<string, number>> = {
  UT: 0,
  UTC: 0,
  GMT: 0,
  Z: 0,
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
};

const TIME =
  /^(?:([a-z]{3}), *)?(\d{1,2}) +([a-z]{3}) +(\d{4}|\d{2}) +(\d{1,2}):(\d\d)(?::(\d\d))?(?: +(?:([+-])(\d\d)(\d\d)|([a-z]{1,3})))?$/i;

/** RFC 5322, 4.3: 00 to 49 are of this century. */
const yearOf = (text: string): number =>
  Number(text) + (text.length > 2 ? 0 : Number(text) < 50 ? 2000 : 1900);

const offsetOf = (m: RegExpExecArray): number | undefined => {
  const [sign, hours, minutes, name] = [m[8], Number(m[9]), Number(m[10]), m[11]?.toUpperCase()];
  if (name !== undefined) return Object.hasOwn(ZONES, name) ? (ZONES[name] ?? 0) * 60 : undefined;
  if (sign === undefined) return 0;
  return hours > 18 || minutes > 59 ? undefined : (sign === '-' ? -1 : 1) * (hours * 60 + minutes);
};

const parse: TimeFormat['parse'] = (text) => {
  const m = TIME.exec(text);
  if (m === null) return undefined;
  const [day, month, year] = [Number(m[2]), MONTHS.indexOf((m[3] ?? '').toLowerCase()), yearOf(m[4] ?? '')];
  const [hour, minute, second] = [Number(m[5]), Number(m[6]), Number(m[7] ?? 0)];
  const offsetMinutes = offsetOf(m);
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  const isDay = month >= 0 && date.getUTCMonth() === month && date.getUTCDate() === day;
  if (!isDay || hour > 23 || minute > 59 || second > 59 || offsetMinutes === undefined) return undefined;
  if (m[1] !== undefined && WEEKDAYS[date.getUTCDay()] !== m[1].toLowerCase()) return undefined;
  date.setUTCHours(hour, minute, second);
  const hasOffset = m[8] !== undefined || m[11] !== undefined;
  return { ms: date.getTime() - offsetMinutes * 60_000, micros: 0, hasOffset, offsetMinutes };
};

export const rfc822: TimeFormat = {
  unitMs: 1000,
  hasOffset: true,
  format: (ms) => new Date(Math.floor(ms / 1000) * 1000).toUTCString(),
  parse,
};
