import { InvalidInput } from '../errors.ts';

/** A point of time as its text says it: fields, and how far it is ahead of UTC, if it says so. */
export interface TimeFields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Fraction digits, without the point. */
  readonly fraction: string;
  readonly offsetMinutes: number | undefined;
}

/** Minutes ahead of UTC of `Z`, `+0100`, `+01:00` or `+01`. */
export const parseOffset = (text: string): number => {
  if (text === 'Z' || text === 'z') return 0;
  const digits = text.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || 0);
  return text.startsWith('-') ? -minutes : minutes;
};

/** Reads a time that is written by a pattern such as `yyyy-MM-dd'T'HH:mm:ss.SSSZ`. */
export type TimePattern = (text: string) => TimeFields | undefined;

type Field = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'fraction' | 'offset';

const FIELDS: ReadonlyMap<string, readonly [Field, string]> = new Map([
  ['yyyy', ['year', '(\\d{4})']],
  ['MM', ['month', '(\\d\\d)']],
  ['M', ['month', '(\\d{1,2})']],
  ['dd', ['day', '(\\d\\d)']],
  ['d', ['day', '(\\d{1,2})']],
  ['HH', ['hour', '(\\d\\d)']],
  ['H', ['hour', '(\\d{1,2})']],
  ['mm', ['minute', '(\\d\\d)']],
  ['ss', ['second', '(\\d\\d)']],
  ['Z', ['offset', '(Z|[+-]\\d\\d:?\\d\\d)']],
  ['X', ['offset', '(Z|[+-]\\d\\d(?::?\\d\\d)?)']],
  ['XX', ['offset', '(Z|[+-]\\d{4})']],
  ['XXX', ['offset', '(Z|[+-]\\d\\d:\\d\\d)']],
]);

const ALLOWED = "yyyy MM M dd d HH H mm ss S… Z X XX XXX, '…' and other characters than letters";

const toLiteral = (literal: string): string => literal.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

const TOKENS = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+|./gs;

/** Compiles a pattern. Throws InvalidInput when it has letters that mean nothing here, or no date. */
export const parsePattern = (pattern: string): TimePattern => {
  const fields: Field[] = [];
  let source = '';
  for (const [token, literal, letter] of pattern.matchAll(TOKENS)) {
    if (literal !== undefined) source += toLiteral(literal === '' ? "'" : literal.replaceAll("''", "'"));
    else if (letter === undefined && token !== "'") source += toLiteral(token);
    else {
      const known = letter === 'S' ? (['fraction', `(\\d{${token.length}})`] as const) : FIELDS.get(token);
      if (known === undefined || fields.includes(known[0])) {
        throw new InvalidInput(`time format ${JSON.stringify(pattern)}: got ${token}, allowed ${ALLOWED}`);
      }
      fields.push(known[0]);
      source += known[1];
    }
  }
  if (!fields.includes('year')) {
    throw new InvalidInput(`time format ${JSON.stringify(pattern)} has no yyyy`);
  }
  const expression = new RegExp(`^${source}$`);
  return (text) => toFields(expression.exec(text), fields);
};

const toFields = (match: RegExpExecArray | null, fields: readonly Field[]): TimeFields | undefined => {
  if (match === null) return undefined;
  const value = (field: Field): string | undefined => {
    const index = fields.indexOf(field);
    return index < 0 ? undefined : match[index + 1];
  };
  const number = (field: Field, otherwise: number): number => Number(value(field) ?? otherwise);
  const offset = value('offset');
  return {
    year: number('year', 1),
    month: number('month', 1),
    day: number('day', 1),
    hour: number('hour', 0),
    minute: number('minute', 0),
    second: number('second', 0),
    fraction: value('fraction') ?? '',
    offsetMinutes: offset === undefined ? undefined : parseOffset(offset),
  };
};
