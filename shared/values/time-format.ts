import { InvalidInput } from '../errors.ts';
import type { ParsedTime, TimeFormat } from './parsed-time.ts';
import { rfc822 } from './rfc822.ts';
import type { Field, FieldName } from './time-fields.ts';
import { fieldOf, fieldsOfMs } from './time-fields.ts';

/** How a source writes times: named formats and patterns in the letters of Java's DateTimeFormatter, both ways, in UTC. */

export type { ParsedTime, TimeFormat };

const NAMED: Readonly<Record<string, string>> = {
  iso: "yyyy-MM-dd'T'HH:mm:ss'Z'",
  'iso-offset': "yyyy-MM-dd'T'HH:mm:ss.SSSZ",
  date: 'yyyy-MM-dd',
};

const epochFormat = (unitMs: number): TimeFormat => ({
  unitMs,
  hasOffset: true,
  format: (ms) => String(Math.floor(ms / unitMs)),
  parse: (text) => {
    const ms = /^-?\d{1,16}$/.test(text) ? Number(text) * unitMs : Number.NaN;
    // 8.64e15 ms is the last time that a Date can hold.
    return Math.abs(ms) <= 8.64e15 ? { ms, micros: 0, hasOffset: true, offsetMinutes: 0 } : undefined;
  },
});

type Token = { readonly literal: string } | { readonly field: Field };

/** Characters of a pattern; each field stands once in it, so what it reads is bounded too. */
const LONGEST_PATTERN = 128;

const TOKEN = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+/y;

const tokenize = (pattern: string): readonly Token[] => {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < pattern.length) {
    const start = TOKEN.lastIndex;
    const [whole, quoted, letter] = TOKEN.exec(pattern) ?? [];
    if (whole === undefined)
      throw new InvalidInput(`time format '${pattern}': the quote at offset ${start} is not closed`);
    if (letter !== undefined) tokens.push({ field: fieldOf(whole, pattern) });
    else if (quoted === undefined) tokens.push({ literal: whole });
    else tokens.push({ literal: quoted === '' ? "'" : quoted.replaceAll("''", "'") });
  }
  return tokens;
};

/** The unit, after checking that the fields leave no gap between the year and the smallest of them. */
const unitOf = (names: ReadonlySet<FieldName>, pattern: string): number => {
  const units: readonly (readonly [FieldName, number])[] = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1000],
    ['fraction', 1],
  ];
  const last = units.findLastIndex(([name]) => names.has(name));
  const needed: readonly FieldName[] = [
    'year',
    'month',
    'day',
    ...units.slice(0, last + 1).map(([name]) => name),
  ];
  const missing = needed.find((name) => !names.has(name));
  if (missing !== undefined) throw new InvalidInput(`time format '${pattern}' has no ${missing}`);
  return units[last]?.[1] ?? 1;
};

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

const readFields = (
  fields: readonly Field[],
  texts: readonly string[],
): Map<FieldName, number> | undefined => {
  const values = new Map<FieldName, number>();
  for (const [index, field] of fields.entries()) {
    const value = field.parse(texts[index] ?? '');
    if (value === undefined) return undefined;
    values.set(field.name, value);
  }
  return values;
};

const hourOf = (values: ReadonlyMap<FieldName, number>): number => {
  const half = values.get('half');
  const hour = values.get('hour') ?? 0;
  return half === undefined ? hour : (hour % 12) + 12 * half;
};

const toTime = (values: ReadonlyMap<FieldName, number>, hasOffset: boolean): ParsedTime | undefined => {
  const get = (name: FieldName): number => values.get(name) ?? 0;
  const [month, day, hour] = [get('month'), get('day'), hourOf(values)];
  const nanos = get('fraction');
  const date = new Date(0);
  date.setUTCFullYear(get('year'), month - 1, day);
  date.setUTCHours(hour, get('minute'), get('second'), Math.floor(nanos / 1e6));
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!isReal || hour > 23 || get('minute') > 59 || get('second') > 59) return undefined;
  // As Java does: one of the two is wrong, and nobody can say which.
  if (values.has('weekday') && values.get('weekday') !== date.getUTCDay()) return undefined;
  const offsetMinutes = get('offset');
  const ms = date.getTime() - offsetMinutes * 60_000;
  return { ms, micros: Math.floor(nanos / 1000) % 1000, hasOffset, offsetMinutes };
};

/** Two fields of one name would contradict each other, and many of them make reading slow. */
const refuseRepeats = (fields: readonly Field[], pattern: string): void => {
  const names = fields.map((field) => field.name);
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  if (repeated !== undefined)
    throw new InvalidInput(`time format '${pattern}' has ${repeated} twice, allowed once`);
};

const patternFormat = (pattern: string): TimeFormat => {
  if (pattern.length > LONGEST_PATTERN) {
    throw new InvalidInput(
      `time format '${pattern.slice(0, 20)}…' has ${pattern.length} characters, allowed ${LONGEST_PATTERN}`,
    );
  }
  const tokens = tokenize(pattern);
  const fields = tokens.flatMap((token) => ('field' in token ? [token.field] : []));
  refuseRepeats(fields, pattern);
  const names = new Set(fields.map((field) => field.name));
  const lonely = fields.find((field) => field.needs !== undefined && !names.has(field.needs));
  if (lonely !== undefined)
    throw new InvalidInput(`time format '${pattern}' has h without a: allowed H, or h with a`);
  const unitMs = unitOf(names, pattern);
  // Everybody writes 'Z' in quotes and means UTC by it.
  const last = tokens.at(-1);
  const hasOffset = names.has('offset') || (last !== undefined && 'literal' in last && last.literal === 'Z');
  const source = tokens.map((token) =>
    'field' in token ? `(${token.field.pattern})` : escapeRegExp(token.literal),
  );
  const regExp = new RegExp(`^${source.join('')}$`, 'i');
  return {
    unitMs,
    hasOffset,
    format: (ms) => {
      const values = fieldsOfMs(Math.floor(ms / unitMs) * unitMs);
      return tokens.map((token) => ('field' in token ? token.field.format(values) : token.literal)).join('');
    },
    parse: (text) => {
      const texts = regExp.exec(text)?.slice(1);
      const values = texts === undefined ? undefined : readFields(fields, texts);
      return values === undefined ? undefined : toTime(values, hasOffset);
    },
  };
};

/**
 * Compiles `iso` (2024-05-22T12:12:50Z), `iso-offset` (2024-05-22T12:12:50.351+0000), `date`, `epoch-seconds`, `epoch-millis`, `rfc822`, or a
 * pattern such as `yyyy-MM-dd'T'HH:mm:ss.SSSZ`. Throws InvalidInput for a letter that is not supported and for gaps.
 */
export const compileTimeFormat = (format: string): TimeFormat => {
  if (format === 'epoch-seconds') return epochFormat(1000);
  if (format === 'epoch-millis') return epochFormat(1);
  if (format === 'rfc822') return rfc822;
  return patternFormat(NAMED[format] ?? format);
};
