import type { ColumnContract, ColumnType } from '../model/contract.ts';
import { type CopyTyped, copyOfType } from '../values/copy-typed.ts';
import { type Failure, fail, type Typed } from '../values/failure.ts';
import { type Found, isJson, isPair } from '../values/found.ts';
import { toBoolean, toDecimal, toFloat, toInteger } from '../values/numbers.ts';
import {
  LONGEST_SUPER_BYTES,
  LONGEST_TEXT_BYTES,
  toChar,
  toJsonString,
  toSuper,
  toVarchar,
} from '../values/text.ts';
import { type TimeReader, toDate, toTimeReader, toTimestamp, toTimestamptz } from '../values/times.ts';
import { as } from './as.ts';
import { format } from './format.ts';
import { many } from './many.ts';
import type { Combine, Ended, KeptColumn, Link } from './option.ts';
import { OPTIONS } from './registry.ts';
import { required } from './required.ts';
import { trim } from './trim.ts';

/** A value's way through its column, compiled of its options' links. */

/** A column's value in canonical text, null, or why the row is rejected. */
export type ColumnTyper = (found: readonly Found[] | Found | undefined) => string | null | Failure;

type Convert = (text: string) => Typed;

/** Reads a text as the column's type. */
const toConvert = (column: KeptColumn, read: TimeReader, isJson: boolean): Convert => {
  const { type } = column;
  const { kind } = type;
  const mayBeNull = !column.get(required);
  switch (kind) {
    case 'smallint':
    case 'integer':
    case 'bigint':
      return (text) => toInteger(text, kind, mayBeNull);
    case 'decimal':
      return (text) => toDecimal(text, type.precision, type.scale, mayBeNull);
    case 'real':
    case 'double precision':
      return (text) => toFloat(text, kind, mayBeNull);
    case 'boolean':
      return toBoolean;
    case 'varchar':
      return (text) => toVarchar(text, type.length);
    case 'char':
      return (text) => toChar(text, type.length);
    case 'super':
      return isJson ? toSuper : toJsonString;
    default: {
      const written = column.get(format);
      if (kind === 'date') return (text) => toDate(text, read, written);
      if (kind === 'timestamp') return (text) => toTimestamp(text, read, written);
      return (text) => toTimestamptz(text, read, written);
    }
  }
};

const present = <Step>(steps: readonly (Step | undefined)[]): readonly Step[] =>
  steps.filter((step) => step !== undefined);

/** The text's way before its type reads it. */
const toText = (links: readonly Link[], convert: Convert): Convert =>
  present(links.map(({ text }) => text)).reduceRight<Convert>(
    (next, step) => (text) => {
      const value = step(text);
      return typeof value === 'string' ? next(value) : value;
    },
    convert,
  );

/** One match on its way; null and failures stay what they are. */
const toEach = (links: readonly Link[]): ((found: Found) => Found) => {
  const whole = present(links.map(({ each }) => each)).reduce<((text: string) => string | null) | undefined>(
    (before, step) => {
      if (before === undefined) return step;
      return (text) => {
        const value = before(text);
        return value === null ? null : step(value);
      };
    },
    undefined,
  );
  return whole === undefined
    ? (found) => found
    : (found) => (typeof found === 'string' ? whole(found) : found);
};

const toEnd = (links: readonly Link[]): ((value: Ended) => Ended) | undefined => {
  const steps = present(links.map(({ end }) => end));
  if (steps.length === 0) return undefined;
  return (value) => steps.reduce((ended, step) => step(ended), value);
};

const isList = (found: readonly Found[] | Found): found is readonly Found[] => Array.isArray(found);

/** What a path found as one value: most paths match once. */
const toOne = (combine: Combine, each: (found: Found) => Found) => {
  return (found: readonly Found[] | Found | undefined): Found => {
    if (found === undefined) return null;
    if (!isList(found)) return combine.isOfOne ? combine.of([found], each) : each(found);
    const isOne = found.length === 1 && !combine.isOfOne;
    return isOne ? each(found[0] ?? null) : combine.of(found, each);
  };
};

/** How a column of times reads one. */
const toReader = (links: readonly Link[]): TimeReader =>
  links.reduce<TimeReader>((read, { time }) => time?.(read) ?? read, toTimeReader(undefined));

/** How matches become one value: the first link that says so. */
const toCombine = (links: readonly Link[]): Combine => {
  const combine = links.find((link) => link.combine !== undefined)?.combine;
  if (combine === undefined) throw new Error('no option says what several matches give');
  return combine;
};

