import { InvalidInput } from '../errors.ts';
import type { ColumnContract } from '../model/contract.ts';
import type { Failure, Typed } from './failure.ts';
import { fail, quoted } from './failure.ts';
import { toBoolean, toDecimal, toFloat, toInteger } from './numbers.ts';
import { trimSpace } from './space.ts';
import { findExcessLength, LONGEST_TEXT_BYTES, toChar, toJsonString, toSuper, toVarchar } from './text.ts';
import { toDate, toTimeReader, toTimestamp, toTimestamptz } from './times.ts';

/** A value's way through its column: trim → empty → many → type and length → default → required. */

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

const isFailure = (value: Found | undefined): value is Failure => typeof value === 'object' && value !== null;

/** One match, trimmed and null where it is empty, as the column says. */
const toValue = (column: ColumnContract, found: Found): Found => {
  if (typeof found !== 'string') return found;
  const value = column.trim ? trimSpace(found) : found;
  return value === '' && column.empty === 'setNull' ? null : value;
};

/** Makes one value of all matches, as the column's `many` says. */
const combine = (column: ColumnContract, found: readonly Found[]): Found => {
  // These two take one match, so that what is wrong with another is nothing to them.
  if (column.many === 'first') return toValue(column, found[0] ?? null);
  if (column.many === 'last') return toValue(column, found.at(-1) ?? null);
  const failure = found.find(isFailure);
  if (failure !== undefined) return failure;
  if (column.many === 'reject') return fail(`${found.length} elements match, allowed one`);
  const values = found.map((one) => toValue(column, one));
  if (column.many === 'json') return toJson(column, values);
  const texts = values.filter((value) => typeof value === 'string');
  return texts.length === 0 ? null : texts.join(column.separator);
};

/** An array of all matches; a string that super does not take would fail the whole batch at COPY. */
const toJson = (column: ColumnContract, values: readonly Found[]): Found => {
  const isSuper = column.type.kind === 'super';
  for (const value of values) {
    const excess = isSuper && typeof value === 'string' ? findExcessLength(value) : undefined;
    if (excess !== undefined) return excess;
  }
  return JSON.stringify(values);
};

/** What a path found as one value: most paths match once, and `many: json` is an array even then. */
const toOne = (column: ColumnContract, found: readonly Found[] | Found | undefined): Found => {
  if (found === undefined) return null;
  const isList = column.many === 'json';
  if (isMany(found))
    return found.length === 1 && !isList ? toValue(column, found[0] ?? null) : combine(column, found);
  return isList ? combine(column, [found]) : toValue(column, found);
};

const isMany = (found: readonly Found[] | Found): found is readonly Found[] => Array.isArray(found);

/** Compiles a column. Throws InvalidInput when its default is not of its type, or its format is none. */
export const toColumnTyper = (column: ColumnContract): ColumnTyper => {
  if (column.source.kind === 'parent') return passTyped;
  const convert = toConvert(column);
  const fallback = column.default === undefined ? null : convertDefault(column, convert, column.default);
  return (found) => {
    const one = toOne(column, found);
    const typed = typeof one === 'string' ? convert(one) : one;
    const value = (isFailure(typed) && column.onError === 'setNull' ? null : typed) ?? fallback;
    return value === null && column.required ? fail('a value is required') : value;
  };
};

/** A parent's value is typed already: typed again it could differ, and the child's rows would have another key. */
const passTyped: ColumnTyper = (found) => (typeof found === 'string' ? found : null);

/** Characters of a default: no text of the warehouse is longer. */
const LONGEST_DEFAULT = LONGEST_TEXT_BYTES;

const convertDefault = (column: ColumnContract, convert: Convert, text: string): string => {
  if (text.length > LONGEST_DEFAULT) {
    throw new InvalidInput(
      `default of column ${column.name}: got ${text.length} characters, allowed ${LONGEST_DEFAULT}`,
    );
  }
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
