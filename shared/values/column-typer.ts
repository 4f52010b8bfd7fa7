import { InvalidInput } from '../errors.ts';
import type { ColumnContract } from '../feed/contract.ts';
import type { Failure, Typed } from './failure.ts';
import { fail, quoted } from './failure.ts';
import { toBoolean, toDecimal, toFloat, toInteger } from './numbers.ts';
import { findExcessLength, toChar, toJsonString, toSuper, toVarchar } from './text.ts';
import { toDate, toTimeReader, toTimestamp, toTimestamptz } from './times.ts';

/** A value's way through its column: many → trim → empty → type and length → default → required. */

/** What a path gave once: text, null where the source says nil, or a failure where the element is not a value. */
export type Found = string | null | Failure;

/** A column's value in canonical text, null, or why the row is rejected. */
export type ColumnTyper = (found: readonly Found[] | Found | undefined) => string | null | Failure;

type Convert = (text: string) => Typed;

const toConvert = (column: ColumnContract): Convert => {
  const { type, format } = column;
  const { kind } = type;
  switch (kind) {
    case 'smallint':
    case 'integer':
    case 'bigint':
      return (text) => toInteger(text, kind);
    case 'decimal':
      return (text) => toDecimal(text, type.precision, type.scale);
    case 'real':
    case 'double precision':
      return (text) => toFloat(text, kind);
    case 'boolean':
      return toBoolean;
    case 'varchar':
      return (text) => toVarchar(text, type.length, column.truncate);
    case 'char':
      return (text) => toChar(text, type.length, column.truncate);
    case 'super':
      return column.many === 'json' ? toSuper : toJsonString;
    default: {
      const read = toTimeReader(format);
      if (kind === 'date') return (text) => toDate(text, read, format);
      if (kind === 'timestamp') return (text) => toTimestamp(text, read, format);
      return (text) => toTimestamptz(text, read, format);
    }
  }
};

const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13) || code >= 0x80;

/** Trims white space; most values have none, which their first and last characters say. */
const trimmed = (text: string): string =>
  isSpace(text.charCodeAt(0)) || isSpace(text.charCodeAt(text.length - 1)) ? text.trim() : text;

const isFailure = (value: Found | undefined): value is Failure => typeof value === 'object' && value !== null;

/** Makes one value of several matches, as the column's `many` says. */
const combine = (column: ColumnContract, found: readonly Found[]): Found => {
  // These two take one match, so that what is wrong with another is nothing to them.
  if (column.many === 'first') return found[0] ?? null;
  if (column.many === 'last') return found.at(-1) ?? null;
  const failure = found.find(isFailure);
  if (failure !== undefined) return failure;
  const texts = found.filter((value) => typeof value === 'string');
  switch (column.many) {
    case 'reject':
      return fail(`${found.length} elements match, allowed one`);
    case 'join':
      return texts.length === 0 ? null : texts.join(column.separator);
    case 'json':
      return toJson(column, found);
  }
};

/** An array of all matches; a string that super does not take would fail the whole batch at COPY. */
const toJson = (column: ColumnContract, found: readonly Found[]): Found => {
  const elements = found.map((value) => {
    const text = typeof value === 'string' && column.trim ? trimmed(value) : value;
    return text === '' && column.empty === 'setNull' ? null : text;
  });
  const isSuper = column.type.kind === 'super';
  for (const element of elements) {
    const excess = isSuper && typeof element === 'string' ? findExcessLength(element) : undefined;
    if (excess !== undefined) return excess;
  }
  return JSON.stringify(elements);
};

/** Compiles a column. Throws InvalidInput when its default is not of its type, or its format is none. */
export const toColumnTyper = (column: ColumnContract): ColumnTyper => {
  if (column.source.kind === 'parent') return passTyped;
  const convert = toConvert(column);
  const fallback = column.default === undefined ? null : convertDefault(column, convert, column.default);
  const type = (text: string): string | null | Failure => {
    const value = column.trim ? trimmed(text) : text;
    if (value === '' && column.empty === 'setNull') return null;
    const typed = convert(value);
    return typeof typed !== 'string' && column.onError === 'setNull' ? null : typed;
  };
  return (found) => {
    let one = found;
    if (Array.isArray(one)) one = one.length === 1 && column.many !== 'json' ? one[0] : combine(column, one);
    else if (column.many === 'json' && (typeof one === 'string' || one === null))
      one = combine(column, [one]);
    const typed = typeof one === 'string' ? type(one) : settle(column, one as Found | undefined);
    const value = typed ?? fallback;
    return value === null && column.required ? fail('a value is required') : value;
  };
};

/** A parent's value is typed already: typed again it could differ, and the child's rows would have another key. */
const passTyped: ColumnTyper = (found) => (typeof found === 'string' ? found : null);

const settle = (column: ColumnContract, found: Found | undefined): null | Failure =>
  isFailure(found) && column.onError === 'reject' ? found : null;

const convertDefault = (column: ColumnContract, convert: Convert, text: string): string => {
  const typed = column.many === 'json' ? convertArray(convert, text) : convert(text);
  if (typeof typed === 'string') return typed;
  throw new InvalidInput(`default of column ${column.name}: ${typed.reason}`);
};

/** Spaces of JSON, and its strings, which keep theirs. */
const SPACE_OR_STRING = /("(?:[^"\\]|\\.)*")|\s+/g;

/** Types a JSON array, made compact; numbers keep their digits, which JSON.stringify would round. */
const convertArray = (convert: Convert, text: string): Typed =>
  isJsonArray(text)
    ? convert(text.replace(SPACE_OR_STRING, (_, string: string | undefined) => string ?? ''))
    : fail(`${quoted(text)} is no JSON array, which many: json always gives`);

const isJsonArray = (text: string): boolean => {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
};