/** Each match in its parts, where an option takes matches apart. */
const toParts = (links: readonly Link[], combine: Combine): Combine => {
  const parts = links.find((link) => link.parts !== undefined)?.parts;
  if (parts === undefined) return combine;
  const same = (found: Found): Found => found;
  return {
    isJson: combine.isJson,
    isOfOne: true,
    of: (found, each) => {
      const cut = found
        .flatMap((one): readonly Found[] =>
          typeof one === 'string' ? parts.of(one) : [isJson(one) ? NO_TEXT : one],
        )
        .map(each);
      const kept = parts.isDense ? cut.filter((one) => one !== null) : cut;
      return kept.length === 0 ? null : combine.of(kept, same);
    },
  };
};

/** The links of a column's options, in their order: each may type a text by those before it. */
const linksOf = (
  contract: ColumnContract,
): { readonly links: readonly Link[]; readonly convert: Convert } => {
  const kept: Readonly<Record<string, unknown>> = contract;
  const links: Link[] = [];
  const compile = (): Convert => {
    const isJson = toCombine(links).isJson || column.get(as) === 'json';
    return toText(links, toConvert(column, toReader(links), isJson));
  };
  const column: KeptColumn = {
    name: contract.name,
    type: contract.type,
    get: (option) => option.kept.parse(kept[option.key]),
    convert: (text) => compile()(text),
  };
  for (const option of OPTIONS) links.push(option.link(kept[option.key], column));
  return { links, convert: compile() };
};

/** What is cut at a text has to be one. */
const NO_TEXT = fail('the element has child elements, allowed a text that split can cut');

/** Pairs are made for maps alone. */
const NO_VALUE = fail('a key with its value is no value');

/** What is no text: JSON is measured alone, null and failures stay what they are. */
const toTyped = (value: Exclude<Found, string>, type: ColumnType): Ended => {
  if (isJson(value))
    return type.kind === 'varchar' ? toVarchar(value.json, type.length) : toSuper(value.json);
  return isPair(value) ? NO_VALUE : value;
};

/** Compiles a column. Throws InvalidInput when its default is not of its type, or its format is none. */
export const toColumnTyper = (contract: ColumnContract): ColumnTyper => {
  if (contract.source.kind === 'parent') return passTyped;
  const { links, convert } = linksOf(contract);
  const one = toOne(toParts(links, toCombine(links)), toEach(links));
  const end = toEnd(links);
  return (found) => {
    const value = one(found);
    const typed = typeof value === 'string' ? convert(value) : toTyped(value, contract.type);
    return end === undefined ? typed : end(typed);
  };
};

/** Whether what a path found is a value, as alternatives ask: not nothing, nor an empty text that is null. */
export const toPresence = (contract: ColumnContract): ((found: readonly Found[] | Found) => boolean) => {
  if (contract.source.kind !== 'path') return () => true;
  const each = toEach(linksOf(contract).links);
  return (found) => (isList(found) ? found : [found]).some((one) => each(one) !== null);
};

/** A parent's value is typed already: typed again it could differ, and the child's rows would have another key. */
const passTyped: ColumnTyper = (found) => (typeof found === 'string' ? found : null);

/** How the bytes of texts are written as the column's value, where no string has to be made of them: one of these. */
export interface ColumnCopy {
  /** Of char and varchar: what may be copied as it is. */
  readonly text?: { readonly mostBytes: number; readonly isTrimmed: boolean; readonly isAscii: boolean };
  readonly typed?: CopyTyped;
  /** Of a map: what its JSON and each of its strings may have. */
  readonly object?: {
    readonly mostBytes: number;
    readonly mostStringBytes: number;
    readonly isTrimmed: boolean;
  };
}

/** Undefined where an option makes something else of texts, or the type does. */
export const toColumnCopy = (contract: ColumnContract): ColumnCopy | undefined => {
  if (contract.source.kind !== 'path') return undefined;
  const { type } = contract;
  const { links } = linksOf(contract);
  const isPlain = links.every(
    ({ parts, each, isOfSpace, text, time }) =>
      parts === undefined &&
      (each === undefined || isOfSpace === true) &&
      text === undefined &&
      time === undefined,
  );
  if (!isPlain) return undefined;
  const isTrimmed = trim.kept.parse(contract.trim);
  if (many.kept.parse(contract.many) === 'map') return toObjectCopy(type, isTrimmed);
  if (toCombine(links).isOfOne) return undefined;
  if (type.kind === 'char' || type.kind === 'varchar')
    return { text: { mostBytes: type.length, isTrimmed, isAscii: type.kind === 'char' } };
  const typed = copyOfType(type);
  return typed && { typed };
};

const toObjectCopy = (type: ColumnType, isTrimmed: boolean): ColumnCopy | undefined => {
  if (type.kind === 'varchar')
    return { object: { mostBytes: type.length, mostStringBytes: type.length, isTrimmed } };
  if (type.kind !== 'super') return undefined;
  return { object: { mostBytes: LONGEST_SUPER_BYTES, mostStringBytes: LONGEST_TEXT_BYTES, isTrimmed } };
};
